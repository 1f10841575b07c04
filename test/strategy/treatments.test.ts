import pg from "pg";
import t from "tap";
import type { Address } from "../../src/contact/contact.ts";
import { readReceipt } from "../../src/sms/receipt.ts";
import { until } from "../harness/far-side.ts";
import { endCall, handOver, strategyWorld } from "./strategy-kit.ts";
import { phone } from "./world.ts";

/* Treatments in the tables: at a time of day, copies into other campaigns, and addresses whose limit is reached. */

const world = await strategyWorld(t);
const { stores, clock } = world;
const always = "window: 00:00-24:00";
const call = `channel: voice-ivr, script: reminder, trunk: main, caller_id: "+15550100100", ${always}, max_cps: 1000, max_lines: 1000`;
const text = `channel: sms, template: reminder, sender: main, ${always}, max_cps: 1000`;
let made = 0;

function numbers(...kinds: readonly ("mobile" | "landline")[]): readonly Address[] {
  return kinds.map((kind): Address => {
    made += 1;
    return { kind, number: phone(`+1212${3_000_000 + made}`) };
  });
}

/** When somebody is due in a pass, on the clock of New York: `call c1 09:00 +1`, with how many days from now. */
async function clocks(campaignId: string): Promise<readonly string[]> {
  const { rows } = await stores.pool.query<{ text: string }>(
    `select c.pass || ' ' || p.client_id || ' ' || to_char(w.due_at at time zone 'America/New_York', 'HH24:MI') || ' +' ||
       ((w.due_at at time zone 'America/New_York')::date - (to_timestamp($2::float8 / 1000) at time zone 'America/New_York')::date) as text
     from work w join campaign c on c.id = w.campaign_id join contact p on p.id = w.contact_id where c.strategy_campaign_id = $1 order by text`,
    [campaignId, clock.now()],
  );
  return rows.map((row) => row.text);
}

t.test("at a time of day, on the person's own clock; and besides, into another campaign", async (t) => {
  const other = await world.run(`name: other\npasses:\n  text: { ${text} }\n`, [numbers("mobile")]);
  const running = await world.run(
    `
name: timed
limits: { per_contact: 5 }
passes:
  text: { ${text}, who_else: { pass: call, at: tomorrow 08:00 }, after: { undelivered: [{ copy: other/text }, { pass: call, at: tomorrow 09:00 }] } }
  call: { ${call}, after: { busy: { retry: tomorrow 10:30, at_most: 2 }, no-answer: { pass: text, at: { field: appointment, before: 1 d } }, silence: [{ pass: text, at: { field: first_name } }, { pass: text, after: 30 d }] } }
`,
    [numbers("mobile"), numbers("landline"), numbers("mobile"), numbers("mobile")],
  );
  const texts = await running.messages("text");
  t.same(await clocks(running.campaign.id), ["call c2 08:00 +1"], "who has no mobile");
  for (const order of texts.values()) await handOver(world, order, "undelivered");
  t.same(await clocks(running.campaign.id), ["call c1 09:00 +1", "call c2 08:00 +1", "call c3 09:00 +1", "call c4 09:00 +1"]);
  const { rows: copied } = await stores.pool.query("select count(*)::int as count from work where campaign_id = $1", [other.passes["text"]]);
  t.same(copied, [{ count: 4 }], "and wait in the other campaign, too");

  clock.skippedMs += 2 * 86_400_000;
  const appointment = new Date(clock.now() + 5 * 86_400_000).toISOString();
  await stores.pool.query(
    "update contact set fields = fields::jsonb || jsonb_build_object('appointment', $2::text) where list_id = $1 and client_id = 'c3'",
    [running.campaign.listId, appointment],
  );
  const calls = await running.calls("call");
  await endCall(world, calls.get("c1"), "busy");
  await endCall(world, calls.get("c2"), "no-answer");
  await endCall(world, calls.get("c3"), "no-answer");
  await endCall(world, calls.get("c4"), "silence");
  t.same((await clocks(running.campaign.id)).slice(0, 1), ["call c1 10:30 +1"]);
  const days = (await running.waiting()).map((line) => line.replace(/\d+$/, (seconds) => String(Math.round(Number(seconds) / 86_400)))).slice(1);
  t.same(
    days,
    ["text c3 4", "text c4 30"],
    "a day before the appointment; whose field has no time gets the next treatment, and no treatment ends it",
  );
});

