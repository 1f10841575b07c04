import pg from "pg";
import t from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { connectAgent, type Message } from "../../src/command/agent-line.ts";
import { loadConfig } from "../../src/config/load.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openCarillon } from "../../src/main.ts";
import { listOf, writeTo } from "../adapter/message-campaign-kit.ts";
import { phone } from "../adapter/stores-kit.ts";
import { seed, startSmsc } from "../contracts/binds-kit.ts";
import { openTestDatabase } from "../harness/database.ts";
import { until } from "../harness/far-side.ts";
import { openFolder } from "../harness/lab-process.ts";

/** Longer than the test: whoever waits for the SMSC's answer fails it. */
const responseTimeoutMs = 120_000;

t.test("a server for messages alone needs nobody to call with, and waits for no silent SMSC when it stops", async (t) => {
  t.comment(`seed ${seed}`);
  const [database, smsc, cwd] = [await openTestDatabase(t), await startSmsc(t), openFolder(t)];
  const config = loadConfig({
    env: {},
    cwd,
    purpose: "serve",
    flags: {
      ...{ "node.name": "writer", "database.url": database.url, "database.dataDir": cwd, "prompts.dir": cwd, "api.port": 0 },
      ...{ "sms.binds.0.name": "north", "sms.binds.0.host": "127.0.0.1", "sms.binds.0.port": smsc.port, "sms.binds.0.systemId": "carillon" },
      "sms.binds.0.responseTimeoutMs": responseTimeoutMs,
      ...{ "legalHours.kept": false, "legalHours.waivedBecause": "the people are of the lab" },
      "sms.agentGroup": "desk",
      ...{ "sms.senders.0.name": "main", "sms.senders.0.address": "55501", "sms.senders.0.kind": "short-code" },
    },
  });
  const carillon = await openCarillon({ config, clock: systemClock, log: silentLog, version: "test", onLeaseLost: () => {} });
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= carillon.close();
    return closing;
  };
  t.teardown(close);
  const ready = async () => (await fetch(`${carillon.url}/readyz`)).json() as Promise<{ components: { name: string; ready: boolean }[] }>;
  await until(async () => (await ready()).components.every((each) => each.ready), "everything is ready");
  t.same(
    (await ready()).components.map(({ name }) => name),
    ["database", "bind:north"],
    "and nothing of calls is missed",
  );

  const { stores } = carillon;
  const [friend, silent] = [phone(1), phone(2)];
  smsc.directory.assign(friend, ["delivered"]);
  smsc.directory.assign(silent, ["no-answer"]);
  const listId = await listOf(
    stores,
    "people",
    [friend, silent].map((number) => [{ kind: "mobile", number }]),
  );
  const { version } = await stores.templates.publish({ name: "hello", channel: "sms", text: "Hi {first_name}" }, "test");
  await writeTo(stores, "sms", listId, { name: "greetings", templateVersionId: version.id });
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  t.teardown(() => client.end());
  const results = async () => {
    const { rows } = await client.query<{ address: string; result: string | null }>("select address, result from attempt");
    return Object.fromEntries(rows.map(({ address, result }) => [address, result]));
  };
  await until(async () => (await results())[friend] === "delivered", "who is there has it");
  await until(() => smsc.books.submits.some(({ to }) => to === silent.slice(1)), "the SMSC has the other one, and says nothing");

  // Agents who answer texts need no telephone here.
  const { id: agentId } = await stores.agents.addAgent("Ann");
  const { id: groupId } = await stores.agents.addGroup("desk", { wrapUpMs: 1000, extensionMs: 1000, maxExtensions: 1 });
  await stores.agents.join({ agentId, groupId, priority: 5, skills: [] });
  const heard: Message[] = [];
  const agent = await connectAgent({ url: carillon.url, heard: (message) => heard.push(message), closed: () => {} });
  t.teardown(() => agent.close());
  await agent.ask("login", { key: (await issueKey(stores.keys, "agent", { agentId })).text });
  await agent.ask("ready");
  smsc.say(friend, "55501", "Who is that?");
  await until(() => heard.some(({ type }) => type === "conversation"), "what somebody writes comes to whoever is ready");
  const [{ id: conversationId = "" } = {}] = (await agent.ask("conversations"))["items"] as { id?: string }[];
  await agent.ask("reply", { conversationId, text: "It is us." });
  await until(() => smsc.books.submits.some(({ text }) => text === "It is us."), "the answer");
  t.notOk(
    heard.some(({ desk }) => JSON.stringify(desk)?.includes('"phone"')),
    "and nobody asks for a telephone",
  );

  await close();
  t.not((await results())[silent], null, "what nobody answered has its end");
  t.equal(smsc.books.submits.length, 3, "and nothing was sent twice");
});
