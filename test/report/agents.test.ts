import t, { type Test } from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { type Desk, loggedOut } from "../../src/agent/state.ts";
import { type ReportFacts, type ReportName, reportFacts, reportNames } from "../../src/report/definition.ts";
import type { Grouping, ReportScope } from "../../src/report/ports.ts";
import { Reports } from "../../src/report/report-engine.ts";
import { namedRow } from "../../src/report/table.ts";
import { day, openReportWorld, type ReportWorld } from "./kit.ts";

const at = "2026-05-01T10:07Z";
const scope = day("2026-05-01T00:00Z", "2026-05-02T00:00Z");
/** Rows of the report on surveys are of questions: their means do not add up. Those of live and abandonment are of now. */
const added = reportNames.filter((name) => (reportFacts[name] as ReportFacts).by.length > 0);

/** Attempts of two agents and of nobody, with what came of them. */
async function fill({ client, end }: ReportWorld): Promise<void> {
  await end(
    { id: 1, agent: 1, result: "human", at, talkS: 60, outcome: "paid", via: "carrier-a" },
    { id: 2, agent: 2, contact: 2, result: "abandoned", at, talkS: 3, via: "carrier-a" },
    { id: 3, contact: 3, result: "busy", at, via: "carrier-b" },
    { id: 4, agent: 1, campaign: 2, channel: "sms", result: "delivered", at, via: "smsc-1", parts: 2 },
    { id: 5, agent: 2, inbound: true, contact: 2, result: "human", at: "2026-05-01T11:30Z", talkS: 30, outcome: "told" },
    { id: 6, contact: 3, result: "human", at: "2026-05-01T12:00Z", talkS: 20, outcome: "told", via: "carrier-a" },
    { id: 7, campaign: 3, channel: "email", contact: 4, result: "delivered", at, via: "pool" },
    { id: 8, agent: 1, result: "canceled", at },
  );
  await client.query(`
    insert into disposition (contact_id, campaign_id, attempt_id, agent_id, channel, code, category, amount, at) values
      (1, 1, 1, 1, null, 'promise-to-pay', 'success', 12.5, '${at}'), (1, 2, null, 2, 'sms', 'processed', 'success', null, '${at}');
    insert into answer (attempt_id, name, value) values (1, 'nps', '9'), (5, 'nps', '3'), (6, 'nps', '10');
    insert into suppression (number, reason, source, attempt_id, agent_id, created_at) values
      ('+1', 'stop', 'attempt', 1, null, '${at}'), ('+2', 'agent: do-not-call', 'agent', null, 2, '${at}'), ('+3', 'stop', 'attempt', 6, null, '${at}'),
      ('+4', 'wrong number: bad-number', 'agent', null, 2, '${at}');
    insert into incoming_message (via, from_address, to_address, at, text, details, campaign_id, after_attempt_id, state) values
      ('smsc-1', '+1', '+2', '${at}', 'hi', '{}', 2, 4, 'waiting'), ('smsc-1', '+1', '+2', '${at}', 'hi', '{}', 2, null, 'waiting');
    insert into message_click (attempt_id, target_hash, at) values (7, 'a', '${at}');
    insert into event (id, name, amount, currency, occurred_at, received_at) values (1, 'paid', 75.5, 'EUR', '${at}', '${at}'), (2, 'paid', 5, 'EUR', '${at}', '${at}');
    insert into event_contact (event_id, contact_id, attempt_id) values (1, 1, 1);
    insert into event_contact (event_id, contact_id, attempt_id) values (2, 3, 6);
    insert into second_leg (dialog_id, node, incarnation, trunk, kind, attempt_id, campaign_id, began_at, answered_at, ended_at, agent_id) values
      ('a', 'n', 0, 'carrier-a', 'phone', 1, 1, '${at}', '${at}', timestamptz '${at}' + interval '30 s', 1),
      ('b', 'n', 0, 'carrier-a', 'transfer', 6, 1, '${at}', '${at}', timestamptz '${at}' + interval '10 s', 0)`);
}

/** A report, by the names of its columns. */
const reader = ({ stores }: ReportWorld) => {
  const tariffs = [{ name: "carrier-a", currency: "EUR", perMinute: 0.6, increment: "1/1" as const }];
  const reports = new Reports({ store: stores.reports, tariffs, clock: systemClock });
  return async (name: ReportName, more: Partial<ReportScope> = {}, by: Grouping = "all") => {
    const { columns, rows } = await reports.table(name, { ...scope, ...more }, by);
    return rows.map((row) => namedRow(columns, row));
  };
};

/** What can be added up in a report: columns that count. */
const countsIn = (name: ReportName) => {
  const facts: ReportFacts = reportFacts[name];
  return facts.columns
    .filter(({ unit, name: column }) => ["count", "ms", "seconds", "money"].includes(unit) && column !== "people")
    .map((column) => column.name);
};

const sums = (name: ReportName, rows: readonly Readonly<Record<string, unknown>>[]) =>
  Object.fromEntries(
    countsIn(name).map((column) => [column, Math.round(rows.reduce((sum, row) => sum + Number(row[column] ?? 0), 0) * 1000) / 1000]),
  );

