import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { AudioPool } from "../../src/adapter/tts/audio-pool.ts";
import { FliteRenderer } from "../../src/adapter/tts/flite.ts";
import { DiskPromptStore } from "../../src/adapter/tts/prompt-store.ts";
import type { AttemptView } from "../../src/api/ports.ts";
import { compare } from "../../src/command/compare.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { isPhoneNumber, type PhoneNumber } from "../../src/kernel/phone.ts";
import type { PersonaName } from "../../src/lab/carrier/cast.ts";
import { suffixes } from "../../src/lab/carrier/directory.ts";
import type { Campaign } from "../../src/strategy/campaign.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import { CallEngine } from "../../src/voice/call-engine.ts";
import { EndpointPool } from "../../src/voice/endpoint-pool-engine.ts";
import { ScriptLibrary } from "../../src/voice/script-engine.ts";
import { openTestDatabase } from "../harness/database.ts";
import { openFarSide, openNearSide, until } from "../harness/far-side.ts";

/* Campaigns over real SIP, RTP and PostgreSQL: every persona once, and after each nothing is left open anywhere. */

const seed = Date.now() & 0xffff;
const node = "calls-test";
const transferNumber = "+12125550300";

const script = `
script: calls-test
language: en-US
needs: [first_name]
max_call_s: 60
numbers: { desk: "${transferNumber}" }
start: { human: hello, unknown: hello }
steps:
  hello:
    menu: [{ say: "Hello {first_name}. Press 1, 2 or 9." }]
    first_digit_s: 2
    tries: 2
    keys: { "1": one, "2": desk, "9": out }
    no_input: nothing
    no_match: nothing
  one: { play: [{ say: "Thank you." }], end: pressed_one }
  desk:
    transfer: desk
    max_wait_s: 15
    play: [{ say: "Please wait." }]
    on: { answered: talked, no_agent: nobody, hung_up: left }
  talked: { end: talked }
  nobody: { end: nobody }
  left: { end: left }
  out:
    suppress: { scope: account }
    play: [{ say: "Goodbye." }]
    end: opted_out
  nothing: { play: [{ say: "Goodbye." }], end: no_input }
`;

async function openServer(t: Test, personas: Record<string, PersonaName | readonly PersonaName[]>) {
  const far = await openFarSide({ seed, pace: 0.15, personas: { numbers: { [transferNumber]: "clerk", ...personas } } });
  const near = await openNearSide(far, { node });
  const database = await openTestDatabase(t);
  const stores = await openStores({ url: database.url, log: silentLog, clock: systemClock, node });
  await stores.registry.register(node, systemClock.now());
  const dir = mkdtempSync(join(tmpdir(), "carillon-calls-"));
  const audio = new AudioPool({ clock: systemClock });
  const prompts = new DiskPromptStore({ dir, renderer: new FliteRenderer(audio), pool: audio, clock: systemClock });
  const pool = new EndpointPool(near.media, { maxOpening: 20, maxOpensPerSecond: 200, idleMs: 2000 }, systemClock, silentLog);
  const pass = new PassEngine({ work: stores.work, campaigns: stores.campaigns, clock: systemClock, log: silentLog, node, watchMs: 50 });
  const attempts = stores.attempts;
  const engine = new CallEngine({
    orders: pass,
    attempts,
    signalling: near.signalling,
    media: near.media,
    pool,
    scripts: new ScriptLibrary({ store: stores.scripts, prompts, attempts, clock: systemClock, log: silentLog }),
    trunks: [far.trunk],
    clock: systemClock,
    log: silentLog,
    maxSetups: 40,
  });
  const close = async (): Promise<void> => {
    await pass.close();
    await engine.close();
    await pool.close();
    await stores.close();
    await near.close();
    await audio.close();
    await far.close();
    rmSync(dir, { recursive: true });
  };
  return { far, near, stores, pass, engine, pool, close };
}

type Server = Awaited<ReturnType<typeof openServer>>;

async function loadCampaign(
  { stores, far }: Server,
  name: string,
  numbers: readonly PhoneNumber[],
  limits = { maxCps: 50, maxLines: 60 },
): Promise<Campaign> {
  const load = await stores.contacts.openLoad({ name, append: false });
  await load.add(numbers.map((number) => ({ addresses: [{ kind: "mobile" as const, number }], fields: { first_name: "Ann" } })));
  const { listId } = await load.commit();
  const { id: scriptVersionId } = await stores.scripts.publish("calls-test", script);
  return stores.campaigns.create({
    name,
    listId,
    scriptVersionId,
    trunk: far.trunk.name,
    callerId: "+12125550100",
    ringTimeoutMs: 15_000,
    window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] },
    defaultTimeZone: "America/New_York",
    ...limits,
  });
}

/** Runs a campaign to its end and gives its attempts. */
async function run({ pass, engine, stores }: Server, campaign: Campaign): Promise<readonly AttemptView[]> {
  const finished = Promise.withResolvers<void>();
  pass.onChange((changed) => {
    const { id: campaignId, trunk, maxCps, maxLines, ringTimeoutMs, state } = changed;
    if (state === "running") engine.dial({ campaignId, trunk, maxCps, maxLines, ringTimeoutMs });
    else engine.hold(campaignId);
    if (campaignId === campaign.id && (state === "finished" || state === "stopped")) finished.resolve();
  });
  await pass.start();
  await pass.order(campaign.id, "start");
  await finished.promise;
  return stores.attemptReader.attempts(campaign.id, {}, { limit: 1000 });
}

