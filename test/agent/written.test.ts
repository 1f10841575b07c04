import { Registry } from "prom-client";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { WrittenCard } from "../../src/agent/written-ports.ts";
import { loadConfig } from "../../src/config/load.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { openAgents } from "../../src/start/agents.ts";
import { openMessages } from "../../src/start/messages.ts";
import { openWritten } from "../../src/start/written.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import { listOf, writeTo } from "../adapter/message-campaign-kit.ts";
import { node, openWorld, phone } from "../adapter/stores-kit.ts";
import { bindTo, seed, startSmsc } from "../contracts/binds-kit.ts";
import { until } from "../harness/far-side.ts";
import { optionsOf, shortCode } from "../sms/sms-kit.ts";
import { makeGroup, readyToWrite } from "./agents-kit.ts";

/* What people write that no keyword answers, against the lab's SMSC: from the queue to agents, answered, and closed. */

t.comment(`seed ${seed}`);
const { stores } = await openWorld(t);
const smsc = await startSmsc(t);
const common = { stores, clock: systemClock, log: silentLog };
const pass = new PassEngine({ work: stores.work, campaigns: stores.campaigns, clock: systemClock, log: silentLog, node, watchMs: 50 });
await pass.start();
const options = optionsOf([bindTo(smsc.port, { window: 50 })], [{ ...shortCode, maxPerSecond: 100_000 }]);
const messages = openMessages({
  ...{
    ...common,
    config: { contact: { defaultCountry: "US" }, sms: options },
    attempts: stores.attempts,
    pass,
    metrics: new Registry(),
    random: seededRandom(seed),
  },
  webhooks: { configured: [], call: () => Promise.reject(new Error("there are none")) },
});
const config = { ...loadConfig({ env: {}, flags: {}, purpose: "admin", cwd: import.meta.dirname }), sms: options };
const noMail = () => Promise.reject(new Error("nothing is sent by e-mail here"));
const ways = { destinations: { countries: ["US"], premium: false }, destinationPrefixes: {} };
const agents = openAgents({ ...common, config, ways });
const written = openWritten({
  ...common,
  agents,
  sms: { engine: messages.engine, options },
  email: { engine: { answer: noMail }, senders: new Map() },
});
t.teardown(async () => {
  await Promise.all([written.close(), pass.close()]);
  await Promise.all([messages.close(), agents.close()]);
});

const wroteTo = (number: string) => smsc.books.submits.filter(({ to }) => to === number.slice(1)).map(({ text }) => text);
/** Agents see what is new once a second; here as soon as they may. */
const sees = (so: () => boolean, what: string) =>
  until(async () => {
    await written.look();
    return so();
  }, what);
const said = (card: WrittenCard | undefined) => card?.lines.map(({ from, text }) => `${from}: ${text}`);

