import { Readable } from "node:stream";
import t from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import type { Role } from "../../src/access/role.ts";
import { ruledRoutes, ruleOf } from "../../src/access/route-table.ts";
import { holdsDots, masked } from "../../src/privacy/mask.ts";
import { hidingOf } from "../../src/privacy/masking.ts";
import { asCsv, world } from "./world.ts";

const people = `client_id,phone,email,first_name,date_of_birth
c-1,+1 212 555 0101,ada@example.com,Ada,1815-12-10
c-2,+1 212 555 0102,grace@example.com,Grace,1906-12-09
`;
const birthday = "1815-12-10";
const number = "+12125550101";

t.test("a person is told what is known of them, and forgotten", async (t) => {
  const { ask, stores, app } = await world(t);
  await ask("POST", "/api/v1/lists?name=May", people, asCsv);
  t.equal((await ask("POST", "/api/v1/persons/export", {})).body["code"], "person-invalid");
  t.equal((await ask("POST", "/api/v1/persons/export", { numbers: ["212"] })).status, 400);
  const told = await ask("POST", "/api/v1/persons/export", { numbers: [number] });
  t.equal(told.status, 200);
  t.match(told.body, {
    format: "carillon.person/1",
    kinds: { contacts: [{ clientId: "c-1", fields: { first_name: "Ada" }, addresses: [{ number }, {}] }] },
  });
  t.notMatch(told.text, /Grace|0102/);

  const both = { clientIds: ["c-1", "c-2"], reason: "request 17" };
  t.match(await ask("POST", "/api/v1/persons/erase", both), { status: 409, body: { code: "person-ambiguous" } });
  const { status, body: erased } = await ask("POST", "/api/v1/persons/erase", { numbers: [number], reason: "request 17" });
  t.equal(status, 200);
  t.match(erased, { by: "test", reason: "request 17", counts: { contacts: 1, addresses: 2 } });
  t.match((await ask("GET", "/api/v1/erasures")).body.items, [{ id: erased["id"] }]);
  t.equal((await ask("POST", "/api/v1/persons/erase", { clientIds: ["c-1"], reason: "again" })).body["code"], "person-unknown");

  const { text } = await ask("GET", "/api/v1/audit");
  t.match(text, /erase a person/);
  t.match(text, /persons\/export/, "who looked is written down, too");
  for (const trace of [number, "ada@example.com", "c-1", "Ada"]) t.notMatch(text, trace, `${trace} is not in the audit log`);
  t.match(await ask("GET", "/api/v1/audit/verification"), { body: { whole: true } });

  const again = await ask("POST", "/api/v1/lists?name=June", people.replaceAll("c-1", "c-9"), asCsv);
  t.match(again.body, { erased: 1 }, "whoever imports them again learns that they are left out");
  t.match((await ask("POST", "/api/v1/suppressions/search", { number })).body.items, [{ source: "erasure", number: /^erased:/ }]);

  for (const role of ["supervisor", "integrator", "author", "read-only"] as const) {
    const { text: key } = await issueKey(stores.keys, `as ${role}`, { role });
    for (const url of ["/api/v1/persons/export", "/api/v1/persons/erase"]) {
      const { statusCode } = await app.inject({ method: "POST", url, payload: both, headers: { authorization: `Bearer ${key}` } });
      t.equal(statusCode, 403, `${url} is not for ${role}`);
    }
  }
  t.match((await ask("GET", "/api/v1/retention")).body.items[0], { kind: "traces", days: 90, removed: 0 });
});

