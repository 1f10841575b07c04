import t from "tap";
import type { EmailSource, SmsSource } from "../../src/template/ports.ts";
import { openWorld } from "./stores-kit.ts";

const sms: SmsSource = { name: "reminder", channel: "sms", text: '{first_name}, {amount | money: "USD"} is due.' };
const email: EmailSource = {
  name: "letter",
  channel: "email",
  language: "es-US",
  subject: "{first_name}",
  html: "<p>{first_name}</p>",
  attachments: [{ name: "a.txt", type: "text/plain", content: "aGk=" }],
};

t.test("templates are published in versions that stay as they are", async (t) => {
  const { stores, open } = await openWorld(t);
  const { templates } = stores;
  t.equal(await templates.current("reminder"), undefined);
  t.equal(await templates.version("1"), undefined);
  t.equal(await templates.version("no id"), undefined);
  const first = await templates.publish(sms, "key crm");
  t.match(first, { fresh: true, version: { name: "reminder", version: 1, source: sms, publishedBy: "key crm" } });
  t.match(await templates.publish({ ...sms }, "key other"), { fresh: false, version: { id: first.version.id, publishedBy: "key crm" } });
  const second = await templates.publish({ ...sms, text: "New, {first_name}" }, "key crm");
  t.match(second, { fresh: true, version: { version: 2 } });
  t.match(await templates.publish(sms, "key crm"), { fresh: true, version: { version: 3 } }, "an older text again is the newest version");
  await t.rejects(templates.publish({ ...email, name: "reminder" }, "key crm"), { code: "template-channel" });
  const letter = await templates.publish(email, "key crm");

  const kept = await templates.version(first.version.id);
  t.equal(kept?.channel === "sms" && kept.text.render({ first_name: "Ann", amount: "5" }), "Ann, $5.00 is due.");
  t.equal(await templates.version(first.version.id), kept, "read once");
  t.match(await templates.current("letter"), { channel: "email", versionId: letter.version.id, attachments: [{ content: Buffer.from("hi") }] });
  t.match(await templates.current("reminder"), { version: 3 });
  t.match(await templates.find("reminder", 2), { source: { text: "New, {first_name}" } });
  t.equal(await templates.find("reminder", 9), undefined);
  t.same(
    (await templates.all({ limit: 10 })).map(({ name, version }) => [name, version]),
    [
      ["reminder", 3],
      ["letter", 1],
    ],
  );
  const page = await templates.versions("reminder", { limit: 2 });
  t.same(
    page.map(({ version }) => version),
    [3, 2],
  );
  t.match(await templates.versions("reminder", { limit: 2, afterId: page[1]?.id ?? "" }), [{ version: 1 }]);

  const other = await open();
  const race = await Promise.all(
    ["a", "b", "c", "d"].map((text, index) => (index % 2 ? other : stores).templates.publish({ ...sms, name: "race", text }, "key crm")),
  );
  t.same(race.map(({ version }) => version.version).toSorted(), [1, 2, 3, 4], "no number twice, none left out");
  for (const change of ["update template_version set version = 9", "delete from template_version", "truncate template_version cascade"])
    await t.rejects(stores.pool.query(change), /append-only/, change);
});
