import { join } from "node:path";
import t from "tap";
import { restoreBackup } from "../../src/adapter/postgres/backup-restore.ts";
import { writeBackup } from "../../src/adapter/postgres/backup-write.ts";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import type { Address } from "../../src/contact/contact.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { readReceipt } from "../../src/sms/receipt.ts";
import { PassPlaces } from "../../src/strategy/pass-places-engine.ts";
import { SingleOrders } from "../../src/strategy/single-engine.ts";
import { mailbox } from "../adapter/message-campaign-kit.ts";
import { openTestDatabase } from "../harness/database.ts";
import { until } from "../harness/far-side.ts";
import { preparedPasses } from "./prepared-passes.ts";
import { endCall, handOver, strategyWorld } from "./strategy-kit.ts";
import { phone } from "./world.ts";

/* Strategies that run, in the tables: who goes where after each ending, and never twice. */

const world = await strategyWorld(t);
const { stores, clock } = world;
let made = 0;

function person(...kinds: readonly Address["kind"][]): readonly Address[] {
  return kinds.map((kind): Address => {
    made += 1;
    return kind === "email" ? { kind, mailbox: mailbox(`p${made}@example.com`) } : { kind, number: phone(`+1212${2_000_000 + made}`) };
  });
}

const always = "window: 00:00-24:00";
const story = (name: string) => `
name: ${name}
limits: { per_contact: 8 }
events: { payment-received: stop }
passes:
  text: { channel: sms, template: reminder, sender: main, ${always}, max_cps: 1000, who_else: { pass: call }, after: { delivered: { pass: call, after: 24 h }, undelivered: { pass: call } } }
  call:
    { channel: voice-ivr, script: reminder, trunk: main, caller_id: "+15550100100", ${always}, max_cps: 1000, max_lines: 1000, who_else: { pass: letter },
      after: { machine-message: [{ also: letter }, { pass: agents, after: 2 d }], busy: [{ retry: 20 min, at_most: 3 }, { pass: agents }], no-answer: [next_address, { pass: agents }] },
      outcomes: { paid: stop, no_input: { pass: agents, after: 1 h } } }
  letter: { channel: email, template: letter, sender: main, ${always}, max_cps: 1000 }
  agents: { channel: voice-agent, mode: manual, script: reminder, trunk: main, caller_id: "+15550100100", ${always}, who: { field: first_name, is_not: Name 4 }, who_else: { pass: letter } }
`;

const reportOf = (attemptId: string) =>
  stores.receipts.receive(
    readReceipt({ bind: "smsc-a", state: "delivered", to: "+1", from: "+12125550100", at: clock.now(), remoteId: attemptId }, "same"),
  );
const skip = (seconds: number) => {
  clock.skippedMs += seconds * 1000;
};

t.test("the story: SMS, no payment, a call, a machine, an e-mail; busy, three times more, an agent", async (t) => {
  const running = await world.run(story("story"), [person("mobile", "landline", "email"), person("mobile"), person("landline"), person("mobile")]);
  t.same(await running.waiting(), ["text c1 0", "text c2 0", "text c3 0", "text c4 0"], "everybody begins in the first pass");
  const texts = await running.messages("text");
  t.same([...texts.keys()], ["c1", "c2", "c4"]);
  t.same(await running.waiting(), ["call c3 0"], "who has no mobile is called at once");
  t.same((await running.messages("text")).size, 0, "nobody is written to twice");

  for (const order of texts.values()) await handOver(world, order);
  t.same(await running.waiting(), ["call c3 0"], "sent says nothing");
  for (const { attemptId } of texts.values()) await reportOf(attemptId);
  const day = ["call c1 86400", "call c2 86400", "call c3 0", "call c4 86400"];
  t.same(await running.waiting(), day);
  for (const { attemptId } of texts.values()) await reportOf(attemptId);
  t.same(await running.waiting(), day, "a report that comes twice changes nothing");

  skip(86_401);
  const calls = await running.calls("call");
  t.same([...calls.keys()].sort(), ["c1", "c2", "c3", "c4"]);
  await endCall(world, calls.get("c1"), "machine-message");
  await endCall(world, calls.get("c2"), "busy");
  await endCall(world, calls.get("c3"), "human", "paid");
  await endCall(world, calls.get("c4"), "human", "no_input");
  t.same(await running.waiting(), ["agents c1 172800", "agents c4 3600", "call c2 1200", "letter c1 0"]);
  for (const time of [1, 2, 3]) {
    skip(1201);
    await endCall(world, (await running.calls("call")).get("c2"), "busy");
    t.match(await running.waiting(), time < 3 ? /call c2 1200/ : /agents c2 0/, `busy ${time + 1} times`);
  }
  await until(async () => (await running.waiting()).includes("letter c4 0"), "whoever is not meant for a pass to go on without an agent");
  const letters = await running.messages("letter");
  t.same([...letters.keys()], ["c1"], "c4 has no mailbox");
  await handOver(world, letters.get("c1"));
  t.same([...(await running.calls("agents")).keys()].sort(), ["c2"]);
  t.match(await running.waiting(), ["agents c1 169200"]);
  const { rows } = await stores.pool.query("select rule from refusal where campaign_id = $1", [running.passes["agents"]]);
  t.same(rows, [{ rule: "not-in-pass" }]);
});