/** Nothing is open, here or over there, a moment after the last call. */
async function noLeaks(t: Test, { far, near, engine, pool }: Server): Promise<void> {
  await until(() => engine.lines === 0 && near.signalling.open === 0, "calls to be over here");
  await pool.close();
  await until(() => near.media.sessions === 0, "endpoints to be released here");
  await until(() => far.leaks().length === 0, `everything to be released over there: ${far.leaks().join("; ")} (seed ${seed})`);
  t.same(far.leaks(), [], `no dialog, channel, INVITE or scheduled task is left (seed ${seed})`);
}

function numberOf(text: string): PhoneNumber {
  if (!isPhoneNumber(text)) throw new Error(`${text} is not E.164`);
  return text;
}

const expected: Readonly<Partial<Record<PersonaName, string>>> = {
  busy: "busy",
  declined: "rejected",
  "no-answer": "no-answer",
  "no-answer-early-media": "no-answer",
  "bad-number": "bad-number",
  incomplete: "bad-number",
  sit: "bad-number",
  "sit-congestion": "congestion",
  congestion: "congestion",
  slow: "carrier-fault",
  crossing: "no-answer",
  redirect: "carrier-fault",
  "no-progress": "no-answer",
  unavailable: "no-answer",
};

t.test("every called party gets the right result, agrees with the carrier's books and leaves nothing behind", async (t) => {
  const people = Object.entries(suffixes);
  const server = await openServer(t, {});
  const numbers = people.map(([suffix]) => numberOf(`+1212555${suffix}`));
  const campaign = await loadCampaign(server, "everybody", numbers);
  const attempts = await run(server, campaign);
  t.equal(attempts.length, people.length, "one attempt each");
  for (const [suffix, persona] of people) {
    const attempt = attempts.find(({ address }) => address === `+1212555${suffix}`);
    t.equal(attempt?.result, expected[persona] ?? "human", `${persona}: ${attempt?.reason} (seed ${seed})`);
    if (persona === "opt-out") t.equal(attempt?.outcome, "opted_out");
    if (persona === "hasty") t.equal(attempt?.outcome, "pressed_one");
    if (persona === "silent") t.equal(attempt?.outcome, "no_input");
    if (persona === "hangs-up") t.equal(attempt?.reason, "hung-up");
  }
  const { rows } = await server.stores.pool.query<{ number: string }>("select number from suppression where number is not null");
  const { disagreements } = compare(attempts, server.far.carrier.books.toJSON().calls, new Set(rows.map(({ number }) => number)));
  t.same(disagreements, [], `seed ${seed}`);
  await noLeaks(t, server);
  await server.close();
});

t.test("an unanswered attempt costs no new session", async (t) => {
  const server = await openServer(t, {});
  server.far.carrier.directory.setEverybody("busy");
  const numbers = Array.from({ length: 60 }, (_, index) => numberOf(`+1312555${String(1000 + index)}`));
  const attempts = await run(server, await loadCampaign(server, "all-busy", numbers, { maxCps: 100, maxLines: 5 }));
  t.equal(attempts.filter(({ result }) => result === "busy").length, 60);
  t.ok(server.pool.opened <= 5, `60 attempts on 5 lines took ${server.pool.opened} sessions`);
  t.equal(server.pool.opened + server.pool.recycled >= 60, true);
  await noLeaks(t, server);
  await server.close();
});

t.test("limits hold: lines at once, calls per second, counted at the carrier", async (t) => {
  const server = await openServer(t, {});
  server.far.carrier.directory.setEverybody("busy");
  const numbers = Array.from({ length: 40 }, (_, index) => numberOf(`+1412555${String(1000 + index)}`));
  const attempts = await run(server, await loadCampaign(server, "limited", numbers, { maxCps: 20, maxLines: 3 }));
  t.equal(attempts.length, 40);
  const calls = server.far.carrier.books.toJSON().calls;
  const invited = calls.map(({ invitedAtMs }) => invitedAtMs).sort((a, b) => a - b);
  const most = Math.max(...invited.map((from) => invited.filter((at) => at >= from && at < from + 1000).length));
  t.ok(most <= 20, `at most ${most} INVITEs in any second`);
  const up = calls.flatMap((call) => [
    { at: call.invitedAtMs, step: 1 },
    { at: call.endedAtMs ?? call.invitedAtMs, step: -1 },
  ]);
  let lines = 0;
  let peak = 0;
  for (const { step } of up.sort((a, b) => a.at - b.at || a.step - b.step)) {
    lines += step;
    peak = Math.max(peak, lines);
  }
  t.ok(peak <= 3, `at most ${peak} lines at once`);
  await noLeaks(t, server);
  await server.close();
});

t.test("pause holds new calls back, resume goes on, stop lets end what is up", async (t) => {
  const server = await openServer(t, {});
  server.far.carrier.directory.setEverybody("hasty");
  const numbers = Array.from({ length: 12 }, (_, index) => numberOf(`+1512555${String(1000 + index)}`));
  const campaign = await loadCampaign(server, "paused", numbers, { maxCps: 50, maxLines: 2 });
  const ended = run(server, campaign);
  const books = server.far.carrier.books;
  await until(() => books.calls.length >= 2, "two calls");
  await server.pass.order(campaign.id, "pause");
  await until(() => server.engine.lines === 0, "the calls to end");
  const whilePaused = books.calls.length;
  t.ok(whilePaused < 12, `paused after ${whilePaused} calls`);
  await server.pass.order(campaign.id, "resume");
  await until(() => books.calls.length > whilePaused, "another call");
  await server.pass.order(campaign.id, "stop");
  const attempts = await ended;
  t.ok(attempts.length < 12 && attempts.every(({ state }) => state === "ended"), `stopped after ${attempts.length} attempts, all ended`);
  t.equal((await server.stores.campaigns.find(campaign.id))?.state, "stopped");
  await noLeaks(t, server);
  await server.close();
});
