import t from "tap";
import { until } from "../harness/far-side.ts";
import { type FreeswitchProcess, startFreeswitch } from "../harness/freeswitch-fleet.ts";
import { sideBySide } from "../harness/side-by-side.ts";
import { loadCampaign, noLeaks, numberOf, openServer, run, type Server, script, seed } from "./calls-kit.ts";

/* Two FreeSWITCH, each in a process of its own: one is killed, stopped, or taken out of service, and the calls of the other never notice. */

t.comment(`seed ${seed}`);
t.setTimeout(280_000);
const parts = sideBySide(t, 2);

const numbers = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => numberOf(`${prefix}${1000 + at}`));

/** Everybody is on the line until the last one is, on a busy machine too. */
const patient = script.replace("first_digit_s: 2", "first_digit_s: 15").replace("tries: 2", "tries: 1");

/** Which server an attempt's call is on. */
async function placesOf({ stores }: Server): Promise<ReadonlyMap<string, string>> {
  const { rows } = await stores.pool.query<{ id: string; media_server: string }>(
    "select id, media_server from attempt where media_server is not null",
  );
  return new Map(rows.map(({ id, media_server: server }) => [id, server]));
}

async function answeredHere({ stores }: Server, count: number): Promise<boolean> {
  const { rowCount } = await stores.pool.query("select 1 from attempt where state = 'answered'");
  return rowCount === count;
}

/** Attempts, each with its server and what the carrier saw of it. */
async function laidOpen(server: Server, attempts: Awaited<ReturnType<typeof run>>) {
  const places = await placesOf(server);
  const { calls } = server.far.carrier.books.toJSON();
  return attempts.map((attempt) => ({
    ...attempt,
    place: places.get(attempt.id),
    calls: calls.filter((call) => call.attempt === attempt.id),
  }));
}

async function noneLeftThere(servers: readonly FreeswitchProcess[]): Promise<string> {
  const looks = await Promise.all(servers.map(async ({ name, look }) => ({ name, ...(await look()) })));
  const left = looks.filter(({ channels, tasks, unknown }) => channels + tasks + unknown.length > 0);
  return left.map(({ name, channels, tasks, unknown }) => `${name}: ${channels} channels, ${tasks} tasks ${unknown.join(" | ")}`).join("; ");
}

parts.test("one of two is killed under 50 calls: the other half is untouched", async (t) => {
  const [one, two] = await Promise.all([startFreeswitch(t, "fs-1", seed), startFreeswitch(t, "fs-2", seed + 1)]);
  const listening = numbers("+1212555", 40);
  const ringing = numbers("+1312555", 10);
  const later = numbers("+1415555", 12);
  const server = await openServer(
    t,
    {
      ...Object.fromEntries(listening.map((number) => [number, "listener" as const])),
      ...Object.fromEntries(ringing.map((number) => [number, "no-answer" as const])),
      ...Object.fromEntries(later.map((number) => [number, "hasty" as const])),
    },
    {},
    { mediaServers: [one, two] },
  );
  const { books } = server.far.carrier;
  const retries = { "carrier-fault": { afterS: 2, atMost: 1 } };
  const campaign = await loadCampaign(server, "killed", [...ringing, ...listening, ...later], { maxCps: 50, maxLines: 50, retries }, patient);
  const ended = run(server, campaign);
  const up = () => books.legsUp();
  await until(() => up().length === 50 && up().filter(({ state }) => state === "up").length === 40, "40 to listen and 10 to ring", 30_000);
  // An answer that we have not heard of yet would cross our CANCEL.
  await until(() => answeredHere(server, 40), "all answers to be known here");
  const places = await placesOf(server);
  const there = (name: string) => up().filter(({ attempt }) => places.get(attempt ?? "") === name);
  const share = there("fs-1").length;
  t.ok(share >= 20 && share <= 30, `they are spread: ${share} on fs-1, ${there("fs-2").length} on fs-2`);
  const hit = new Set(there("fs-1").map(({ attempt }) => attempt));
  const spared = there("fs-2").map(({ attempt }) => attempt);
  const killedAt = server.far.clock.now();
  await one.kill();
  await until(() => up().every(({ attempt }) => !hit.has(attempt)), "those on the dead one to be released at the carrier");
  t.same(
    up()
      .filter(({ attempt }) => spared.includes(attempt))
      .map(({ attempt }) => attempt)
      .sort(),
    [...spared].sort(),
    "the others are all still up then",
  );
  t.equal(server.near.media.servers.find(({ name }) => name === "fs-1")?.state, "down");

  const attempts = await laidOpen(server, await ended);
  const legsOf = ({ calls }: (typeof attempts)[number]) => calls.map(({ state, finalStatus }) => `${state} ${finalStatus}`).join();
  for (const attempt of attempts) {
    const { id, place, result, address, calls } = attempt;
    const about = `${address} on ${place}: ${result}, carrier ${legsOf(attempt)}`;
    const [call] = calls;
    const answered = call?.answeredAtMs != null;
    if (calls.length !== 1 || call?.state === "up" || call?.state === "ringing") t.fail(`one call, over: ${about}`);
    if (hit.has(id)) {
      if (result !== "carrier-fault") t.fail(`died with its server: ${about}`);
      if (answered && attempt.reason !== "FreeSWITCH fs-1 went down while the person was on the line")
        t.fail(`says why: ${about}, ${attempt.reason}`);
      if (answered && call?.endedBy !== "caller") t.fail(`hung up on by us: ${about}`);
      const [again, ...more] = attempts.filter((other) => other.address === address && other.reservedAt > attempt.reservedAt);
      if (attempt.againAt === undefined || !again || again.reservedAt < attempt.againAt || more.length > 0) t.fail(`called again, once: ${about}`);
    } else if (result !== (answered ? "human" : "no-answer")) t.fail(`untouched: ${about}`);
    if ((attempt.answeredAt !== undefined) !== answered) t.fail(`what we say of it is what the carrier saw: ${about}`);
    if (!hit.has(id) && place !== "fs-2" && (attempt.reservedAt ?? 0) > killedAt + 1000) t.fail(`no new call on the dead one: ${about}`);
  }
  t.equal(attempts.length, 62 + hit.size, "everybody was called, those of the dead one again");
  t.same(books.dialledTwice(), [], "and nobody else twice");

  await one.restart();
  await until(() => server.near.media.servers.every(({ state }) => state === "up"), "the dead one to be used again");
  const again = await loadCampaign(server, "again", numbers("+1617555", 8), { maxCps: 50, maxLines: 8 });
  server.far.carrier.directory.setEverybody("busy");
  await until(() => server.pool.held === 0, "sessions kept on the other one to be let go");
  const after = await laidOpen(server, await run(server, again));
  t.same(new Set(after.map(({ place }) => place)), new Set(["fs-1", "fs-2"]), "both take calls");
  await noLeaks(t, server);
  await until(async () => (await noneLeftThere([one, two])) === "", "nothing to be left on either");
  await server.close();
});

