import { readFile } from "node:fs/promises";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { csvCell } from "../../src/report/csv.ts";
import { contactColumns, reportFacts, reportNames } from "../../src/report/definition.ts";
import { figureNames, figures } from "../../src/report/figure.ts";
import { readPeriod } from "../../src/report/period.ts";
import { figuresOf, surveyOf } from "../../src/report/rates.ts";
import { Reports } from "../../src/report/report-engine.ts";
import { type Column, namedRow, type ReportTable } from "../../src/report/table.ts";
import { day, openReportWorld } from "./kit.ts";

const placed = { inbound: false, talkMs: 0, people: 0 } as const;

t.test("figures follow their formulas", async (t) => {
  const figures = figuresOf(
    [
      {
        ...placed,
        channel: "voice",
        talkMs: 1000,
        people: 7,
        results: { human: 6, abandoned: 1, dropped: 1, "machine-message": 2, busy: 10, canceled: 99 },
      },
      { ...placed, channel: "voice", inbound: true, talkMs: 500, results: { human: 1, dropped: 1 } },
      { ...placed, channel: "sms", people: 8, results: { delivered: 8, sent: 1, undelivered: 1 } },
      { ...placed, channel: "email", results: { delivered: 4, complained: 1, "bounced-hard": 5 } },
    ],
    [
      { kind: "reply", unit: "", attributed: true, count: 1 },
      { kind: "click", unit: "", attributed: true, count: 2 },
      { kind: "event", unit: "EUR", attributed: true, count: 4 },
      { kind: "event", unit: "", attributed: true, count: 1 },
      { kind: "event", unit: "EUR", attributed: false, count: 7 },
      { kind: "opt-out", unit: "", attributed: true, count: 2 },
      { kind: "disposition", unit: "success", attributed: true, count: 3 },
      { kind: "disposition", unit: "contact", attributed: true, count: 3 },
    ],
    60,
  );
  t.same(figures, {
    ...{ attempts: 40, calls: 20, messages: 20, persons: 8, contactRate: 0.4, delivered: 13, deliveryRate: 0.65 },
    ...{ peopleReached: 15, people: 60, peopleReachRate: 0.25 },
    ...{ reached: 22, reachRate: 0.55, responses: 5, responseRate: 0.2273, conversions: 5, conversionRate: 0.2273 },
    ...{ payments: 4, paymentRate: 0.1818, successes: 3, abandoned: 1, abandonmentRate: 0.125, optOuts: 2, optOutRate: 0.0909 },
    ...{ inboundCalls: 2, talkMs: 1500 },
  });
  const none = figuresOf([], []);
  for (const name of figureNames) t.equal(none[name], name.endsWith("Rate") || name === "people" ? null : 0, name);
});

t.test("surveys", async (t) => {
  const answers = [
    { value: 10, count: 5 },
    { value: 8, count: 3 },
    { value: 2, count: 2 },
  ];
  t.same(surveyOf("nps", answers), { answers: 10, mean: 7.8, promoters: 5, detractors: 2, nps: 30, csat: null });
  t.match(
    surveyOf("content", [
      { value: 5, count: 3 },
      { value: 1, count: 1 },
    ]),
    { nps: null, csat: 0.75 },
  );
  t.match(surveyOf("nps", [{ value: 5, count: 3 }]), { nps: -100, csat: null });
});

