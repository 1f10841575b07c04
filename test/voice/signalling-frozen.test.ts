import t from "tap";
import { startDrachtio } from "../harness/drachtio-fleet.ts";
import { until } from "../harness/far-side.ts";
import { loadCampaign, noLeaks, numberOf, openServer, run, type Server, seed } from "./calls-kit.ts";

/* A drachtio-server that hangs: new calls go over the other one, and those on it are ended over the other one too. */

t.comment(`seed ${seed}`);
t.setTimeout(280_000);

const numbers = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => numberOf(`${prefix}${1000 + at}`));

async function placesOf({ stores }: Server): Promise<ReadonlyMap<string, string>> {
  const { rows } = await stores.pool.query<{ id: string; dialog_id: string }>("select id, dialog_id from attempt where dialog_id is not null");
  return new Map(rows.map(({ id, dialog_id: dialogId }) => [id, dialogId.slice(0, dialogId.indexOf("/"))]));
}

t.test("one that is stopped gets no calls, its people are let go, and it is used again once it goes on", async (t) => {
  const second = await startDrachtio(t, "second", seed + 7);
  const listening = numbers("+1212555", 12);
  const personas = Object.fromEntries(listening.map((number) => [number, "listener" as const]));
  const server = await openServer(t, personas, {}, { drachtioServers: [second] });
  const { books, directory } = server.far.carrier;
  const { signalling } = server.near;
  const state = () => signalling.servers.find(({ name }) => name === "second")?.state;
  directory.setMix({ busy: 1 });
  const campaign = await loadCampaign(server, "stopped", [...listening, ...numbers("+1312555", 80)], { maxCps: 20, maxLines: 20 });
  const ended = run(server, campaign);
  await until(() => books.legsUp().filter((leg) => leg.state === "up").length === 12, "twelve to listen", 20_000);
  const known = async () => (await server.stores.pool.query("select 1 from attempt where state = 'answered'")).rowCount === 12;
  await until(known, "all answers to be known here");
  const places = await placesOf(server);
  const hit = new Set(
    books.legsUp().flatMap(({ attempt, state: leg }) => (attempt && leg === "up" && places.get(attempt) === "second" ? [attempt] : [])),
  );
  t.ok(hit.size >= 4, `${hit.size} of them on the one that stops`);
  second.freeze();
  await until(() => state() === "silent", "it to be noticed", 5000);
  const noticedAt = server.far.clock.now();
  const attempts = await ended;
  const after = await placesOf(server);
  const { calls } = books.toJSON();
  for (const { id, address, result, answeredAt } of attempts) {
    const place = after.get(id);
    const about = `${address} on ${place}: ${result}`;
    const call = calls.find(({ attempt }) => attempt === id);
    // Who hears the script hears it to its end: the media server is told over its own connection.
    if (hit.has(id) && result !== "human" && result !== "carrier-fault") t.fail(about);
    if ((answeredAt !== undefined) !== ((call?.answeredAtMs ?? null) !== null)) t.fail(`what we say of it is what the carrier saw: ${about}`);
    if (place === "second" && (call?.invitedAtMs ?? 0) > noticedAt + 100) t.fail(`a call went out over the stopped one: ${about}`);
  }
  t.equal(attempts.length, 92);
  t.same(books.dialledTwice(), []);
  await until(() => books.legsUp().length === 0, "everybody on it to be hung up on, over the other one", 30_000);
  t.not(state(), "up", "while it still stands still");
  second.thaw();
  await until(() => state() === "up", "it to be used again once it goes on", 20_000);
  directory.setEverybody("busy");
  await until(() => server.pool.held === 0, "sessions made over the other to be let go");
  const again = await run(server, await loadCampaign(server, "again", numbers("+1617555", 8), { maxCps: 50, maxLines: 8 }));
  const now = await placesOf(server);
  t.same(new Set(again.map(({ id }) => now.get(id))), new Set(["drachtio-1", "second"]), "both take calls");
  await noLeaks(t, server);
  await until(async () => (await second.look()).dialogs === 0, "it to have forgotten its dialogs", 40_000);
  await server.close();
});
