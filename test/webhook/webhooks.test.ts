import { randomBytes } from "node:crypto";
import t, { type Test } from "tap";
import { type World, world } from "../api/world.ts";
import { until } from "../harness/far-side.ts";
import { isSignedWith, openReceiver } from "./receiver.ts";

const settings = { "secret.key": randomBytes(32).toString("base64"), "webhookDelivery.privateNetworks": ["127.0.0.0/8"] };

async function add({ ask }: World, t: Test, wish: Record<string, unknown>): Promise<{ id: string; secret: string }> {
  const { status, body } = await ask("POST", "/api/v1/webhooks", wish);
  t.equal(status, 201, JSON.stringify(body));
  return { id: String(body["id"]), secret: String(body["secret"]) };
}

t.test("webhooks", async (t) => {
  const w = await world(t, {}, settings);
  const { ask, stores } = w;
  const { pool } = stores;
  const crm = await openReceiver(t);
  const event = (name: string) => ask("POST", "/api/v1/events", { name, clientId: "c-1", amount: 12.5, currency: "USD" });

  await t.test("are added, changed and removed; the secret is shown once", async (t) => {
    const { id, secret } = await add(w, t, { name: "first", url: crm.url, events: ["event.received"] });
    t.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    const { body: shown } = await ask("GET", `/api/v1/webhooks/${id}`);
    t.same([shown["name"], shown["active"], shown["events"]], ["first", true, ["event.received"]]);
    t.notMatch(JSON.stringify([shown, (await ask("GET", "/api/v1/webhooks")).body]), /whsec/);
    const { rows } = await pool.query("select sealed_secret from webhook");
    t.notMatch(rows[0].sealed_secret, secret.slice(6, 30), "sealed in the database");
    t.equal((await ask("POST", "/api/v1/webhooks", { name: "first", url: crm.url, events: [] })).body["code"], "webhook-exists");
    for (const url of [
      "http://10.0.0.8/",
      "http://[::1]/x",
      "https://169.254.169.254/latest/meta-data",
      "http://0x7f000001.example:70000/",
      "https://me:pass@a.example/",
    ]) {
      const { status, body } = await ask("POST", "/api/v1/webhooks", { name: "bad", url, events: [] });
      t.same([status, body["code"]], [422, "webhook-invalid"], url);
    }
    t.equal((await ask("POST", "/api/v1/webhooks", { name: "bad", url: "ftp://a.example/", events: ["no.such"] })).status, 400);
    const { body: changed } = await ask("PATCH", `/api/v1/webhooks/${id}`, { events: ["campaign.changed"], active: false });
    t.same([changed["events"], changed["active"]], [["campaign.changed"], false]);
    t.equal((await ask("DELETE", `/api/v1/webhooks/${id}`)).status, 204);
    t.equal((await ask("GET", `/api/v1/webhooks/${id}`)).body["code"], "webhook-unknown");
  });

  await t.test("are told what happens, signed; and nothing that they did not ask for", async (t) => {
    const { secret } = await add(w, t, {
      name: "crm",
      url: crm.url,
      events: ["event.received", "suppression.added", "attempt.ended", "attempt.changed"],
    });
    t.equal((await event("paid")).status, 201);
    const told = await crm.next(({ body }) => body.type === "event.received");
    t.match(told.body.data, { name: "paid", clientId: "c-1", amount: 12.5, currency: "USD", eventId: /^\d+$/ });
    t.ok(isSignedWith(secret, told));
    t.ok(Math.abs(Number(told.headers["webhook-timestamp"]) - Date.now() / 1000) < 60);
    t.equal((await ask("POST", "/api/v1/suppressions", { number: "+12125550199", reason: "asked" })).status, 201);
    t.match((await crm.next(({ body }) => body.type === "suppression.added")).body.data, { number: "+12125550199", reason: "asked" });
    // Several at once, as batches end them; what was ended before and changes otherwise is not told again.
    await pool.query(`insert into attempt (campaign_id, contact_id, channel, address, state, node, permit_until, reserved_at)
      select 1, n, 'sms', '+1212555' || n, 'sending', 'node-1', now(), now() from generate_series(1000, 1002) n`);
    await pool.query("update attempt set state = 'ended', result = 'sent', ended_at = now()");
    await pool.query("update attempt set again_at = now()");
    await pool.query("update attempt set result = 'delivered' where contact_id = 1001");
    const changed = await crm.next(({ body }) => body.type === "attempt.changed");
    t.match(changed.body.data, { contactId: "1001", result: "delivered", channel: "sms", campaignId: "1" });
    await until(() => crm.told.length === 6, "all to be told");
    t.same(
      crm.told
        .filter(({ body }) => body.type === "attempt.ended")
        .map(({ body }) => body.data["contactId"])
        .sort(),
      ["1000", "1001", "1002"],
    );
    t.equal(new Set(crm.told.map(({ headers }) => headers["webhook-id"])).size, 6);
  });

  await t.test("are told again until they take it; what is given up can be sent again", async (t) => {
    const shop = await openReceiver(t);
    shop.answer = (response) => response.writeHead(302, { location: crm.url }).end();
    const { id } = await add(w, t, { name: "shop", url: shop.url, events: ["event.received"] });
    const known = crm.told.length;
    const last = async () => (await ask("GET", `/api/v1/webhooks/${id}/messages`)).body.items.at(-1) ?? {};
    await event("refused");
    await until(async () => "lastTry" in (await last()), "the first try to be written down");
    t.match(await last(), { state: "waiting", tries: 1, lastTry: { status: 302, reason: /redirects are not followed/ } });
    await until(() => crm.told.length === known + 1, "the other webhook to be told, and nothing to be sent on");
    t.ok((await ask("GET", `/api/v1/webhooks/${id}`)).body["failingSince"]);

    await pool.query("update webhook_message set due_at = now(), created_at = now() - interval '4 days' where webhook_id = $1", [id]);
    await until(async () => (await last())["state"] === "dead", "it to be given up");
    t.equal((await ask("GET", `/api/v1/webhooks/${id}/messages?state=dead`)).body.items.length, 1);
    t.equal((await ask("GET", `/api/v1/webhooks/${id}/messages?state=delivered`)).body.items.length, 0);

    shop.answer = (response) => response.writeHead(200).end("{}");
    const before = shop.told.length;
    t.same((await ask("POST", `/api/v1/webhooks/${id}/replay`)).body, { replayed: 1 });
    await until(async () => (await last())["state"] === "delivered", "it to be taken");
    t.equal(new Set(shop.told.map(({ headers }) => headers["webhook-id"])).size, 1, "the same id with every try");
    t.equal(shop.told.length, before + 1);
    t.notOk((await ask("GET", `/api/v1/webhooks/${id}`)).body["failingSince"]);

    const one = `/api/v1/webhooks/${id}/messages/${(await last())["id"]}`;
    t.equal((await ask("POST", `${one}/replay`)).body["state"], "waiting");
    t.equal((await ask("POST", `/api/v1/webhooks/${id}/messages/999999/replay`)).body["code"], "webhook-message-unknown");
    await until(async () => (await ask("GET", one)).body["state"] === "delivered", "it to be taken once more");
  });

  await t.test("that want nothing any more are switched off, and others are told", async (t) => {
    const gone = await openReceiver(t);
    gone.answer = (response) => response.writeHead(410).end();
    const { id } = await add(w, t, { name: "gone", url: gone.url, events: ["event.received"] });
    const { id: watcher } = await add(w, t, { name: "watcher", url: crm.url, events: ["webhook.disabled"] });
    await event("again");
    t.match((await crm.next(({ body }) => body.type === "webhook.disabled")).body.data, { webhookId: id, name: "gone", reason: /410/ });
    t.match((await ask("GET", `/api/v1/webhooks/${id}`)).body, { active: false, disabledReason: /410/ });
    t.match((await ask("PATCH", `/api/v1/webhooks/${id}`, { active: true })).body, { active: true, disabledReason: undefined });
    for (const each of [id, watcher]) await ask("DELETE", `/api/v1/webhooks/${each}`);
    t.same((await pool.query("select 1 from webhook_message where webhook_id = any($1)", [[id, watcher]])).rows, []);
  });

  await t.test("change over to another secret, and can be tried", async (t) => {
    const bank = await openReceiver(t);
    const { id, secret } = await add(w, t, { name: "bank", url: bank.url, events: [] });
    const { body: rotated } = await ask("POST", `/api/v1/webhooks/${id}/rotate`, { previousHours: 1 });
    t.not(rotated["secret"], secret);
    t.ok(rotated["previousSecretUntil"]);
    t.match((await ask("POST", `/api/v1/webhooks/${id}/test`)).body, { taken: true, status: 204 });
    const [tried] = bank.told;
    t.equal(tried?.body.type, "webhook.test");
    t.ok(tried && isSignedWith(String(rotated["secret"]), tried) && isSignedWith(secret, tried));
    await ask("POST", `/api/v1/webhooks/${id}/rotate`, { previousHours: 0 });
    await ask("POST", `/api/v1/webhooks/${id}/test`);
    t.notOk(bank.told[1] && isSignedWith(secret, bank.told[1]), "the old one signs no more");
    bank.answer = (response) => response.destroy();
    t.match((await ask("POST", `/api/v1/webhooks/${id}/test`)).body, { taken: false, reason: String });
  });
});

t.test("without a key to seal with there is no webhook", async (t) => {
  const { ask } = await world(t);
  const { body } = await ask("POST", "/api/v1/webhooks", { name: "crm", url: "https://crm.example/", events: [] });
  t.equal(body["code"], "secret-key-missing");
});