t.test("it ends when nothing is left in any pass, all of it at once", async (t) => {
  const running = await world.run(story("end"), [person("mobile", "email")]);
  const text = (await running.messages("text")).get("c1");
  const { campaign } = running;
  const unfinished = async () => {
    const [pass] = await stores.campaigns.inState(["running"]).then((all) => all.filter((each) => each.pass?.strategyCampaignId === campaign.id));
    return pass === undefined ? 0 : await stores.work.unfinished(pass);
  };
  t.not(await unfinished(), 0, "on its way");
  await handOver(world, text);
  t.not(await unfinished(), 0, "its report may lead on");
  await stores.campaigns.move(running.passes["agents"] ?? "", "running", "paused");
  await reportOf(text?.attemptId ?? "");
  skip(86_401);
  await endCall(world, (await running.calls("call")).get("c1"), "human");
  await until(async () => {
    await world.engine.pull(running.passes["call"] ?? "", 1);
    return (await stores.strategyCampaigns.find(campaign.id))?.state === "finished";
  }, "all passes to end");
  const states = (await stores.strategyCampaigns.progress(campaign.id)).map(
    ({ pass, state, progress }) => `${pass} ${state} ${progress.done}/${progress.contacts}`,
  );
  t.same(states, ["text finished 1/1", "call finished 1/1", "letter finished 0/0", "agents finished 0/0"]);
});

t.test("it does not end before the report of a message was brought that nobody knows of after a crash", async (t) => {
  const { campaign, passes, messages } = await world.run(story("crash"), [person("mobile")]);
  const { attemptId = "" } = (await messages("text")).get("c1") ?? {};
  const interrupt = (ago: string) =>
    stores.pool.query("update attempt set state = 'ended', result = 'interrupted', ended_at = clock_timestamp() - $2::interval where id = $1", [
      attemptId,
      ago,
    ]);
  const pass = await stores.campaigns.find(passes["text"] ?? "");
  if (!pass) throw new Error(`${campaign.id} has no such pass`);
  await interrupt("5 s");
  t.not(await stores.work.unfinished(pass), 0, "a held report may lead on");
  await interrupt("70 s");
  t.equal(await stores.work.unfinished(pass), 0, "none was held");
});

t.test("after a restore people go on by what was known of their attempt, and nobody is tried again", async (t) => {
  const running = await world.run(story("restored"), [person("landline"), person("landline"), person("landline")]);
  await running.messages("text");
  const calls = await running.calls("call");
  const [told, spoken, silent] = ["c1", "c2", "c3"].map((client) => calls.get(client)?.attemptId ?? "");
  for (const { attemptId } of calls.values()) await stores.attempts.begin(attemptId, clock.now());
  const { pool } = stores;
  // The script had come to an outcome, and an agent had said what comes next: of each the row, as it is written while they speak.
  await pool.query("update attempt set outcome = 'no_input' where id = $1", [told]);
  const said = [
    { s: 172_800, c: running.passes["agents"] },
    { k: running.passes["agents"], o: { s: 60 } },
  ];
  await pool.query("update attempt set follows = follows || jsonb_build_object('said', $2::jsonb) where id = $1", [spoken, JSON.stringify(said)]);
  const file = join(t.testdir(), "then.carillon");
  await writeBackup({ url: world.url, file, version: "test", now: Date.now() });
  const { url } = await openTestDatabase(t, { migrated: false });
  await restoreBackup({ url, file });
  const restored = await openStores({ url, log: silentLog, clock, node: "node-2" });
  t.teardown(() => restored.close());
  const all =
    "select a.id::text, a.result, a.again_at - a.ended_at = $2::interval as due, w.due_at = a.again_at as waits, k.pass from attempt a left join work w on w.contact_id = a.contact_id left join campaign k on k.id = w.campaign_id where a.id = $1";
  const one = async (id: string | undefined, due: string) => (await restored.pool.query(all, [id, due])).rows;
  t.match(await one(told, "1 h"), [{ result: "interrupted", due: true, waits: true, pass: "agents" }], "by the outcome");
  t.match(await one(spoken, "2 d"), [{ result: "interrupted", due: true, waits: true, pass: "agents" }], "by what the agent said");
  t.match(await one(silent, "0 s"), [{ result: "interrupted", due: null, waits: null }], "of whom nothing is known nothing follows");
  const calledBack = await restored.pool.query("select attempt_id::text, source, state from callback");
  t.same(calledBack.rows, [{ attempt_id: spoken, source: "strategy", state: "waiting" }]);
  await stores.strategyCampaigns.order(running.campaign.id, "stop");
});

