import t from "tap";
import { resultNames } from "../../src/attempt/result.ts";
import { day, openReportWorld } from "./kit.ts";

t.test("counters follow the log through every change, and can be made anew from it", async (t) => {
  const { stores, client, end } = await openReportWorld(t);
  const { reports } = stores;
  const scope = day("2026-03-28T00:00Z", "2026-03-30T00:00Z", "Europe/Berlin");
  await end(
    { id: 1, result: "human", at: "2026-03-28T22:59Z", talkS: 31, outcome: "paid", via: "carrier-a" },
    { id: 2, result: "busy", at: "2026-03-28T23:00Z", via: "carrier-b" },
    { id: 3, result: "human", at: "2026-03-29T01:30Z", talkS: 0, inbound: true },
    { id: 4, campaign: 2, channel: "sms", result: "sent", at: "2026-03-29T01:00Z", via: "smsc-1", parts: 3 },
    { id: 5, campaign: 3, channel: "email", result: "carrier-fault", at: "2026-03-29T21:59Z", via: "pool" },
    { id: 6, result: "canceled", at: "2026-03-29T22:00Z" },
  );
  // A report that comes later, a change that is none, and an outcome that is known after the end.
  await client.query("update attempt set result = 'delivered' where id = 4");
  await client.query("update attempt set again_at = now() where state = 'ended'");
  await client.query("update attempt set outcome = 'told' where id = 2");

  const read = async () => (await reports.counts(scope, "day")).map(({ key, channel, inbound, results }) => [key, channel, inbound, results]);
  const expected = [
    ["2026-03-28", "voice", false, { human: 1 }],
    ["2026-03-29", "email", false, { "carrier-fault": 1 }],
    ["2026-03-29", "sms", false, { delivered: 1 }],
    ["2026-03-29", "voice", false, { busy: 1 }],
    ["2026-03-29", "voice", true, { human: 1 }],
    ["2026-03-30", "voice", false, { canceled: 1 }],
  ];
  t.same(await read(), expected, "at once, and on days as Berlin has them, of which the 29th has 23 hours");
  t.ok((await reports.fold(1000)) > 0);
  t.equal(await reports.fold(1000), 0, "everything is taken once");
  t.same(await read(), expected, "folded");
  const hours = (await reports.counts({ ...scope, campaignId: "2" }, "hour")).map(({ key }) => key);
  t.same(hours, ["2026-03-29T03:00+02:00"], "the hour after two is called three");
  const back = day("2026-10-24T22:00Z", "2026-10-25T23:00Z", "Europe/Berlin");
  await end({ id: 7, result: "busy", at: "2026-10-25T00:30Z" }, { id: 8, result: "busy", at: "2026-10-25T01:30Z" });
  const twice = (await reports.counts(back, "hour")).map(({ key }) => key);
  t.same(twice, ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"], "the hour that comes twice is two hours");
  t.equal((await reports.counts(back, "day")).length, 1);
  // Zones of which PostgreSQL 18.4 and Node 24.21 have different data: people are called by Node's.
  for (const [zone, at, id] of [
    ["America/Edmonton", "2026-12-02T06:30Z", 9],
    ["Africa/Casablanca", "2027-01-10T23:30Z", 10],
  ] as const) {
    await end({ id, result: "busy", at });
    const there = new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(Date.parse(at));
    const found = await reports.counts(
      { ...day("2026-11-25T00:00Z", "2027-01-20T00:00Z", zone), ...(id === 10 && { from: Date.parse("2027-01-01") }) },
      "day",
    );
    t.same(
      found.filter(({ key }) => key.startsWith(there.slice(0, 7))).map(({ key }) => key),
      [there],
      `days of ${zone}`,
    );
  }

  const vias = await reports.counts(scope, "all", true);
  t.match(vias.find(({ via }) => via === "carrier-a")?.charged, { "1/1": 31, "6/6": 36, "30/6": 36, "60/1": 60, "60/60": 60 });
  t.match(
    vias.find(({ via }) => via === "smsc-1"),
    { parts: 3 },
  );
  t.match(
    vias.find(({ via }) => via === "pool"),
    { parts: 0 },
    "what was not taken costs nothing",
  );
  t.same(
    (await reports.words(scope, "all", ["outcome"])).map(({ word, count }) => [word, count]),
    [
      ["paid", 1],
      ["told", 1],
    ],
  );

  const { compared, differences } = await reports.differences(10);
  t.ok(compared > 10);
  t.same(differences, []);
  await client.query("update report_count set human = human + 1 where human > 0 and not inbound");
  t.match((await reports.differences(10)).differences, [
    { what: "attempts", key: /^2026-03-28T22:45Z campaign 1 voice carrier-a human$/, counted: 2, logged: 1 },
  ]);
  await reports.recount();
  t.same((await reports.differences(10)).differences, []);
  t.same(await read(), expected, "counted anew");

  const { rows } = await client.query<{ name: string }>(
    "select attname as name from pg_attribute where attrelid = 'report_count'::regclass and attnum > 0",
  );
  const names = new Set(rows.map(({ name }) => name));
  t.same(
    resultNames.filter((result) => !names.has(result.replaceAll("-", "_"))),
    [],
    "a result that is new needs a column in report_count, by a migration",
  );
});

t.test("replies, clicks, opt-outs, events, dispositions and answers are counted where they are written", async (t) => {
  const { stores, client, end } = await openReportWorld(t);
  const { reports } = stores;
  const at = "2026-05-01T10:07Z";
  await end(
    { id: 1, result: "human", at, talkS: 60, via: "carrier-a" },
    { id: 2, campaign: 2, channel: "sms", result: "delivered", at, via: "smsc-1" },
    { id: 3, campaign: 3, channel: "email", result: "delivered", at, via: "pool" },
  );
  await client.query(`
    insert into disposition (contact_id, campaign_id, attempt_id, agent_id, code, category, amount, at) values (1, 1, 1, 1, 'promise-to-pay', 'success', 12.5, '${at}');
    insert into answer (attempt_id, name, value) values (1, 'nps', '9'), (1, 'comment', 'file.wav'), (1, 'pin', '4711');
    insert into suppression (number, mailbox, client_id, channel, reason, source, attempt_id, created_at)
      values ('+1', null, null, null, 'stop', 'attempt', 2, '${at}'), (null, 'a@b', null, null, 'stop', 'attempt', 2, '${at}'), (null, null, 'c-1', null, 'stop', 'attempt', 2, '${at}'),
        ('+2', null, null, null, 'wish', 'admin', null, '${at}'), (null, 'a@b', null, 'email', 'complaint: abuse <a@b>', 'mail', 3, '${at}'),
        (null, 'c@d', null, 'email', 'bounced-hard: no <c@d>', 'mail', 3, '${at}');
    insert into incoming_message (via, from_address, to_address, at, text, details, campaign_id, state) values ('smsc-1', '+1', '+2', '${at}', 'hi', '{}', 2, 'waiting'),
      ('smsc-1', '+1', '+2', '${at}', 'hi', '{}', null, 'waiting');
    insert into message_click (attempt_id, target_hash, at) values (3, 'a', '${at}');
    insert into event (id, name, amount, currency, occurred_at, received_at) values (1, 'paid', 75.5, 'EUR', '${at}', '${at}'), (2, 'confirmed', null, null, '${at}', '${at}'), (3, 'paid', 5, null, '${at}', '${at}')`);
  // Of one event that is about two people, one of whom two strategies know.
  await client.query("insert into event_contact (event_id, contact_id, attempt_id) values (1, 1, 1), (1, 1, 1), (1, 2, 2)");
  await client.query("insert into event_contact (event_id, contact_id, attempt_id) values (2, 1, 1), (3, 3, null)");
  const scope = day("2026-05-01T00:00Z", "2026-05-02T00:00Z");
  const words = await reports.words(scope, "campaign", ["disposition", "answer", "opt-out", "reply", "click", "event"]);
  t.same(
    words.map(({ key, kind, channel, word, unit, attributed, count, amount }) => [key, kind, channel, word, unit, attributed, count, amount]),
    [
      ["0", "event", "none", "paid", "XXX", false, 1, 5],
      ["1", "answer", "voice", "nps", "9", true, 1, 9],
      ["1", "disposition", "voice", "promise-to-pay", "success", true, 1, 12.5],
      ["1", "event", "voice", "confirmed", "", true, 1, 0],
      ["2", "event", "sms", "paid", "EUR", true, 1, 75.5],
      ["2", "opt-out", "sms", "attempt", "", true, 1, 0],
      ["2", "reply", "sms", "sms", "", true, 1, 0],
      ["3", "click", "email", "link", "", true, 1, 0],
      ["3", "opt-out", "email", "complaint", "", true, 1, 0],
    ],
  );
  t.same((await reports.differences(10)).differences, []);
  t.equal((await reports.words({ ...scope, agentId: "2" }, "all", ["disposition"])).length, 0);
  t.equal((await reports.words({ ...scope, groupId: "1" }, "all", ["reply"])).length, 0, "the group works for campaign 1");
  t.equal((await reports.words({ ...scope, listId: "2" }, "all", ["reply", "click"])).length, 1);
});

t.test("the time of agents is cut at quarters of an hour, with the state that goes on", async (t) => {
  const { stores, client, end } = await openReportWorld(t);
  const { reports } = stores;
  await end({ id: 1, result: "human", at: "2026-05-01T10:20Z", talkS: 300 });
  const enter = (agent: number, at: string, state: string, attempt?: number) =>
    client.query("insert into agent_log (agent_id, at, state, cause, attempt_id) values ($1, $2, $3, 'test', $4)", [
      agent,
      at,
      state,
      attempt ?? null,
    ]);
  for (const agent of [1, 2]) await client.query("insert into agent_desk (agent_id, state, since) values ($1, 'logged-out', now())", [agent]);
  await enter(1, "2026-05-01T10:00Z", "ready");
  await enter(1, "2026-05-01T10:14Z", "talking", 1);
  await enter(2, "2026-05-01T10:14Z", "ready");
  await enter(1, "2026-05-01T10:19Z", "wrap-up", 1);
  await enter(1, "2026-05-01T10:20Z", "logged-out", 1);
  const read = async (from: string, to: string, more = {}) =>
    (await reports.agentTimes({ ...day(from, to), ...more })).map(({ name, state, ms, times }) => [name, state, ms / 60_000, times]);
  t.same(await read("2026-05-01T10:00Z", "2026-05-01T10:15Z"), [
    ["ada", "ready", 14, 1],
    ["ada", "talking", 1, 1],
    ["grace", "ready", 1, 1],
  ]);
  t.same(await read("2026-05-01T10:15Z", "2026-05-01T11:00Z"), [
    ["ada", "talking", 4, 0],
    ["ada", "wrap-up", 1, 1],
    ["grace", "ready", 45, 0],
  ]);
  t.same(await read("2026-05-01T10:00Z", "2026-05-01T11:00Z", { campaignId: "1" }), [
    ["ada", "talking", 5, 1],
    ["ada", "wrap-up", 1, 1],
  ]);
  t.same(await read("2026-05-01T10:15Z", "2026-05-01T11:00Z", { agentId: "2" }), [["grace", "ready", 45, 0]]);
  t.same(await read("2026-05-01T10:15Z", "2026-05-01T11:00Z", { groupId: "1" }), [
    ["ada", "talking", 4, 0],
    ["ada", "wrap-up", 1, 1],
  ]);
  t.same((await reports.differences(10)).differences, []);
});

t.test("people who were reached count once in a campaign, however often", async (t) => {
  const { stores, client, end } = await openReportWorld(t);
  const { reports } = stores;
  const scope = day("2026-05-01T00:00Z", "2026-05-03T00:00Z");
  const people = async () =>
    (await reports.counts(scope, "campaign")).filter(({ people }) => people !== 0).map(({ key, channel, people: n }) => [key, channel, n]);
  const at = (hour: number) => `2026-05-01T${String(hour).padStart(2, "0")}:00Z`;
  await end({ id: 1, contact: 1, result: "machine-message", at: at(8) }, { id: 2, contact: 2, result: "no-answer", at: at(8) });
  await end({ id: 3, contact: 1, result: "human", at: at(9), talkS: 30 }, { id: 4, contact: 2, result: "abandoned", at: at(9) });
  t.same(await people(), [["1", "voice", 1]], "a message on the machine and a conversation with the same person");
  // Two that end in one statement: one of them is the first.
  await end({ id: 5, contact: 3, result: "human", at: at(10) }, { id: 6, contact: 3, result: "dropped", at: at(10) });
  await end({ id: 7, contact: 2, result: "human", at: at(11), inbound: true });
  t.same(await people(), [["1", "voice", 2]], "who called is none whom the campaign reached");

  await end(
    { id: 8, campaign: 2, channel: "sms", contact: 1, result: "sent", at: at(12), via: "smsc-1" },
    { id: 9, campaign: 2, channel: "sms", contact: 2, result: "delivered", at: at(12), via: "smsc-1" },
  );
  const written = "insert into attempt (id, inbound_campaign_id, contact_id, channel, address, state, node, permit_until, reserved_at)";
  await client.query(`${written} values (10, 2, 2, 'sms', '+15550100', 'sending', 'n', $1, $1)`, [at(12)]);
  await client.query("update attempt set state = 'ended', result = 'delivered', ended_at = $1 where id = 10", [at(12)]);
  t.same((await people()).at(-1), ["2", "sms", 1], "an answer that was written is not of the campaign itself");
  await client.query("update attempt set result = 'delivered' where id = 8");
  await client.query("update attempt set result = 'complained' where id = 9");
  const reached = [
    ["1", "voice", 2],
    ["2", "sms", 2],
  ];
  t.same(await people(), reached, "when it is known that it arrived");
  await reports.fold(1000);
  t.same(await people(), reached, "folded");
  t.same((await reports.differences(10)).differences, []);
  await client.query("update report_count set people = people + 1 where people > 0 and channel = 'sms'");
  t.match((await reports.differences(10)).differences, [{ what: "attempts", key: /campaign 2 sms smsc-1 people$/, counted: 3, logged: 2 }]);
  await reports.recount();
  t.same(await people(), reached, "counted anew");
});

t.test("second legs are counted when they end, once, and those that a dead process left end by what was cleared up", async (t) => {
  const { stores, client, end } = await openReportWorld(t);
  const { reports, secondLegs, registry } = stores;
  await registry.register("n", Date.now());
  const scope = day("2026-05-01T00:00Z", "2026-05-02T00:00Z");
  const time = (clock: string) => Date.parse(`2026-05-01T${clock}Z`);
  const read = async (more = {}) =>
    (await reports.secondLegs({ ...scope, ...more }, "all")).map(({ via, answered, talkMs, charged }) => [via, answered, talkMs, charged["60/60"]]);
  await end(
    { id: 1, result: "human", at: "2026-05-01T10:00Z", talkS: 60, via: "carrier-a" },
    { id: 2, result: "human", at: "2026-05-01T10:20Z", inbound: true },
  );
  await client.query(`insert into attempt (id, campaign_id, contact_id, channel, address, state, node, permit_until, reserved_at)
    values (3, 1, 3, 'voice', '+15550100', 'answered', 'n', now(), now())`);

  const transfer = { dialogId: "transfer-1", trunk: "carrier-a", kind: "transfer", attemptId: "1", beganAt: time("09:59:00") } as const;
  await secondLegs.keep(transfer);
  await secondLegs.keep({ ...transfer, answeredAt: time("09:59:10") });
  t.same(await read(), [], "it goes on");
  const over = { ...transfer, answeredAt: time("09:59:10"), endedAt: time("10:00:11") };
  await secondLegs.keep(over);
  await secondLegs.keep(over);
  await secondLegs.keep({ ...over, endedAt: time("11:00:00") });
  await secondLegs.forget(over.dialogId);
  t.same(await read(), [["carrier-a", 1, 61_000, 120]], "once, and what has ended stays as it is");
  const busy = { ...transfer, dialogId: "busy" };
  await secondLegs.keep(busy);
  await secondLegs.forget(busy.dialogId);
  // The database was away while it lasted.
  await secondLegs.keep({ ...over, dialogId: "late", attemptId: "2" });
  t.same(await read({ campaignId: "1" }), [["carrier-a", 2, 122_000, 240]], "one of a call from outside, too");
  t.same(await read({ campaignId: "2" }), []);
  t.same(await read({ from: time("10:15:00") }), [], "they belong to the quarter in which they ended");

  // What a process leaves that dies: a transfer of a call that is over, of one that is not, one that rang, and telephones.
  const left = { beganAt: time("10:00:00"), answeredAt: time("10:01:00") };
  await secondLegs.keep({ dialogId: "of-2", trunk: "carrier-b", kind: "transfer", attemptId: "2", ...left });
  await secondLegs.keep({ dialogId: "of-3", trunk: "carrier-b", kind: "transfer", attemptId: "3", ...left });
  await secondLegs.keep({ dialogId: "rang", trunk: "carrier-b", kind: "transfer", attemptId: "2", beganAt: time("10:02:00") });
  for (const dialogId of ["phone-1", "phone-2"]) await secondLegs.keep({ dialogId, trunk: "carrier-c", kind: "phone", ...left });
  await stores.phones.keep({ dialogId: "phone-2", agentId: "1", mediaServer: "fs-1", endpointId: "e-1" });
  const open = async () =>
    (await client.query("select dialog_id from second_leg where ended_at is null order by 1")).rows.map((row) => row.dialog_id);
  await secondLegs.endLeft(time("10:30:00"));
  t.same(await open(), ["of-2", "of-3", "phone-1", "phone-2", "rang"], "those of a process that lives go on");
  await registry.register("n", Date.now());
  await secondLegs.endLeft(time("10:30:00"));
  t.same(await open(), ["of-3", "phone-2"], "the call goes on, or its telephone is still to be hung up");
  t.same(
    (await read()).slice(1),
    [
      ["carrier-b", 1, 19 * 60_000, 1140],
      ["carrier-c", 1, 29 * 60_000, 1740],
    ],
    "a transfer ends with its call, a telephone when it was hung up; what only rang is not kept",
  );
  await client.query("update attempt set state = 'ended', result = 'interrupted', ended_at = $1 where id = 3", [new Date(time("10:40:00"))]);
  await stores.phones.forget("phone-2");
  await secondLegs.endLeft(time("10:45:00"));
  t.same(await open(), []);
  t.same((await read()).slice(1), [
    ["carrier-b", 2, 58 * 60_000, 3480],
    ["carrier-c", 2, 73 * 60_000, 4380],
  ]);

  const expected = await read();
  t.same((await reports.differences(10)).differences, []);
  await client.query("update report_second_leg set talk_ms = talk_ms + 1 where trunk = 'carrier-a'");
  t.match((await reports.differences(10)).differences, [
    { what: "second-legs", key: "2026-05-01T10:00Z campaign 1 carrier-a transfer talk_ms", counted: 122_001, logged: 122_000 },
  ]);
  await reports.recount();
  t.same((await reports.differences(10)).differences, []);
  t.same(await read(), expected, "counted anew");
});