t.test("each role sees of people what the configuration lets it see", async (t) => {
  const hidden = { supervisor: ["fields"], integrator: ["texts"] } as const;
  const settings = { "masking.sensitiveFields": "date_of_birth", "masking.supervisor": "fields", "masking.integrator": "texts" };
  const { ask, app, stores } = await world(t, {}, settings);
  const listId = String((await ask("POST", "/api/v1/lists?name=May", people, asCsv)).body["listId"]);
  const contactId = String((await ask("GET", `/api/v1/lists/${listId}/contacts`)).body.items[0]?.["id"]);
  await stores.scripts.publish("reminder", "script: reminder\n");
  const { rows } = await stores.pool.query<{ id: string }>(
    `insert into campaign (name, list_id, channel, state, script_id, mode, trunk, caller_id, max_cps, max_lines, ring_timeout_ms, window_start_minute, window_end_minute, window_weekdays, default_time_zone, created_at)
     select 'May', $1, 'voice', 'draft', id, 'ivr', 'carrier-a', '+12125550100', 1, 1, 25000, 480, 1200, '[1]', 'UTC', now() from script returning id::text`,
    [listId],
  );
  const campaignId = rows[0]?.id ?? "";
  const { rows: made } = await stores.pool.query<{ id: string }>(
    `insert into attempt (campaign_id, contact_id, channel, address, state, result, reason, node, permit_until, reserved_at, sending_at, ended_at)
     values ($1, $2, 'sms', $3, 'ended', 'delivered', 'told +12125550101', 'node-1', now(), now(), now(), now()) returning id::text`,
    [campaignId, contactId, number],
  );
  const attemptId = made[0]?.id ?? "";
  await stores.pool.query(
    "insert into message (attempt_id, via, from_address, text, parts, submitted_at) values ($1, 'smsc-1', '+12125550100', 'Dear Ada', 1, now())",
    [attemptId],
  );
  await stores.pool.query(
    `insert into incoming_message (via, from_address, to_address, at, text, details, contact_id, campaign_id, state, complete)
     values ('smsc-1', $1, '+12125550100', now(), 'call my lawyer', '{}', $2, $3, 'kept', true)`,
    [number, contactId, campaignId],
  );
  const urls = [
    `/api/v1/contacts/${contactId}`,
    `/api/v1/lists/${listId}/contacts`,
    `/api/v1/contacts/${contactId}/timeline`,
    `/api/v1/attempts/${attemptId}`,
    `/api/v1/campaigns/${campaignId}/attempts`,
    `/api/v1/campaigns/${campaignId}/calling-list?fields=date_of_birth`,
    `/api/v1/campaigns/${campaignId}/calling-list?fields=date_of_birth&format=csv`,
    `/api/v1/messages`,
    `/api/v1/messages/${attemptId}`,
    `/api/v1/incoming-messages`,
  ];
  const standard = ["numbers", "mailboxes", "fields", "texts"] as const;
  const hides: Readonly<Record<Exclude<Role, "agent">, readonly (typeof standard)[number][]>> = {
    ...{ owner: [], admin: [], "read-only": standard, author: standard },
    ...hidden,
  };
  const traces = {
    numbers: ["+12125550101"],
    mailboxes: ["ada@example.com", "grace@example.com"],
    fields: [birthday],
    texts: ["Dear Ada", "call my lawyer"],
  };
  const shown = new Map<string, string>();
  let looked = 0;
  for (const role of Object.keys(hides) as (keyof typeof hides)[]) {
    const { text: key } = await issueKey(stores.keys, `as ${role}`, { role });
    let all = "";
    for (const url of urls) {
      const { statusCode, body } = await app.inject({ url, headers: { authorization: `Bearer ${key}` } });
      if (role === "author") t.equal(statusCode, 403, `${url} is not for authors`);
      else t.equal(statusCode, 200, `${role} reads ${url}: ${body.slice(0, 200)}`);
      all += body;
      looked += 1;
    }
    shown.set(role, all);
    if (role === "author") continue;
    for (const kind of standard)
      for (const trace of traces[kind])
        t.equal(all.includes(trace), !hides[role].includes(kind), `${role} ${hides[role].includes(kind) ? "does not see" : "sees"} ${trace}`);
  }
  t.match(shown.get("read-only"), "•••01", "the end of a number tells which of several it is");
  t.match(shown.get("read-only"), "Ada", "and what is not sensitive is there");
  t.comment(`${looked} answers were looked into`);

  const { text: integrator } = await issueKey(stores.keys, "crm", { role: "integrator" });
  const put = await app.inject({
    ...{ method: "PATCH", url: `/api/v1/contacts/${contactId}`, headers: { authorization: `Bearer ${integrator}` } },
    payload: { fields: { remark: "•••" } },
  });
  t.match(put.json(), { code: "request-invalid" }, "what is hidden is not written over what is there");

  // What is hidden is not to be had by asking about it either.
  const asAuthor = { authorization: `Bearer ${(await issueKey(stores.keys, "words", { role: "author" })).text}` };
  await ask("POST", "/api/v1/templates", { name: "born", channel: "sms", text: "{{ first_name }}, you were born {{ date_of_birth }}." });
  await ask("POST", "/api/v1/templates", { name: "owes", channel: "sms", text: "{{ date_of_birth | money: 'USD' }}" });
  const previewed = (name: string, body: object) =>
    app.inject({ method: "POST", url: `/api/v1/templates/${name}`, payload: body, headers: asAuthor }).then((answer) => answer.json());
  t.match(
    await previewed("born/preview", { contactId }),
    { text: "Ada, you were born •••.", sms: { encoding: "gsm", units: 30 } },
    "at its true cost",
  );
  t.match(await previewed("born/preview", { contactId, fields: { date_of_birth: "1990" } }), { text: "Ada, you were born 1990." });
  t.match(await previewed("born/check", { listId }), { worst: { text: "Grace, you were born •••.", units: 32 } });
  for (const asked of [await previewed("owes/preview", { contactId }), await previewed("owes/check", { listId })]) {
    t.match(JSON.stringify(asked), "held");
    t.notMatch(JSON.stringify(asked), birthday, "nor by why they would get nothing");
  }
  const trial = { expression: 'fields.date_of_birth.startsWith("18")' };
  const times = { ...trial, from: "2026-01-01T00:00:00Z" };
  for (const role of ["read-only", "supervisor"] as const) {
    const authorization = `Bearer ${(await issueKey(stores.keys, `tries as ${role}`, { role })).text}`;
    for (const [url, payload] of [
      ["trial", { ...trial, campaignId }],
      ["backtest", times],
    ] as const) {
      const tried = await app.inject({ method: "POST", url: `/api/v1/rules/${url}`, payload, headers: { authorization } });
      t.match(tried.json(), { status: 403, code: "forbidden" }, `${role} spells nothing out by a ${url}`);
    }
  }
  const tried = await ask("POST", "/api/v1/rules/trial", { expression: "number(fields.date_of_birth) < 5.0", campaignId });
  t.match(tried.body, { asked: 2, held: 2, undecided: { "number() was given a text that says none": 2 } });

  // Every route that shows people is masked by the one table, not by its own goodwill.
  const masking = ruledRoutes.filter((route) => {
    const [method = "", url = ""] = route.split(" ");
    return ruleOf(method, url)?.people === true;
  });
  for (const url of [
    "GET /api/v1/contacts/:id",
    "GET /api/v1/callbacks",
    "GET /api/v1/stream",
    "GET /api/v1/incoming-mails/:id",
    "POST /api/v1/templates/:name/preview",
  ])
    t.ok(masking.includes(url), `${url} shows people`);
  const options = { sensitiveFields: [], supervisor: [], author: [], agent: [], integrator: [], readOnly: ["numbers" as const] };
  t.same([...hidingOf(options, "something new").hides], ["numbers"], "a role that is not known sees no more than those who only read");
});