t.test("what agents say goes over the result, said before the call has ended or after", async (t) => {
  // What is said counts from the time it is said, by the clock of the database.
  clock.skippedMs = 0;
  const running = await world.run(
    `
name: said
passes:
  agents:
    { channel: voice-agent, mode: preview, script: reminder, trunk: main, caller_id: "+15550100100", ${always}, max_cps: 1000, max_lines: 1000,
      after: { human: { pass: letter, after: 1 h } }, dispositions: { promise-to-pay: { pass: letter, after: 7 d }, wrong-number: next_address, paid: stop } }
  letter: { channel: email, template: letter, sender: main, ${always} }
`,
    [person("mobile", "landline"), person("mobile"), person("mobile"), person("mobile")],
  );
  const calls = await running.calls("agents");
  const say = async (who: string, code: string) => {
    const { contactId = "", campaignId = "", attemptId } = calls.get(who) ?? {};
    await stores.agentContacts.say({ contactId, campaignId, attemptId, agentId: "1", code, category: "success" }, { becomes: "done" });
  };
  await endCall(world, calls.get("c4"), "human");
  for (const who of ["c1", "c2"]) await endCall(world, calls.get(who), "human");
  t.same(await running.waiting(), ["letter c1 3600", "letter c2 3600", "letter c4 3600"]);
  await say("c1", "wrong-number");
  await say("c2", "promise-to-pay");
  await stores.attempts.begin(calls.get("c3")?.attemptId ?? "", clock.now());
  await say("c3", "promise-to-pay");
  await stores.attempts.finish(calls.get("c3")?.attemptId ?? "", { at: clock.now(), result: "human", reason: "test" });
  t.same(await running.waiting(), ["agents c1 0", "letter c2 604800", "letter c3 604800", "letter c4 3600"]);
  const again = (await running.calls("agents")).get("c1");
  t.not(again?.address, calls.get("c1")?.address, "another number of the same person");
  const places = new PassPlaces({ versions: stores.strategies, strategyCampaigns: stores.strategyCampaigns, campaigns: stores.campaigns, clock });
  const singles = new SingleOrders({ singles: stores.singles, orders: world.engine, campaigns: stores.campaigns, places, account: {}, clock });
  await stores.pool.query("delete from attempt where id = $1", [again?.attemptId]);
  await stores.pool.query("insert into work (contact_id, campaign_id, due_at) values ($1, $2, now())", [again?.contactId, again?.campaignId]);
  const chosen = await singles.one(again?.campaignId ?? "", { contactId: again?.contactId ?? "" });
  await endCall(world, "refused" in chosen ? undefined : chosen, "human");
  t.match(await running.waiting(), ["letter c1 3600"], "whom an agent chose by themselves goes on as well");
  await say("c2", "paid");
  t.same(await running.waiting(), ["letter c1 3600", "letter c3 604800", "letter c4 3600"]);
});