t.test("whose address has been tried as often as it may is tried at another one", async (t) => {
  const running = await world.run(
    `
name: limited
limits: { per_address: 2 }
passes:
  first: { ${call}, after: { busy: { retry: 1 h, at_most: 5 }, no-answer: { pass: second } } }
  second: { ${call} }
`,
    [numbers("mobile", "landline"), numbers("mobile")],
  );
  const before = await running.calls("first");
  for (const order of before.values()) await endCall(world, order, "busy");
  clock.skippedMs += 3_601_000;
  for (const order of (await running.calls("first")).values()) await endCall(world, order, "no-answer");
  t.same(await running.waiting(), ["second c1 0", "second c2 0"]);
  const after = await running.calls("second");
  t.same([...after.keys()], ["c1"], "who has no other one is done with");
  t.not(after.get("c1")?.address, before.get("c1")?.address);
  const { rows } = await stores.pool.query(
    "select p.client_id as who, f.rule from refusal f join contact p on p.id = f.contact_id where f.campaign_id = $1 order by 1",
    [running.passes["second"]],
  );
  t.same(rows, [
    { who: "c1", rule: "address-limit" },
    { who: "c2", rule: "attempt-limit" },
  ]);
});

t.test("two passes that reserve the same person at the same instant keep the limit of the strategy together", async (t) => {
  const running = await world.run(
    `
name: together
limits: { per_contact: 2 }
passes:
  first: { ${text}, after: { sent: [{ also: second }, { pass: third }] } }
  second: { ${text} }
  third: { ${text} }
`,
    [numbers("mobile")],
  );
  await handOver(world, (await running.messages("first")).get("c1"));
  clock.skippedMs += 1000;
  t.same(await running.waiting(), ["second c1 0", "third c1 0"]);
  const holder = new pg.Client({ connectionString: world.url });
  await holder.connect();
  t.teardown(() => holder.end());
  const waiters = async () => {
    const { rows } = await stores.pool.query<{ count: number }>(
      "select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    return rows[0]?.count ?? 0;
  };
  // The one has looked at what was before, and cannot reserve yet; the other comes meanwhile.
  await holder.query("begin");
  await holder.query("select from pace where campaign_id = $1 for update", [running.passes["second"]]);
  const second = running.messages("second");
  await until(async () => (await waiters()) === 1, "the one to wait for its campaign's pace");
  let third: ReadonlyMap<string, unknown> | undefined;
  const asked = running.messages("third").then((found) => {
    third = found;
  });
  await until(async () => third !== undefined || (await waiters()) === 2, "the other to wait, or to be through");
  await holder.query("commit");
  await asked;
  t.same([(await second).size, third?.size], [1, 0]);
});

t.test("a pass that begins later, one that is over, and holidays", async (t) => {
  const day = (days: number) => new Date(clock.now() + days * 86_400_000).toISOString().slice(0, 10);
  const running = await world.run(
    `
name: dated
passes:
  first: { ${text}, begins: ${day(3)}, who_else: { pass: over } }
  over: { ${call}, begins: ${day(-9)}, ends: "${day(-2)} 09:00", who_else: { pass: closed } }
  closed: { ${call}, holidays: [${[0, 1, 2, 3, 4, 5, 6].map((days) => day(days - 1)).join(", ")}, 12-24] }
`,
    [numbers("mobile"), numbers("landline")],
  );
  t.same((await running.messages("first")).size, 0);
  const waits = (await running.waiting()).filter((line) => line.startsWith("first"));
  t.match(waits[0], /^first c1 (?!0$)/, "until it begins");
  t.same((await running.calls("over")).size, 0);
  t.same((await running.calls("closed")).size, 0);
  const { rows } = await stores.pool.query(
    "select c.pass, f.rule, f.retry_at is null as final from refusal f join campaign c on c.id = f.campaign_id where c.strategy_campaign_id = $1 order by f.id",
    [running.campaign.id],
  );
  t.same(rows, [
    { pass: "first", rule: "pass-not-begun", final: false },
    { pass: "first", rule: "no-address", final: true },
    { pass: "over", rule: "pass-over", final: true },
    { pass: "closed", rule: "holiday", final: false },
  ]);
  t.match(await stores.campaigns.findByName("dated/closed"), { window: { holidays: [/^\d/] } });
});

t.test("a webhook is told, once for each ending", async (t) => {
  const { rows: hooks } = await stores.pool.query<{ id: string }>(
    `insert into webhook (name, url, sealed_secret, events, active, created_at, changed_at)
     select name, 'https://crm.example.com/', '', '{}', name = 'crm', now(), now() from unnest(array['crm', 'asleep']) as name returning id::text`,
  );
  const running = await world.run(
    `
name: told
passes:
  text: { ${text}, after: { sent: { webhook: crm }, delivered: [{ webhook: crm }, { webhook: asleep }, { webhook: missing }, { pass: call }] } }
  call: { ${call}, after: { busy: [{ webhook: crm }, { retry: 1 h, at_most: 1 }], human: { webhook: crm } }, outcomes: { paid: [{ webhook: crm }, stop] } }
`,
    [numbers("mobile")],
  );
  const order = (await running.messages("text")).get("c1");
  await handOver(world, order);
  const report = { bind: "smsc-a", state: "delivered" as const, to: "+1", from: "+12125550100", at: clock.now(), remoteId: order?.attemptId ?? "" };
  for (const _ of [1, 2]) await stores.receipts.receive(readReceipt(report, "same"));
  t.same(await running.waiting(), ["call c1 0"], "what sent has told does not keep delivered from leading on");
  await endCall(world, (await running.calls("call")).get("c1"), "busy");
  t.same(await running.waiting(), ["call c1 3600"]);
  clock.skippedMs += 3_601_000;
  const call2 = (await running.calls("call")).get("c1");
  await endCall(world, call2, "human", "paid");
  t.same(await running.waiting(), []);
  const { rows } = await stores.pool.query(
    "select webhook_id::text as hook, event, body from webhook_message where event = 'strategy.webhook' order by id",
  );
  const told = (ending: string, pass: string, attemptId = order?.attemptId) => ({
    hook: hooks[0]?.id,
    event: "strategy.webhook",
    body: { ending, pass, campaign: `told/${pass}`, clientId: "c1", ...(attemptId && { attemptId }) },
  });
  t.match(rows, [told("sent", "text"), told("delivered", "text"), told("busy", "call", ""), told("outcome:paid", "call", call2?.attemptId)]);
  t.equal(rows.length, 4);
});

t.test(
  "agents call back whom the strategy says: at the time, in their pass, the one who spoke with the person before everybody, and nobody twice",
  async (t) => {
    const running = await world.run(
      `
name: called-back
events: { payment: stop }
passes:
  call: { ${call}, after: { human: [{ callback: agents, at: tomorrow 10:00, personal: true, fallback: 4 h }, stop], busy: [{ callback: agents, after: 2 h }, { retry: 1 h, at_most: 3 }] }, dispositions: { later: { callback: agents, after: 3 d, personal: true }, never: stop } }
  agents: { ${call.replace("voice-ivr", "voice-agent, mode: preview")} }
`,
      [numbers("mobile"), numbers("mobile"), numbers("mobile")],
    );
    const callbacks = async () => {
      const { rows } = await stores.pool.query<{ text: string }>(
        `select concat_ws(' ', c.pass, p.client_id, k.state, k.source, to_char(k.due_at at time zone 'America/New_York', 'HH24:MI'),
         round(extract(epoch from k.due_at - k.created_at) / 3600), 'agent', k.agent_id, extract(epoch from k.fallback_at - k.due_at)::int) as text
       from callback k join campaign c on c.id = k.campaign_id join contact p on p.id = k.contact_id
       where c.strategy_campaign_id = $1 order by k.id`,
        [running.campaign.id],
      );
      return rows.map((row) => row.text);
    };
    const orders = await running.calls("call");
    const [first, second, third] = ["c1", "c2", "c3"].map((id) => orders.get(id));
    const talks =
      "insert into agent_desk (agent_id, state, since, attempt_id) values (7, 'talking', now(), $1) on conflict (agent_id) do update set attempt_id = $1";
    await stores.pool.query(talks, [first?.attemptId]);
    await endCall(world, first, "human");
    await endCall(world, second, "human");
    await endCall(world, third, "busy");
    t.match(await callbacks(), [
      /^agents c1 waiting strategy 10:00 \d+ agent 7 14400$/,
      /^agents c2 waiting strategy 10:00 \d+ agent$/,
      /^agents c3 waiting strategy \S+ 2 agent$/,
    ]);
    t.same(await running.waiting(), ["call c3 3600"], "besides what is done anyway");
    clock.skippedMs += 3_601_000;
    await endCall(world, (await running.calls("call")).get("c3"), "busy");
    t.equal((await callbacks()).length, 3, "who is called back already is not called back twice");

    const say = (order: typeof first, code: string) =>
      stores.agentContacts.say(
        {
          contactId: order?.contactId ?? "",
          campaignId: running.passes["call"] ?? "",
          attemptId: order?.attemptId ?? "",
          agentId: "9",
          code,
          category: "contact",
        },
        { becomes: "done" },
      );
    await say(first, "later");
    await say(second, "never");
    const [once, other, , again, ...more] = await callbacks();
    t.match([once, other], [/^agents c1 canceled/, /^agents c2 canceled/], "what the agent says of a call goes over how it ended");
    t.match(again, /^agents c1 waiting strategy \S+ 72 agent 9 3600$/);
    t.same(more, []);
  },
);
