import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import t from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Address } from "../../src/contact/contact.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { listOf, mailbox, writeTo } from "../adapter/message-campaign-kit.ts";
import { AgentClient } from "../harness/agent-client.ts";
import { openTestDatabase } from "../harness/database.ts";
import { inTime, until } from "../harness/far-side.ts";
import { openFolder, openLab, writeConfig } from "../harness/lab-process.ts";
import { portForAnother } from "../harness/ports.ts";
import { startServe } from "../harness/serve-process.ts";
import { phone } from "../strategy/world.ts";

/* Two servers on one database carry out a strategy and write to a list. One of them is killed, the other goes on with both. */

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
t.setTimeout(280_000);
t.comment(`TEST_SEED=${seed}`);

const always = "window: 00:00-24:00";
const calls = `trunk: lab, caller_id: "+15550100000", ${always}`;
const story = `
name: story
events: { payment-received: stop }
passes:
  text: { channel: sms, template: hello, sender: main, ${always}, after: { delivered: { pass: call, after: 24 h } } }
  call:
    { channel: voice-ivr, script: remind, ${calls}, amd: { profile: b2c, machine: message },
      after: { machine-message: [{ also: letter }, { pass: agents, after: 2 d }], busy: [{ retry: 20 min, at_most: 3 }, { pass: agents }] } }
  letter: { channel: email, template: letter, sender: main, ${always} }
  agents: { channel: voice-agent, mode: progressive, script: talk, ${calls} }
`;
/** At rates at which one of two servers can be killed in the middle, also where a look takes a second. */
const crowd = `
name: crowd
passes:
  text: { channel: sms, template: hello, sender: main, max_cps: 8, ${always}, after: { delivered: { pass: call } } }
  call: { channel: voice-ivr, script: remind, max_cps: 2, ${calls} }
`;
const remind = `script: remind
language: en-US
start: { human: tell, machine: message }
steps:
  tell: { play: [{ say: "Your parcel is here." }], end: told }
  message: { play: [{ say: "Please call us." }], end: left }
`;
const talk = `script: talk
language: en-US
start: { human: agent, machine: gone }
steps:
  agent: { queue: campaign, on: { answered: talked, no_agent: sorry } }
  sorry: { menu: [{ say: "Sorry. To hear no more of us press 9." }], first_digit_s: 1, tries: 1, keys: { "9": stop }, no_input: gone, no_match: gone }
  stop: { suppress: { scope: account }, play: [{ say: "Goodbye." }], end: opted_out }
  talked: { end: talked }
  gone: { end: gone }
`;

const folder = openFolder(t);
const [lab, database] = [await openLab(t, seed, 0.2, 1), await openTestDatabase(t)];
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
admin.on("error", () => {});
t.teardown(() => admin.end());
const stores = await openStores({ url: database.url, clock: systemClock, log: silentLog, poolSize: 2 });
t.teardown(() => stores.close());
const rows = async <Row extends pg.QueryResultRow>(text: string, ...values: unknown[]) => (await admin.query<Row>(text, values)).rows;

const { smsc, mail, phones } = lab.addresses;
const servers = await Promise.all(
  ["first", "second"].map(async (node) => {
    const config = writeConfig(lab, { folder, node, promptsDir: join(folder, "prompts"), databaseUrl: database.url });
    const port = await portForAnother();
    const more = {
      database: { url: database.url, dataDir: join(folder, node) },
      phones: { hosts: [phones.host] },
      sms: {
        binds: [{ name: "lab", host: smsc.host, port: smsc.port, systemId: "carillon", maxPerSecond: 100 }],
        senders: [{ name: "main", address: "55501", kind: "short-code" }],
      },
      email: {
        ...{ key: Buffer.alloc(32, 7).toString("base64"), publicUrl: `http://127.0.0.1:${port}` },
        pools: [{ name: "lab", host: mail.host, port: mail.smtpPort, tls: "none" }],
        senders: [{ name: "main", mailbox: "us@example.com", pool: "lab", bounceDomain: "b.example.com", postalAddress: "1 Street", phone: "1 800" }],
      },
    };
    writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, "utf8")), ...more }));
    const server = startServe(t, config, port);
    await server.ready();
    return server;
  }),
);
const [first, second] = servers;
if (!first || !second) throw new Error("there are two");
/** The one that is asked, and that goes on. */
let live = second;
const { text: key } = await issueKey(stores.keys, "tests");