t.test("nobody is called by two passes at once, nor twice by one when two ways lead to it", async (t) => {
  const call = `channel: voice-ivr, script: reminder, trunk: main, caller_id: "+15550100100", ${always}, max_cps: 1000, max_lines: 1000`;
  const running = await world.run(
    `name: both
passes:
  text: { channel: sms, template: reminder, sender: main, ${always}, max_cps: 1000, after: { delivered: [{ also: second }, { pass: first }] } }
  first: { ${call} }
  second: { ${call} }
`,
    [person("mobile")],
  );
  const text = (await running.messages("text")).get("c1");
  await handOver(world, text);
  await reportOf(text?.attemptId ?? "");
  t.same(await running.waiting(), ["first c1 0", "second c1 0"]);
  const first = (await running.calls("first")).get("c1");
  t.ok(first);
  t.same((await running.calls("second")).size, 0, "the telephone rings already");
  t.same(await running.waiting(), ["second c1 60"]);
  const { rows } = await stores.pool.query<{ id: string }>("select contact_id::text as id from work where campaign_id = $1", [
    running.passes["second"],
  ]);
  await stores.pool.query("insert into work (contact_id, campaign_id, due_at) values ($1, $2, to_timestamp(0))", [
    rows[0]?.id,
    running.passes["first"],
  ]);
  t.same((await running.calls("first")).size, 0);
  t.same(await running.waiting(), ["second c1 60"], "it is one and the same contact");
  await endCall(world, first, "human");
  skip(61);
  t.same([...(await running.calls("second")).keys()], ["c1"], "when the first is over");
});

t.test("the next address; limits; an opt-out ends all passes", async (t) => {
  const running = await world.run(story("addresses"), [person("mobile", "landline", "email"), person("landline", "landline"), person("landline")]);
  const text = (await running.messages("text")).get("c1");
  await handOver(world, text, "undelivered");
  const first = await running.calls("call");
  const numbers = new Map([...first].map(([who, { address }]) => [who, address]));
  for (const order of first.values()) await endCall(world, order, "no-answer");
  t.same(await running.waiting(), ["agents c3 0", "call c1 0", "call c2 0"], "whose addresses are all tried goes on to the next pass");
  const second = await running.calls("call");
  t.not(second.get("c2")?.address, numbers.get("c2"));
  t.not(second.get("c1")?.address, numbers.get("c1"));
  await endCall(world, second.get("c1"), "machine-message");
  t.match(await running.waiting(), ["agents c1 172800", "agents c3 0", "letter c1 0"]);
  const optOut = { kind: "suppress" as const, channels: [], scope: "account" as const, reason: "said so" };
  await stores.attempts.effect(second.get("c1")?.attemptId ?? "", clock.now(), [optOut]);
  t.same(await running.waiting(), ["agents c3 0"], "after an opt-out neither the e-mail nor the agent");
  await endCall(world, second.get("c2"), "busy");
  skip(1201);
  const third = await running.calls("call");
  t.equal(third.get("c2")?.address, second.get("c2")?.address, "a retry is at the same address");
  await endCall(world, third.get("c2"), "no-answer");
  t.match(await running.waiting(), ["agents c2 0", "agents c3 0"]);
  await stores.strategyCampaigns.order(running.campaign.id, "stop");
  await until(async () => (await stores.strategyCampaigns.find(running.campaign.id))?.state === "stopped", "all passes to stop");
});

t.test("passes have their safeguards in common, those that come later too", async (t) => {
  const passes = (more: string) =>
    `name: guarded\npasses:\n  text: { channel: sms, template: reminder, sender: main, ${always}, after: { undelivered: { pass: ${more ? "letter" : "call"} } } }
  call: { channel: voice-ivr, script: reminder, trunk: main, caller_id: "+15550100100", ${always} }${more}\n`;
  const running = await world.run(passes(""), [person("mobile", "email")], { started: false });
  const guarded = { purpose: "collection", requireConsent: true, suppressionLists: [] };
  await stores.safeguards.set(running.passes["call"] ?? "", guarded, "ann");
  t.same(await stores.safeguards.find(running.passes["text"] ?? ""), guarded);
  const after = passes(`\n  letter: { channel: email, template: letter, sender: main, ${always}, after: { undelivered: { pass: call } } }`);
  const { version } = await stores.strategies.publish(after, "test");
  const { id, listId } = running.campaign;
  const changed = { strategyVersionId: version.id, first: version.strategy.first, passes: await preparedPasses(stores, "guarded", listId, after) };
  t.ok(await stores.strategyCampaigns.change(id, changed, "ann"));
  const { letter = "" } = await stores.strategyCampaigns.passes(id);
  t.same(await stores.safeguards.find(letter), guarded);
});