t.test("what no keyword answers waits for the group, is answered by its agents, and closed", async (t) => {
  const { agentIds } = await makeGroup(stores, "desk", 2);
  const [ann = "", bob = ""] = agentIds;
  const [annAs, bobAs] = [
    { id: ann, name: "desk-1" },
    { id: bob, name: "desk-2" },
  ];
  const person = phone(1);
  smsc.directory.assign(person, ["delivered"]);
  const listId = await listOf(stores, "people", [[{ kind: "mobile", number: person }]]);
  const { version } = await stores.templates.publish({ name: "bill", channel: "sms", text: "Your bill is due" }, "test");
  await stores.templates.publish({ name: "thanks", channel: "sms", text: "Thank you, {first_name}" }, "test");
  const campaign = await writeTo(stores, "sms", listId, { name: "bills", templateVersionId: version.id });
  await stores.messageRules.setRules(campaign.id, { agentGroup: "desk" });
  await until(() => wroteTo(person).length === 1, "the campaign's message");

  smsc.say(person, "55501", "Which bill is that?");
  await until(async () => (await written.list(ann)).length === 1, "it waits for the group");
  const [waiting] = await written.list(bob);
  t.match(waiting, { state: "waiting", person, ours: "55501", group: { name: "desk" }, campaign: { name: "bills" }, waitsSince: Number });
  const id = waiting?.id ?? "";
  await t.rejects(written.reply(annAs, id, { text: "Me?" }), { code: "conversation-state" }, "whoever has not taken it cannot answer");

  // Of the first look that would show it, the database knows nothing.
  const read = stores.written.conversation.bind(stores.written);
  stores.written.conversation = async () => {
    stores.written.conversation = read;
    throw new Error("the database is away");
  };
  const first = await readyToWrite(agents.desks, ann);
  await written.look().catch(() => {});
  await sees(() => first.cards.length > 0, "a ready agent is given it");
  t.match(first.cards[0], { id, takenBy: ann, contact: { fields: { first_name: "Name 1" } } });
  t.same(said(first.cards[0]), ["us: Your bill is due", "person: Which bill is that?"]);
  t.same(await written.list(bob), [], "and nobody else sees it");
  await t.rejects(written.take(bob, id), { code: "conversation-unknown" });

  const answered = await written.reply(annAs, id, { text: "Of June." });
  t.match(answered.lines.at(-1), { from: "us", text: "Of June.", agent: "desk-1" });
  t.equal(answered.waitsSince, undefined);
  await until(() => wroteTo(person).at(-1) === "Of June.", "the answer");
  await sees(() => first.cards.at(-1)?.lines.at(-1)?.standing === "delivered", "the agent sees that it arrived");
  await written.reply(annAs, id, { template: "thanks" });
  await until(() => wroteTo(person).at(-1) === "Thank you, Name 1", "a template, in the person's words");

  smsc.say(person, "55501", "I have paid that");
  await sees(() => first.cards.at(-1)?.waitsSince !== undefined, "what comes next is the same agent's");
  await first.leave();
  const second = await readyToWrite(agents.desks, bob);
  await sees(() => second.cards.some(({ takenBy }) => takenBy === bob), "whose agent has left is another's");
  t.equal(said(second.cards.at(-1))?.length, 5, "with all of it");

  smsc.say(person, "55501", "stop");
  await sees(() => second.cards.at(-1)?.lines.some(({ standing }) => standing === "stop") === true, "STOP is shown");
  await until(() => wroteTo(person).at(-1) === "You are out.", "and does what it always does");
  await t.rejects(written.reply(bobAs, id, { text: "Sorry!" }), { code: "message-refused", message: /wants no SMS/ });
  await t.rejects(written.dispose(bobAs, id, { code: "no-such-code" }), { code: "disposition-invalid" });
  await written.dispose(bobAs, id, { code: "processed", note: "paid" });
  await sees(() => second.ended.includes(id), "it is over");
  const { rows } = await stores.pool.query("select code, note, channel from disposition where agent_id = $1", [bob]);
  t.same(rows, [{ code: "processed", note: "paid", channel: "sms" }], "and is written down of the person");
  const today = { from: Date.now() - 86_400_000, to: Date.now() + 86_400_000, zone: "UTC" };
  const byAgent = new Map((await stores.reports.counts(today, "agent")).map(({ key, results }) => [key, results]));
  t.match([byAgent.get(ann), byAgent.get(bob)], [{ delivered: Number }, { canceled: 1 }], "whose the answers are");
  t.equal(
    Object.values(byAgent.get(ann) ?? {}).reduce((sum, count) => sum + count, 0),
    2,
  );
  t.same(await written.list(bob), []);
});

t.test("strangers are for the account's group, if there is one; a group that is gone answers nobody", async (t) => {
  const stranger = phone(500);
  smsc.say(stranger, "55501", "Who are you?");
  const state = "select state from incoming_message where from_address = $1 order by id desc limit 1";
  const stands = async (want: string) =>
    await until(async () => (await stores.pool.query<{ state: string }>(state, [stranger])).rows[0]?.state === want, want);
  await stands("kept");
  options.agentGroup = "gone";
  smsc.say(stranger, "55501", "Anybody?");
  await until(async () => (await stores.pool.query(`${state.replace("limit 1", "")}`, [stranger])).rowCount === 2, "the second one");
  await stands("kept");
  const { agentIds } = await makeGroup(stores, "front", 1);
  options.agentGroup = "front";
  smsc.say(stranger, "55501", "Hello?");
  await stands("conversation");
  const [agentId = ""] = agentIds;
  const [{ id = "" } = {}] = await written.list(agentId);
  t.match(await written.take(agentId, id), { takenBy: agentId, contact: undefined });
  t.match(await written.take(agentId, id), { takenBy: agentId }, "who has it already has it");
  await written.reply({ id: agentId, name: "front-1" }, id, { text: "We are here." });
  await until(() => wroteTo(stranger).includes("We are here."), "the answer");
  await written.putBack(agentId, id);
  t.match(await written.list(agentId), [{ id, state: "waiting" }]);
  await written.take(agentId, id);
  await t.rejects(written.dispose({ id: agentId, name: "front-1" }, id, { code: "do-not-call" }), { code: "disposition-invalid" });
  await written.dispose({ id: agentId, name: "front-1" }, id, { code: "processed" });
  t.same(await written.list(agentId), []);
});

t.test("nobody is given a conversation in the moment in which they log out", async (t) => {
  const { agentIds } = await makeGroup(stores, "leaving", 1);
  const [agentId = ""] = agentIds;
  options.agentGroup = "leaving";
  await readyToWrite(agents.desks, agentId);
  const client = await stores.pool.connect();
  await client.query("begin");
  await client.query("update agent_desk set state = 'logged-out', since = clock_timestamp() where agent_id = $1", [agentId]);
  smsc.say(phone(501), "55501", "Hello?");
  const blocked = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  await until(async () => (await written.list(agentId)).length > 0, "somebody to write");
  const offering = written.look();
  await until(async () => (await stores.pool.query(blocked)).rowCount !== 0, "the look to wait for the agent");
  await client.query("commit");
  client.release();
  await offering;
  t.match(await written.list(agentId), [{ state: "waiting" }]);
});