t.test("stretches of time", async (t) => {
  const now = Date.parse("2026-03-29T10:07:00Z");
  const read = (text: Parameters<typeof readPeriod>[0]) => {
    const { from, to } = readPeriod(text, now);
    return [new Date(from).toISOString().slice(0, 16), new Date(to).toISOString().slice(0, 16)];
  };
  t.same(read({}), ["2026-03-29T00:00", "2026-03-29T10:15"]);
  t.same(read({ zone: "Europe/Berlin", from: "2026-03-29", to: "2026-03-29" }), ["2026-03-28T23:00", "2026-03-29T22:00"], "a day of 23 hours");
  t.same(read({ zone: "Europe/Berlin", from: "2026-10", to: "2026-10" }), ["2026-09-30T22:00", "2026-10-31T23:00"]);
  t.same(read({ zone: "Asia/Kathmandu", from: "2026-03-29", to: "2026-03-29" }), ["2026-03-28T18:15", "2026-03-29T18:15"]);
  t.same(
    read({ zone: "America/Sao_Paulo", from: "2018-11-04", to: "2018-11-04" }),
    ["2018-11-04T03:00", "2018-11-05T02:00"],
    "a day without a midnight",
  );
  t.same(read({ from: "2026-03-29T01:20:00+01:00", to: "2026-03-29T01:31:00+01:00" }), ["2026-03-29T00:15", "2026-03-29T00:45"]);
  t.equal(readPeriod({ from: "2016-01", to: "2025-12" }, now).to, Date.parse("2026-01-01"), "ten years as a whole");
  for (const bad of [
    { zone: "Mars/Olympus" },
    { from: "yesterday" },
    { from: "2026-13-01" },
    { to: "2026-02-30" },
    { from: "2026-03-30", to: "2026-03-28" },
    { from: "2016-01", to: "2026-01" },
    { from: "1970-01-01", to: "8999-12-31" },
  ])
    t.throws(() => readPeriod(bad, now), { code: "request-invalid" }, JSON.stringify(bad));
});

t.test("texts that are no formulas", async (t) => {
  t.same(["=1+1", "-5", "a,b", 'say "hi"', -5, null, " @x", "＝1"].map(csvCell), ["'=1+1", "'-5", '"a,b"', '"say ""hi"""', "-5", "", "' @x", "'＝1"]);
});

