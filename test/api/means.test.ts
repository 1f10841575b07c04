import t from "tap";
import { listBinds, listPools, listSenders } from "../../src/command/means.ts";
import { csv, world } from "./world.ts";

t.test("what the configuration has for writing is shown, without its secrets", async (t) => {
  const settings = {
    "sms.binds": [{ name: "main", host: "smsc.example.com", systemId: "we", password: "hush-1", maxPerSecond: 5 }],
    "sms.senders": [{ name: "short", address: "55501", kind: "short-code", binds: ["main"] }],
    "email.pools": [{ name: "relay", host: "mail.example.com", user: "we", password: "hush-2" }],
  };
  const login = { user: "we", password: "hush-3", hostKeys: [`SHA256:${"A".repeat(43)}`] };
  const feeds = [{ name: "crm", does: "import", list: "people", host: "sftp.example.com", folder: "/out", ...login }];
  const { ask, app, key, components, stores } = await world(t, {}, { ...settings, feeds });
  components.push({ name: "bind:main", ready: false, note: "it does not answer" });
  const [binds, pools, senders] = await Promise.all(["binds", "mail-pools", "senders"].map((noun) => ask("GET", `/api/v1/${noun}`)));
  t.match(binds?.body.items, [{ name: "main", host: "smsc.example.com", port: 2775, maxPerSecond: 5, up: false, note: "it does not answer" }]);
  t.match(pools?.body.items, [{ name: "relay", host: "mail.example.com", port: 587, tls: "required", connections: 5 }]);
  t.notOk("up" in (pools?.body.items[0] ?? {}), "of what this node does not use nothing is known");
  t.same(senders?.body.items, [{ channel: "sms", name: "short", address: "55501", through: ["main"] }]);
  t.notMatch(`${binds?.text}${pools?.text}`, /hush/);

  const there = { url: await app.listen({ host: "127.0.0.1", port: 0 }), key };
  t.match(await listBinds(there), /^BIND +STATE .*\nmain +down +smsc\.example\.com:2775 +we +transceiver +1 +5 +it does not answer$/);
  t.match(await listPools(there), /^POOL +STATE .*\nrelay +not used +mail\.example\.com:587 +required +5 +-$/);
  t.match(await listSenders(there), /^SENDER +CHANNEL +ADDRESS +THROUGH\nshort +sms +55501 +main$/);
  t.same(JSON.parse(await listSenders({ ...there, json: true })), senders?.body.items);

  await stores.feeds.know([
    { name: "crm", firstAt: 1000 },
    { name: "elsewhere", firstAt: 1000 },
  ]);
  await stores.feeds.note({ feed: "crm", state: "failed", fault: "sftp.example.com does not answer" });
  const list = await ask("GET", "/api/v1/feeds");
  const crm = { name: "crm", here: true, does: "import", host: "sftp.example.com", folder: "/out", failures: 0 };
  t.match(list.body.items, [crm, { name: "elsewhere", here: false }]);
  const one = await ask("GET", "/api/v1/feeds/crm");
  t.match(one, { status: 200, body: crm });
  const runs = await ask("GET", "/api/v1/feeds/crm/runs");
  t.match(runs.body.items, [{ state: "failed", fault: "sftp.example.com does not answer" }]);
  t.match(await ask("POST", "/api/v1/feeds/crm/look"), { status: 202, body: { name: "crm" } });
  t.notMatch(`${list.text}${one.text}${runs.text}`, /hush/);
  for (const [method, path] of [
    ["GET", ""],
    ["GET", "/runs"],
    ["POST", "/look"],
  ] as const)
    t.match(await ask(method, `/api/v1/feeds/none${path}`), { status: 404, body: { code: "feed-unknown" } });
});

t.test("events that were told are kept to be seen, and what they did", async (t) => {
  const { ask } = await world(t);
  await ask("POST", "/api/v1/lists?name=May", csv, { "content-type": "text/csv" });
  const told = { name: "payment-received", key: "p-1", clientId: "c-1", amount: 12.5, currency: "EUR", occurredAt: "2026-03-02T15:04:05.000Z" };
  const { body: one } = await ask("POST", "/api/v1/events", told);
  await ask("POST", "/api/v1/events", { name: "confirmed", address: "+12125550102" });
  t.match((await ask("GET", "/api/v1/events")).body.items, [
    { ...told, id: one["id"], receivedAt: /^2/ },
    { name: "confirmed", address: "+12125550102", clientId: undefined },
  ]);
  const { body: page } = await ask("GET", "/api/v1/events?limit=1");
  t.match((await ask("GET", `/api/v1/events?cursor=${page["next"]}`)).body.items, [{ name: "confirmed" }]);
  t.match((await ask("GET", `/api/v1/events/${one["id"]}`)).body, { ...told, contacts: [{ contactId: /./ }] });
  t.match(await ask("GET", "/api/v1/events/999"), { status: 404, body: { code: "event-unknown" } });
});

t.test("what people write to and fro with agents is shown to those who see to it", async (t) => {
  const { ask, stores } = await world(t);
  const { id: groupId } = await stores.agents.addGroup("Desk", { wrapUpMs: 0, extensionMs: 0, maxExtensions: 0 });
  const { id: agentId } = await stores.agents.addAgent("Ann");
  const { rows } = await stores.pool.query<{ id: string }>(
    `insert into conversation (channel, person_address, own_address, group_id, state, opened_at, waits_since, closed_at, closed_by, code)
     values ('sms', '+12125550101', '+15550100100', $1, 'waiting', now(), now(), null, null, null), ('sms', '+12125550102', '+15550100100', $1, 'closed', now(), null, now(), $2, 'done')
     returning id::text`,
    [groupId, agentId],
  );
  const [waits, over] = rows;
  t.match((await ask("GET", "/api/v1/conversations")).body.items, [
    { id: waits?.id, person: "+12125550101", state: "waiting", waitsSince: /./, group: { name: "Desk" } },
    { id: over?.id, state: "closed" },
  ]);
  t.same(
    (await ask("GET", "/api/v1/conversations?state=closed")).body.items.map(({ id }) => id),
    [over?.id],
  );
  t.match((await ask("GET", `/api/v1/conversations/${waits?.id}`)).body, { ours: "+15550100100", lines: [] });
  await stores.pool.query(
    `insert into incoming_mail (inbox, mail_key, at, kind, from_address, own_address, recipients, subject, text, attachments, reason, size, raw)
     values ('back', 'k', now(), 'other', 'ada@people.example', 'service@acme.example', '[]', 'A question', E'Who are\u202e you?\n> We', '[{"filename": "a.png", "type": "image/png", "octets": 3}]', '', 9, '')`,
  );
  const byMail = `insert into conversation (channel, person_address, own_address, group_id, state, opened_at, waits_since)
    values ('email', 'ada@people.example', 'service@acme.example', $1, 'waiting', now(), now()) returning id::text`;
  const [asked] = (await stores.pool.query<{ id: string }>(byMail, [groupId])).rows;
  const { body: card } = await ask("GET", `/api/v1/conversations/${asked?.id}`);
  t.match(card, { channel: "email", person: "ada@people.example", ours: "service@acme.example" });
  const attachments = [{ filename: "a.png", type: "image/png", octets: 3 }];
  t.match(card["lines"], [{ from: "person", text: "Who are you?", subject: "A question", attachments }]);
  t.match(await ask("GET", "/api/v1/conversations/999"), { status: 404, body: { code: "conversation-unknown" } });
});