async function addsUp(t: Test, read: ReturnType<typeof reader>, when: string): Promise<void> {
  for (const name of added) {
    const all = sums(name, await read(name));
    t.ok(
      Object.values(all).some((sum) => sum > 0),
      `${name}: there is something`,
    );
    for (const by of ["campaign", "list", "agent", "channel", "hour", "day", "week", "month"] as const) {
      const rows = await read(name, {}, by);
      t.same(sums(name, rows), all, `${when}: ${name} by ${by}`);
      if (by !== "agent") continue;
      for (const agentId of ["1", "2"]) {
        const own = rows.filter(({ key }) => key === agentId);
        t.same(sums(name, await read(name, { agentId })), sums(name, own), `${when}: ${name} of agent ${agentId}`);
        t.same(await read(name, { agentId }, by), own, `${when}: ${name} of agent ${agentId} by agent`);
      }
    }
  }
}

t.test("what agents did and what nobody did add up to all, in every report", async (t) => {
  const world = await openReportWorld(t);
  const { client } = world;
  const { reports } = world.stores;
  await fill(world);
  const read = reader(world);
  await addsUp(t, read, "not folded");
  t.ok((await reports.fold(1000)) > 0);
  await addsUp(t, read, "folded");

  t.match(await read("figures", {}, "agent"), [
    {
      key: "0",
      name: "no agent",
      calls: 2,
      messages: 1,
      persons: 1,
      contactRate: 0.5,
      conversions: 1,
      payments: 1,
      optOuts: 1,
      responses: 2,
      talkMs: 20_000,
    },
    {
      key: "1",
      name: "ada",
      calls: 1,
      persons: 1,
      messages: 1,
      reached: 2,
      responses: 1,
      conversions: 1,
      paymentRate: 0.5,
      optOuts: 1,
      successes: 1,
      talkMs: 60_000,
      people: null,
    },
    {
      key: "2",
      name: "grace",
      calls: 1,
      abandoned: 1,
      abandonmentRate: 1,
      inboundCalls: 1,
      responses: 1,
      optOuts: 1,
      successes: 1,
      talkMs: 33_000,
    },
  ]);
  t.match(await read("figures", { channel: "sms" }, "agent"), [
    { key: "0", attempts: 0, responses: 1 },
    { key: "1", attempts: 1, responses: 1, successes: 0 },
    { key: "2", attempts: 0, successes: 1 },
  ]);
  t.match(await read("surveys", {}, "agent"), [
    { key: "0", question: "nps", answers: 1, nps: 100 },
    { key: "1", name: "ada", answers: 1, mean: 9, nps: 100 },
    { key: "2", name: "grace", answers: 1, mean: 3, nps: -100 },
  ]);
  t.match(await read("results", { agentId: "1" }), [
    { channel: "sms", result: "delivered", share: 1 },
    { result: "human", share: 0.5 },
    { result: "canceled", share: 0.5 },
  ]);
  t.match(await read("payments", {}, "agent"), [
    { key: "0", event: "paid", amount: 5, share: 1 },
    { key: "1", event: "paid", amount: 75.5, attributed: 1 },
  ]);
  t.match(await read("cost", {}, "agent"), [
    { key: "0", via: "carrier-a", secondLegs: 1, cost: 0.3 },
    { key: "0", via: "carrier-b" },
    { key: "0", via: "pool" },
    { key: "1", via: "carrier-a", attempts: 1, secondLegs: 1, cost: 0.9 },
    { key: "1", via: "smsc-1", parts: 2 },
    { key: "2", via: "carrier-a", secondLegs: 0, cost: 0.03 },
  ]);
  t.match(await read("inbound", { agentId: "2" }), [{ campaignId: "1", calls: 1, talkMs: 30_000 }]);
  t.same(await read("inbound", { agentId: "1" }), []);
  t.match(await read("figures", { agentId: "1" }, "campaign"), [
    { key: "1", calls: 1, peopleReached: 1, people: 3, peopleReachRate: 0.3333 },
    { key: "2", messages: 1 },
  ]);
  const limited = await read("figures", { groupIds: ["1"] }, "agent");
  t.same(
    limited.map(({ key, calls }) => [key, calls]),
    [
      ["0", 2],
      ["1", 1],
    ],
    "whoever is limited to a group sees no agent of another",
  );
  t.same(
    (await read("outcomes", { groupIds: ["1"] }, "agent")).map(({ name }) => name),
    ["no agent", "ada"],
  );
  t.same(
    (await read("cost", { groupIds: ["1"] }, "agent")).map(({ key, via }) => [key, via]),
    [
      ["0", "carrier-a"],
      ["0", "carrier-b"],
      ["1", "carrier-a"],
    ],
  );

  const { compared, differences } = await reports.differences(10);
  t.same(differences, []);
  await client.query(
    "update report_agent_count set human = human + 1 where agent_id = 1 and human > 0; update report_agent_word set n = n + 1 where kind = 'answer' and agent_id = 2",
  );
  t.match((await reports.differences(10)).differences, [
    { what: "attempts-of-agents", key: "2026-05-01T10:00Z agent 1 campaign 1 voice carrier-a human", counted: 2, logged: 1 },
    { what: "words-of-agents", key: "2026-05-01T11:30Z agent 2 campaign 1 voice answer nps 3 count", counted: 2, logged: 1 },
  ]);
  await reports.recount();
  t.match(await reports.differences(10), { compared, differences: [] });
  await addsUp(t, read, "counted anew");
});