t.test("every report of what was counted", async (t) => {
  const { stores, client, end } = await openReportWorld(t);
  const tariffs = [
    { name: "carrier-a", currency: "EUR", perMinute: 0.6, increment: "30/6" as const },
    { name: "smsc-1", currency: "EUR", perPart: 0.05, increment: "60/60" as const },
  ];
  const reports = new Reports({ store: stores.reports, tariffs, clock: systemClock });
  const at = "2026-05-01T10:07Z";
  await end(
    { id: 1, result: "human", at, talkS: 31, outcome: "paid", via: "carrier-a" },
    { id: 2, contact: 2, result: "busy", at, via: "carrier-b" },
    { id: 3, result: "human", at, talkS: 12, inbound: true },
    { id: 4, campaign: 2, channel: "sms", result: "delivered", at, via: "smsc-1", parts: 3 },
  );
  await client.query(`insert into event (id, name, amount, currency, channel, occurred_at, received_at) values (1, 'paid', 75.5, 'EUR', null, '${at}', '${at}'), (2, 'paid', 10, 'EUR', 'sms', '${at}', '${at}');
    insert into disposition (contact_id, campaign_id, attempt_id, agent_id, code, category, amount, at) values (1, 1, 1, 1, 'promise-to-pay', 'success', 12.5, '${at}');
    insert into answer (attempt_id, name, value) values (1, 'nps', '9');
    insert into live_answer (campaign_id, span, from_at, answers, abandoned) values (1, 'day', now(), 50, 1), (1, 'month', now(), 400, 10)`);
  for (const event of [1, 2])
    await client.query("insert into event_contact (event_id, contact_id, attempt_id) values ($1, 1, $2)", [event, event === 1 ? 1 : 4]);
  await stores.registry.register("n", Date.now());
  const [answeredAt, endedAt] = ["2026-05-01T10:05:00Z", "2026-05-01T10:06:02Z"].map((text) => Date.parse(text));
  const second = { beganAt: answeredAt ?? 0, answeredAt: answeredAt ?? 0, endedAt: endedAt ?? 0 };
  await stores.secondLegs.keep({ dialogId: "d-1", trunk: "carrier-a", kind: "transfer", attemptId: "1", ...second });
  await stores.secondLegs.keep({ dialogId: "d-2", trunk: "carrier-c", kind: "phone", ...second });
  const scope = day("2026-05-01T00:00Z", "2026-05-02T00:00Z");
  const named = ({ columns, rows }: ReportTable) => rows.map((row) => namedRow(columns, row));
  const tables = new Map(await Promise.all(reportNames.map(async (name) => [name, named(await reports.table(name, scope))] as const)));
  for (const name of reportNames) t.ok(tables.has(name), name);
  t.match(tables.get("figures"), [
    { key: "", calls: 2, messages: 1, persons: 1, contactRate: 0.5, conversions: 2, payments: 2, inboundCalls: 1, talkMs: 43_000 },
  ]);
  t.match(tables.get("results"), [
    { channel: "sms", result: "delivered", callResult: 33, share: 1 },
    { channel: "voice", attempts: 1, share: 0.5 },
    { channel: "voice", attempts: 1, share: 0.5 },
  ]);
  t.match(tables.get("outcomes"), [{ outcome: "paid", attempts: 1, share: 1 }]);
  t.match(tables.get("dispositions"), [{ disposition: "promise-to-pay", category: "success", conversations: 1, amount: 12.5 }]);
  t.match(tables.get("payments"), [
    { channel: "sms", event: "paid", currency: "EUR", events: 1, share: 0.5, amount: 10, attributed: 1 },
    { channel: "voice", amount: 75.5 },
  ]);
  t.match(tables.get("surveys"), [{ question: "nps", answers: 1, nps: 100 }]);
  t.match(tables.get("abandonment"), [{ campaign: "calls", dayRate: 0.02, monthRate: 0.025 }]);
  t.same(tables.get("inbound"), [{ campaignId: "1", campaign: "calls", calls: 1, answered: 1, talkMs: 12_000 }]);
  t.match(tables.get("cost"), [
    {
      ...{ via: "carrier-a", channel: "voice", attempts: 1, answered: 1, talkSeconds: 31, chargedSeconds: 36 },
      ...{ secondLegs: 1, secondTalkSeconds: 62, secondChargedSeconds: 66, currency: "EUR", cost: 1.02 },
    },
    { via: "carrier-b", currency: "", secondLegs: 0, cost: null },
    { via: "carrier-c", channel: "voice", attempts: 0, talkSeconds: 0, secondLegs: 1, secondTalkSeconds: 62, currency: "", cost: null },
    { via: "smsc-1", parts: 3, secondLegs: 0, cost: 0.15 },
  ]);
  const vias = async (more: object) => named(await reports.table("cost", { ...scope, ...more })).map(({ via, secondLegs }) => [via, secondLegs]);
  t.same(
    await vias({ campaignId: "1", channel: "voice" }),
    [
      ["carrier-a", 1],
      ["carrier-b", 0],
    ],
    "a telephone that is kept on the line is no campaign's",
  );
  t.same(await vias({ channel: "sms" }), [["smsc-1", 0]], "second legs are calls");
  t.match(tables.get("live"), [
    { campaign: "calls", state: "running", underWay: 0, attempts: 0 },
    { campaign: "texts", channel: "sms" },
  ]);
  const byDay = named(await reports.table("figures", scope, "day"));
  t.match(byDay, [{ key: "2026-05-01", attempts: 3 }]);
  t.match(named(await reports.table("figures", { ...scope, channel: "sms" }, "campaign")), [
    { key: "2", name: "texts", attempts: 1, conversions: 1, peopleReached: 1, people: 3, peopleReachRate: 0.3333 },
  ]);

  const contacts: unknown[] = [];
  for await (const contact of reports.contacts("1")) contacts.push(contact);
  t.match(contacts, [
    {
      contactId: "1",
      clientId: "c-1",
      attempts: 1,
      result: "human",
      callResult: 33,
      outcome: "paid",
      disposition: "promise-to-pay",
      "field:name": "=cmd()",
    },
    { contactId: "2", result: "busy", callResult: 6 },
    { contactId: "3", attempts: 0, result: null, callResult: 28 },
  ]);

  // Another group works for the same campaign, and for one of its own.
  await client.query(`insert into agent_group (id, name, wrap_up_ms, extension_ms, max_extensions, created_at) values (2, 'night', null, 30000, 2, now());
    insert into group_campaign (group_id, campaign_id) values (2, 1), (2, 2);
    insert into disposition (contact_id, campaign_id, attempt_id, agent_id, code, category, at) values (1, 1, 1, 2, 'refused', 'contact', '${at}'), (1, 2, 4, 2, 'refused', 'contact', '${at}');
    insert into suppression (mailbox, reason, source, campaign_id, created_at) values ('a@b.example', 'x', 'agent', 3, '${at}')`);
  const byGroup = async (more: object) =>
    named(await reports.table("figures", { ...scope, ...more }, "group")).map(({ key, name, attempts, successes }) => [
      key,
      name,
      attempts,
      successes,
    ]);
  t.same(
    await byGroup({}),
    [
      ["", "", 0, 0],
      ["1", "desk", 2, 1],
      ["2", "night", 3, 1],
    ],
    "a campaign counts for each group that works for it, and what nobody works for stands apart",
  );
  t.same(await byGroup({ groupId: "1" }), [["1", "desk", 2, 1]], "of one group nothing of another is shown");
  t.same(await byGroup({ groupIds: ["2"] }), [["2", "night", 3, 1]], "nor to whoever is limited to one");
  t.match(
    named(await reports.table("figures", scope, "campaign")).find(({ key }) => key === "3"),
    { name: "mails", attempts: 0, optOuts: 1 },
    "named also where nothing was sent then",
  );
  const byAgent = async (more: object) =>
    named(await reports.table("dispositions", { ...scope, ...more }, "agent")).map(({ name, disposition, conversations, share }) => [
      name,
      disposition,
      conversations,
      share,
    ]);
  t.same(await byAgent({}), [
    ["ada", "promise-to-pay", 1, 1],
    ["grace", "refused", 2, 1],
  ]);
  t.same(await byAgent({ groupIds: ["1"] }), [["ada", "promise-to-pay", 1, 1]], "whoever is limited to a group sees its members alone");
  const limited = { ...scope, groupIds: ["1"] };
  t.match(
    named(await reports.table("figures", limited)),
    [{ attempts: 2, messages: 0, conversions: 1 }],
    "what belongs to the group, and nothing else",
  );
  t.match(named(await reports.table("dispositions", limited)), [{ conversations: 1 }, { conversations: 1 }]);
  t.same(
    named(await reports.table("live", limited)).map(({ campaign }) => campaign),
    ["calls"],
  );
  t.same(
    named(await reports.table("figures", { ...scope, groupIds: [] })).map(({ attempts }) => attempts),
    [0],
    "of no group: nothing",
  );
});

t.test("docs/reports.md tells of every report, column and figure", async (t) => {
  const text = await readFile(new URL("../../docs/reports.md", import.meta.url), "utf8");
  for (const name of figureNames) {
    const { meaning, formula } = figures[name];
    t.ok(text.includes(`| \`${name}\` | ${meaning} | ${formula} |`), `the figure ${name}: | \`${name}\` | ${meaning} | ${formula} |`);
  }
  const told = (columns: readonly Column[]) =>
    columns
      .filter(({ name, meaning }) => !Object.hasOwn(figures, name) && !text.includes(`\`${name}\`: ${meaning}`))
      .map(({ name, meaning }) => `\`${name}\`: ${meaning}`);
  for (const name of reportNames) {
    t.ok(text.includes(`### ${name}`), `### ${name}`);
    t.same(told(reportFacts[name].columns), [], `columns of ${name}`);
  }
  t.same(told(contactColumns), [], "columns of the calling list");
});