t.test("what is hidden is hidden wherever it stands, and nothing else is", async (t) => {
  const hiding = { hides: new Set(["numbers", "mailboxes", "fields", "texts"] as const), sensitive: new Set(["born"]) };
  const table: readonly (readonly [unknown, unknown])[] = [
    [{ address: "+12125550101" }, { address: "•••01" }],
    [{ callerId: "+12125550100", id: "2125550101", sender: "+12125550100" }, "same"],
    [
      { sip: { uri: "sip:+12125550101@carrier.example", headers: { to: "<sip:12125550101@carrier.example>" } } },
      { sip: { uri: "sip:••••••@carrier.example", headers: { to: "<sip:••••••@carrier.example>" } } },
    ],
    [{ uri: "sip:0016512125550101@10.0.0.1" }, { uri: "sip:•••01@10.0.0.1" }],
    [{ uri: "sip:9#02125550101;npdi;rn=+12125550100@10.0.0.1:5060" }, { uri: "sip:•••01@10.0.0.1:5060" }],
    [
      { headers: { diversion: "<tel:02079460101;phone-context=+44>;reason=no-answer" } },
      { headers: { diversion: "<tel:•••01;phone-context=+44>;reason=no-answer" } },
    ],
    [{ uri: "sip:10.0.0.1:5060;lr", contact: "sip:carillon2@10.0.0.1" }, "same"],
    [{ reason: "550 no ada@example.com here" }, { reason: "550 no •••@example.com here" }],
    [{ person: "ada!lovelace/born=1815@example.com" }, { person: "•••@example.com" }],
    [{ fields: { born: "1815", name: "Ada", mobile: "+12125550101" } }, { fields: { born: "•••", name: "Ada", mobile: "•••01" } }],
    [
      { text: "Dear Ada", note: "", at: "2026-11-23T06:25:00+00:00", n: 5, none: null },
      { text: "•••", note: "•••", at: "2026-11-23T06:25:00+00:00", n: 5, none: null },
    ],
    [
      { person: "ada@example.com", lines: [{ subject: "Re: Debt", attachments: [{ filename: "divorce.pdf", type: "application/pdf", octets: 4 }] }] },
      { person: "•••@example.com", lines: [{ subject: "•••", attachments: [{ filename: "•••", type: "application/pdf", octets: 4 }] }] },
    ],
    [{ answers: [{ name: "nps", value: "9" }] }, { answers: [{ name: "nps", value: "•••" }] }],
    [
      ["+442079460000", 12125550101, true],
      ["•••00", 12125550101, true],
    ],
  ];
  for (const [value, shown] of table) t.same(masked(value, hiding), shown === "same" ? value : shown, JSON.stringify(value));
  const stream = Readable.from(["+12125550101"]);
  t.equal(masked(stream, hiding), stream, "a stream is its route's to mask");
  t.notOk(holdsDots(stream));
  t.ok(holdsDots({ fields: [{ remark: "was ••• before" }] }));
  const all = { address: "+12125550101" };
  t.equal(masked(all, { hides: new Set(), sensitive: new Set() }), all, "what hides nothing costs nothing");
});

t.test("the stream shows a role what the configuration lets it see", async (t) => {
  const { app, ask, stores } = await world(t);
  const { text: key } = await issueKey(stores.keys, "wall", { role: "read-only" });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  const headers = { authorization: `Bearer ${key}` };
  const stopped = new AbortController();
  t.teardown(() => stopped.abort());
  const { body } = await fetch(`${url}/api/v1/stream?types=suppression.added`, { headers, signal: stopped.signal });
  const reader = body?.getReader();
  let told = "";
  const readUntil = async (wanted: string) => {
    while (!told.includes(wanted)) {
      const { value, done } = (await reader?.read()) ?? { done: true };
      if (done) return t.fail(`the stream ended before ${wanted}: ${told}`);
      told += Buffer.from(value ?? []).toString();
    }
  };
  await readUntil("retry:");
  t.equal((await ask("POST", "/api/v1/suppressions", { number, reason: "asked to" })).status, 201);
  await readUntil("suppression.added");
  await readUntil("•••01");
  t.notMatch(told, number);
});
