import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import * as webhook from "../../src/command/webhook.ts";
import { openWorld } from "../adapter/stores-kit.ts";
import { openFolder } from "../harness/lab-process.ts";
import { runCli } from "../harness/serve-process.ts";
import { isSignedWith, openReceiver } from "../webhook/receiver.ts";

t.setTimeout(280_000);

t.test("webhook: made, tried, changed, sent again and removed at the command line", async (t) => {
  const { stores, url } = await openWorld(t);
  const crm = await openReceiver(t);
  const folder = openFolder(t);
  const config = join(folder, "carillon.yaml");
  const secret = { key: randomBytes(32).toString("base64") };
  writeFileSync(config, JSON.stringify({ database: { url }, secret, webhookDelivery: { privateNetworks: ["127.0.0.0/8"] } }));
  const options = { config };

  const events = "attempt.ended,event.received";
  const { code, stdout } = await runCli(t, ["webhook", "add", "crm", "--url", crm.url, "--events", events], { cwd: folder });
  t.equal(code, 0);
  const [, shown = ""] = /^(whsec_\S+)$/m.exec(stdout) ?? [];
  t.match(await webhook.testWebhook("crm", options), { taken: true, said: /^crm took it \(204\)/ });
  t.ok(crm.told[0] && isSignedWith(shown, crm.told[0]));
  t.match((await webhook.listWebhooks(options)).split("\n"), [/^NAME/, /^crm +on +http:.*attempt.ended,event.received$/]);
  t.match(webhook.listEventTypes(), /callback\.missed +A callback was due/);
  await t.rejects(webhook.addWebhook("bad", { ...options, url: "https://a.example/", events: "nothing.at.all" }), { code: "webhook-invalid" });
  await t.rejects(webhook.testWebhook("nobody", options), { code: "webhook-unknown", message: /carillon webhook list/ });

  await stores.events.record({ name: "paid", clientId: "c-1", occurredAt: Date.now() });
  t.match(await webhook.listMessages("crm", options), /event\.received .* waiting +0/);
  t.match(await webhook.changeWebhook("crm", { ...options, off: true, events: "campaign.changed" }), /^crm \(off\) is told of campaign.changed/);
  t.notMatch(await webhook.rotateWebhook("crm", options), shown);
  const newer = { key: randomBytes(32).toString("base64"), previousKeys: [secret.key] };
  writeFileSync(config, JSON.stringify({ database: { url }, secret: newer }));
  t.match(await webhook.resealWebhooks(options), /: crm\.$/);
  t.match(await webhook.removeWebhook("crm", options), /^crm is told nothing/);
});