t.test("what happens during a call belongs to the agent who has it in the end", async (t) => {
  const world = await openReportWorld(t);
  const { client } = world;
  const { reports } = world.stores;
  const read = reader(world);
  await client.query(`insert into attempt (id, campaign_id, contact_id, channel, address, state, node, permit_until, reserved_at)
    values (1, 1, 1, 'voice', '+15550100', 'answered', 'n', now(), now());
    insert into suppression (number, reason, source, attempt_id, created_at) values ('+1', 'stop', 'attempt', 1, '${at}');
    insert into event (id, name, amount, currency, occurred_at, received_at) values (1, 'paid', 8, 'EUR', '${at}', '${at}');
    insert into event_contact (event_id, contact_id, attempt_id) values (1, 1, 1)`);
  const whose = async () => (await read("figures", {}, "agent")).map(({ key, optOuts, payments }) => [key, optOuts, payments]);
  t.same(await whose(), [["0", 1, 1]], "the script's, until an agent has it");
  for (const agent of [1, 2]) {
    await client.query("update attempt set agent_id = $1 where id = 1", [agent]);
    t.equal(await reports.fold(1000), 0, "not taken while the call goes on");
    t.same(await whose(), [[String(agent), 1, 1]]);
    t.match(await read("figures"), [{ optOuts: 1, payments: 1 }]);
    const underWay = async (agentId: string) => (await read("live", { agentId })).map(({ campaignId, underWay: calls }) => [campaignId, calls]);
    t.same(await underWay(String(agent)), [
      ["1", 1],
      ["2", 0],
    ]);
    t.same(
      await underWay(agent === 1 ? "2" : "1"),
      [
        ["1", 0],
        ["2", 0],
      ],
      "of no other agent",
    );
    t.same((await reports.differences(10)).differences, []);
  }
  await reports.recount();
  t.same(await whose(), [["2", 1, 1]], "counted anew while it goes on");
  await client.query("update attempt set state = 'ended', result = 'human', answered_at = $1, ended_at = $1 where id = 1", [at]);
  t.equal(await reports.fold(1000), 3);
  t.same(await whose(), [["2", 1, 1]]);
  t.match(await read("figures", {}, "agent"), [{ key: "2", calls: 1 }]);
  t.same((await reports.differences(10)).differences, []);
});

t.test("a call is the agent's who talked last, else who was held for it last", async (t) => {
  const world = await openReportWorld(t);
  const { client } = world;
  const { desks, registry } = world.stores;
  await registry.register("n", Date.now());
  await client.query(`insert into agent (id, name, created_at) values (3, 'alan', now());
    insert into agent_desk (agent_id, state, since) select id, 'logged-out', now() from agent;
    insert into attempt (id, campaign_id, contact_id, channel, address, state, node, permit_until, reserved_at)
    select i, 1, 1, 'voice', '+15550100', 'answered', 'n', now(), now() from generate_series(1, 2) i`);
  let since = Date.now();
  const to = async (agentId: string, state: Desk["state"], attemptId?: string, beside = false) => {
    since += 1;
    const hold = attemptId === undefined ? {} : { hold: { attemptId, groupId: "1", ...(beside && { beside }) } };
    const desk = state === "logged-out" ? loggedOut(since) : { state, since, ...hold };
    await desks.change(agentId, undefined, () => ({ desk, cause: "test" }));
  };
  const whose = async (id = 1) =>
    (await client.query<{ agent_id: string | null }>("select agent_id from attempt where id = $1", [id])).rows[0]?.agent_id;
  t.equal(await whose(), null);
  await to("1", "reserved", "1");
  t.equal(await whose(), "1", "held for whoever is about to answer");
  await to("1", "ringing", "1");
  await to("1", "not-ready");
  await to("2", "reserved", "1");
  t.equal(await whose(), "2", "the first one did not pick up");
  await to("2", "talking", "1");
  await to("3", "reserved", "1", true);
  await to("3", "talking", "1", true);
  t.equal(await whose(), "2", "whoever is asked is beside");
  await to("2", "wrap-up", "1");
  await to("3", "talking", "1");
  t.equal(await whose(), "3", "until the person is left with them");
  await to("3", "wrap-up", "1");
  await to("1", "reserved", "1");
  t.equal(await whose(), "3", "sent on to somebody who has not talked yet");
  await to("1", "not-ready");
  await to("1", "reserved", "2");
  await client.query("update attempt set state = 'ended', result = 'abandoned', ended_at = now() where id = 2");
  await to("1", "ready");
  await to("2", "talking", "2");
  t.equal(await whose(2), "1", "and what has ended stays whose it was");
});