parts.test("who has heard it all, or has had something set going, is not called again for a server that died", async (t) => {
  const only = await startFreeswitch(t, "fs-1", seed);
  const [heard, sent, listener] = numbers("+1212555", 3);
  const stays = (key: string) => `does:listen then press ${key} then stay`;
  const server = await openServer(
    t,
    { [heard ?? ""]: stays("1"), [sent ?? ""]: stays("2"), [listener ?? ""]: "listener" },
    {},
    { mediaServers: [only] },
  );
  const long = "Thank you. This is said for so long that nobody can have heard it to its end when the server is gone. ".repeat(8);
  const source = patient
    .replace('"1": one, "2": desk', '"1": one, "2": link')
    .replace('one: { play: [{ say: "Thank you." }]', `one: { play: [{ say: "${long}" }]`)
    .replace(
      "  out:",
      `  link: { send: { channel: sms, template: link }, within_s: 600, next: linked }\n  linked: { play: [{ say: "${long}" }], next: out }\n  out:`,
    );
  const retries = { "carrier-fault": { afterS: 2, atMost: 1 } };
  const campaign = await loadCampaign(server, "through", numbers("+1212555", 3), { maxCps: 50, maxLines: 50, retries }, source);
  const ended = run(server, campaign);
  const at = async (step: string) =>
    (await server.stores.pool.query("select 1 from attempt_event where kind = 'step' and detail->>'step' = $1", [step])).rowCount;
  await until(
    async () => (await at("one")) === 1 && (await at("linked")) === 1 && (await at("hello")) === 3,
    "each to be where it is to be cut",
    30_000,
  );
  await only.kill();
  const first = async () => (await server.stores.attemptReader.attempts(campaign.id, {}, { limit: 10 })).filter(({ result }) => result !== undefined);
  await until(async () => (await first()).length >= 3, "the three to be over");
  const endOf = (number: string | undefined, all: Awaited<ReturnType<typeof first>>) => {
    const { result, outcome, againAt } = all.find(({ address }) => address === number) ?? {};
    return [result, outcome, againAt !== undefined];
  };
  const all = await first();
  t.same(endOf(heard, all), ["human", "pressed_one", false]);
  t.same(endOf(sent, all), ["carrier-fault", "lost", false]);
  t.same(endOf(listener, all), ["carrier-fault", "lost", true]);
  await server.pass.order(campaign.id, "stop");
  await ended;
  await server.close();
});