async function ask(path: string, body?: unknown): Promise<{ readonly id?: string }> {
  const headers = { authorization: `Bearer ${key}`, ...(body !== undefined && { "content-type": "application/json" }) };
  const request = { method: "POST", headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  for (;;) {
    const response = await fetch(`${live.api}/api/v1/${path}`, request);
    const answer = (await response.json()) as { readonly id?: string; readonly code?: string };
    // A machine that is busy with other tests may make it refuse what can wait.
    if (answer.code !== "overloaded") {
      if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
      return answer;
    }
    await until(async () => (await fetch(`${live.api}/readyz`)).ok, "the server to have time");
  }
}

async function create(document: string, people: readonly (readonly Address[])[]) {
  const { version } = await stores.strategies.publish(document, "test");
  const listId = await listOf(stores, version.name, people);
  const { id = "" } = await ask("strategy-campaigns", { name: version.name, listId, strategy: version.name, defaultTimeZone: "America/New_York" });
  return { start: () => ask(`strategy-campaigns/${id}/start`), passes: await stores.strategyCampaigns.passes(id) };
}

const number = (at: number) => phone(`+1212555${String(1000 + at)}`);
const mobile = (at: number): Address => ({ kind: "mobile", number: number(at) });

t.before(async () => {
  await stores.scripts.publish("remind", remind);
  await stores.scripts.publish("talk", talk);
  await stores.templates.publish({ name: "hello", channel: "sms", text: "Hello {first_name}. STOP to opt out." }, "test");
  await stores.templates.publish({ name: "letter", channel: "email", subject: "Hello", text: "Hello {first_name}." }, "test");
  await lab.post("/smsc/personas", { everybody: "delivered" });
  await lab.post("/personas", { mix: { listener: 1 } });
});

t.test("a strategy and a campaign by SMS: one of the two servers is killed, the other goes on, and nobody has anything twice", async (t) => {
  const [people, parcels] = [30, 150];
  const listId = await listOf(
    stores,
    "parcels",
    Array.from({ length: parcels }, (_, at) => [mobile(1000 + at)]),
  );
  const { version } = await stores.templates.publish({ name: "parcel", channel: "sms", text: "Your parcel waits." }, "test");
  const { start, passes } = await create(
    crowd,
    Array.from({ length: people }, (_, at) => [mobile(at)]),
  );
  // Together, so that neither is over before a server is in the middle of the other.
  const [writing] = await Promise.all([writeTo(stores, "sms", listId, { name: "parcels", templateVersionId: version.id, maxCps: 15 }), start()]);
  const campaigns = [...Object.values(passes), writing.id];
  const out = async (node: string, campaignId: string | undefined) =>
    Number(
      (
        await rows<{ count: string }>(
          "select count(*) from attempt where node = $1 and campaign_id = $2 and sending_at is not null",
          node,
          campaignId,
        )
      )[0]?.count,
    );
  const isAtBoth = async (node: string, texts: number) => (await out(node, passes["call"])) >= 3 && (await out(node, writing.id)) >= texts;
  let dead: string | undefined;
  const look = async () => {
    for (const node of ["first", "second"]) if (await isAtBoth(node, 10)) dead = node;
    return dead !== undefined;
  };
  await until(look, "one of them to be in the middle of both", 60_000);
  const [victim, other] = dead === "first" ? [first, "second"] : [second, "first"];
  live = dead === "first" ? second : first;
  process.kill(-victim.pid, "SIGKILL");
  await inTime(victim.ended, "the server to end", 60_000);
  const taken = async () => {
    const { submits } = await lab.texts();
    return submits.filter((submit) => submit.id !== "" && Number(submit.to.slice(-4)) < 3000).map(({ to, text }) => `${to} ${text}`);
  };
  // Also of those that nobody knew of after the kill the SMSC reports, and what follows on that is done, too.
  const left = async (texts: number) =>
    Number(
      (
        await rows<{ count: string }>(
          `select (select count(*) from work where campaign_id = any($1::bigint[])) + (select count(*) from attempt where campaign_id = any($1::bigint[]) and ended_at is null)
             + $2 - (select count(*) from attempt where campaign_id = any($1::bigint[]) and channel = 'sms' and result = 'delivered') as count`,
          campaigns,
          texts,
        )
      )[0]?.count,
    );
  await until(async () => (await left(new Set(await taken()).size)) === 0, "the other to finish both", 120_000).catch(async (error: unknown) => {
    const unended =
      "select id, node, channel, address, state, result, reason from attempt where campaign_id = any($1::bigint[]) and (ended_at is null or result in ('sent', 'interrupted'))";
    t.comment(`${(await taken()).length} texts taken; not ended well: ${JSON.stringify(await rows(unended, campaigns))}`);
    t.comment(
      `waiting: ${JSON.stringify(await rows("select contact_id, campaign_id, due_at from work where campaign_id = any($1::bigint[])", campaigns))}`,
    );
    t.comment(`reports held: ${JSON.stringify(await rows("select * from message_receipt where attempt_id is null"))}`);
    throw error;
  });
  t.ok(await isAtBoth(other, 10), "both had a part in it");

  const texts = await taken();
  t.equal(new Set(texts).size, texts.length, `no text twice; seed ${seed}`);
  const called = (await lab.books()).map((call) => call.called).filter((one) => Number(one.slice(-4)) < 2000);
  t.equal(new Set(called).size, called.length, `nobody is called twice; seed ${seed}`);
  const untried =
    "select c.id from contact c where c.list_id = $1 and not exists (select from attempt a where a.contact_id = c.id and a.sending_at is not null)";
  t.same(await rows(untried, listId), [], "everybody on the list is written to");
  const stuck = await rows(
    `select a.contact_id from attempt a where a.campaign_id = $1 and a.result = 'delivered'
     and not exists (select from attempt b where b.contact_id = a.contact_id and b.campaign_id = $2 and b.ended_at is not null and b.sending_at is not null)`,
    passes["text"],
    passes["call"],
  );
  t.same(stuck, [], `whoever got the text was called; seed ${seed}`);
  const own = await rows<{ contact_id: string }>("select contact_id from attempt where campaign_id = $1 and sending_at is not null", passes["text"]);
  t.equal(new Set(own.map(({ contact_id }) => contact_id)).size, people, "and everybody got one, or nobody knows");
});

t.test("SMS; not paid in 24 h: a call; a machine: a message, an e-mail, and an agent later; busy: three times more, then an agent", async (t) => {
  const [ada, ben, cy] = [mobile(7001), mobile(7002), mobile(7003)];
  const talks = "does:speak then meet then wait 500ms then hang up";
  const ways = { [number(7001)]: ["voicemail-short-beep", talks], [number(7002)]: ["busy"], [number(7003)]: ["busy", "busy", "busy", "busy", talks] };
  await lab.post("/personas", { numbers: ways });
  const { start, passes } = await create(story, [[ada, { kind: "email", mailbox: mailbox("ada@example.com") }], [ben], [cy]]);
  await start();
  const group = await stores.agents.addGroup("desk", { wrapUpMs: 20_000, extensionMs: 10_000, maxExtensions: 1 });
  await stores.agents.assign(group.id, passes["agents"] ?? "");
  const { id: agentId } = await stores.agents.addAgent("Ann");
  await stores.agents.join({ agentId, groupId: group.id, priority: 5, skills: [] });
  await stores.phones.set({ agentId, place: { kind: "uri", uri: `sip:agent-1@${phones.host}:${phones.sipPort}` }, nailedUp: true });
  const manner = { talkMs: [5000, 6000] as const, wrapMs: [50, 100] as const, hangUpPhone: async () => {} };
  const agentKey = (await issueKey(stores.keys, "Ann", { agentId })).text;
  const ann = new AgentClient({ ...manner, url: live.api, key: agentKey, name: "Ann", clock: systemClock, random: seededRandom(seed) });
  await ann.login();
  t.teardown(() => ann.quit());
  ann.ready();

  /** Who waits where, and for how many minutes, up to the next five. */
  const waits = async () => {
    const text = `select concat_ws(' ', p.client_id, c.pass, 5 * ceil(extract(epoch from w.due_at - now()) / 300)) as text from work w join campaign c on c.id = w.campaign_id
      join contact p on p.id = w.contact_id where c.id = any($1::bigint[]) order by 1`;
    return (await rows<{ text: string }>(text, Object.values(passes))).map((row) => row.text);
  };
  /** Whoever waits does so no longer: the hours that the strategy wants are over. */
  const later = () => rows("update work set due_at = now() where campaign_id = any($1::bigint[])", Object.values(passes));
  const ends = async (pass: string) => {
    const text =
      "select concat_ws(' ', p.client_id, a.result) as text from attempt a join contact p on p.id = a.contact_id where a.campaign_id = $1 order by a.id";
    return (await rows<{ text: string }>(text, passes[pass])).map((row) => row.text);
  };
  const waiting = (...wanted: readonly string[]) =>
    until(async () => JSON.stringify(await waits()) === JSON.stringify(wanted), wanted.join(", "), 60_000).catch(async () =>
      t.same(await waits(), wanted),
    );

  await waiting("c1 call 1440", "c2 call 1440", "c3 call 1440");
  await ask("events", { name: "payment-received", clientId: "c2", amount: 120.5, currency: "USD" });
  await waiting("c1 call 1440", "c3 call 1440");
  await later();
  await waiting("c1 agents 2880", "c3 call 20");
  t.same((await ends("letter")).length, 1, "the e-mail goes out besides");
  for (let turn = 0; turn < 2; turn += 1) {
    await rows("update work set due_at = now() where campaign_id = $1", passes["call"]);
    await until(async () => (await ends("call")).filter((one) => one === "c3 busy").length === turn + 2, "busy once more", 60_000);
    await waiting("c1 agents 2880", "c3 call 20");
  }
  await later();
  await until(async () => (await ends("agents")).filter((one) => one.endsWith(" human")).length === 2, "both to talk to the agent", 90_000);
  t.same((await ends("call")).toSorted(), ["c1 machine-message", "c3 busy", "c3 busy", "c3 busy", "c3 busy"]);
  t.same((await ends("text")).toSorted(), ["c1 delivered", "c2 delivered", "c3 delivered"]);
  t.same(await ends("letter"), ["c1 sent"]);
  const books = (await lab.books()).filter(({ called }) => Number(called.slice(-4)) > 8000);
  t.same(
    books.filter(({ called }) => called === number(7002)),
    [],
    "who has paid is not called",
  );
  t.same(books.map(({ called }) => called.slice(-4)).toSorted(), ["8001", "8001", "8003", "8003", "8003", "8003", "8003"], "by the carrier's books");
  t.match((await lab.mails()).mails, [{ to: ["ada@example.com"], taken: true }], "by the mail exchanger's");
  live.kill("SIGTERM");
  t.equal(await inTime(live.ended, "the server to end", 60_000), 0, "a clean stop");
});