parts.test("one that is stopped gets no calls until it goes on", async (t) => {
  const [one, two] = await Promise.all([startFreeswitch(t, "fs-1", seed), startFreeswitch(t, "fs-2", seed + 1)]);
  const listening = numbers("+1212555", 12);
  const server = await openServer(t, Object.fromEntries(listening.map((number) => [number, "listener" as const])), {}, { mediaServers: [one, two] });
  const { books, directory } = server.far.carrier;
  const state = (name: string) => server.near.media.servers.find((each) => each.name === name)?.state;
  directory.setMix({ busy: 1 });
  const campaign = await loadCampaign(server, "stopped", [...listening, ...numbers("+1312555", 80)], { maxCps: 20, maxLines: 20 });
  const ended = run(server, campaign);
  await until(() => books.legsUp().filter(({ state }) => state === "up").length === 12, "twelve to listen", 20_000);
  await until(() => answeredHere(server, 12), "all answers to be known here");
  const places = await placesOf(server);
  const hit = new Set(books.legsUp().flatMap(({ attempt, state }) => (attempt && state === "up" && places.get(attempt) === "fs-1" ? [attempt] : [])));
  t.ok(hit.size >= 4, `${hit.size} of them on the one that stops`);
  one.freeze();
  await until(() => state("fs-1") !== "up", "it to be noticed", 5000);
  const noticedAt = server.far.clock.now();
  await until(() => books.legsUp().every(({ attempt }) => !hit.has(attempt ?? "")), "those on it to be released", 8000);
  const attempts = await laidOpen(server, await ended);
  for (const { id, place, result, calls, address } of attempts) {
    const about = `${address} on ${place}: ${result}`;
    const allowed = ["human", "busy", "canceled", ...(place === "fs-1" ? ["carrier-fault"] : [])];
    if (hit.has(id) ? result !== "carrier-fault" : !allowed.includes(result ?? "")) t.fail(about);
    // Also those who had a session there already when it was noticed: what leaves then takes another.
    if (place === "fs-1" && calls.some(({ invitedAtMs }) => invitedAtMs > noticedAt + 100))
      t.fail(`a call went out with a session of the stopped one: ${about}`);
  }
  t.same(books.dialledTwice(), []);
  t.not(state("fs-1"), "up");
  one.thaw();
  await until(() => state("fs-1") === "up", "it to be used again once it goes on", 20_000);
  directory.setEverybody("busy");
  await until(() => server.pool.held === 0, "sessions kept on the other one to be let go");
  const again = await loadCampaign(server, "again", numbers("+1617555", 8), { maxCps: 50, maxLines: 8 });
  const after = await laidOpen(server, await run(server, again));
  t.same(new Set(after.map(({ place }) => place)), new Set(["fs-1", "fs-2"]), "both take calls");
  await noLeaks(t, server);
  await until(async () => (await noneLeftThere([one, two])) === "", "nothing to be left on either", 15_000);
  await server.close();
});

parts.test("one that is drained keeps its calls and gets no more", async (t) => {
  const [one, two] = await Promise.all([startFreeswitch(t, "fs-1", seed), startFreeswitch(t, "fs-2", seed + 1)]);
  const listening = numbers("+1212555", 8);
  const server = await openServer(t, Object.fromEntries(listening.map((number) => [number, "listener" as const])), {}, { mediaServers: [one, two] });
  const { books, directory } = server.far.carrier;
  const { media } = server.near;
  directory.setMix({ busy: 1 });
  const campaign = await loadCampaign(server, "drained", [...listening, ...numbers("+1312555", 60)], { maxCps: 20, maxLines: 20 });
  const ended = run(server, campaign);
  await until(() => books.legsUp().filter(({ state }) => state === "up").length === 8, "eight to listen", 20_000);
  media.drain("fs-1", true);
  server.pool.shed();
  const drainedAt = server.far.clock.now();
  const attempts = await laidOpen(server, await ended);
  t.same(
    new Set(attempts.filter(({ calls }) => calls.some(({ answeredAtMs }) => answeredAtMs !== null)).map(({ result }) => result)),
    new Set(["human"]),
  );
  const on = (name: string) =>
    attempts.filter(({ place, calls }) => place === name && calls.some(({ invitedAtMs }) => invitedAtMs > drainedAt + 100));
  t.same(on("fs-1"), [], "no call went out with a session there");
  t.ok(on("fs-2").length > 0, "they went to the other one");
  await until(() => media.servers.find(({ name }) => name === "fs-1")?.sessions === 0, "it to be empty");
  t.equal((await one.look()).channels, 0, "it may be stopped");
  media.drain("fs-1", false);
  t.ok(await media.open("fs-1"), "and taken back");
  await server.close();
});
