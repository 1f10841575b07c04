import t, { type Test } from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabDrachtio } from "../../src/lab/drachtio/lab-drachtio.ts";
import { openWire } from "../harness/dead-wire.ts";
import { labSecret, openFarSide, openNearSide, until } from "../harness/far-side.ts";
import { loadCampaign, noLeaks, numberOf, openServer, run, type Server, seed } from "./calls-kit.ts";

/* Two drachtio-servers: each call stays on the one that carries its dialog, and one that dies takes its own calls only. */

t.comment(`seed ${seed}`);
t.setTimeout(280_000);

const numbers = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => numberOf(`${prefix}${1000 + at}`));

async function openDrachtio(t: Test, ports: { readonly adminPort: number; readonly sipPort: number }): Promise<LabDrachtio> {
  const drachtio = new LabDrachtio({
    ...ports,
    clock: systemClock,
    random: seededRandom(seed + 7),
    log: silentLog,
    host: "127.0.0.1",
    secret: labSecret,
    timers: { t1Ms: 100 },
  });
  await drachtio.listen();
  t.teardown(() => drachtio.close());
  return drachtio;
}

/** By attempt: which drachtio-server its leg is on, as it was stored. */
async function placesOf({ stores }: Server): Promise<ReadonlyMap<string, string>> {
  const { rows } = await stores.pool.query<{ id: string; dialog_id: string; transaction_id: string | null }>(
    "select id, dialog_id, transaction_id from attempt where dialog_id is not null",
  );
  return new Map(rows.map(({ id, dialog_id: dialogId }) => [id, dialogId.slice(0, dialogId.indexOf("/"))]));
}

t.test("one of two dies: the calls of the other are untouched, and take the new ones", async (t) => {
  const second = await openDrachtio(t, { adminPort: 0, sipPort: 0 });
  const { adminPort, sipPort } = second;
  const listening = numbers("+1212555", 16);
  const later = numbers("+1415555", 8);
  const server = await openServer(
    t,
    {
      ...Object.fromEntries(listening.map((number) => [number, "listener" as const])),
      ...Object.fromEntries(later.map((number) => [number, "hasty" as const])),
    },
    {},
    { drachtioServers: [{ name: "second", port: adminPort }] },
  );
  const { books } = server.far.carrier;
  const { signalling } = server.near;
  const state = () => signalling.servers.map((one) => `${one.name} ${one.state}`).join(", ");
  t.equal(state(), "drachtio-1 up, second up");
  const campaign = await loadCampaign(server, "killed", [...listening, ...later], { maxCps: 50, maxLines: 16 });
  const ended = run(server, campaign);
  await until(() => books.legsUp().filter((leg) => leg.state === "up").length === 16, "sixteen to listen", 20_000);
  // What we have not heard of yet could not be told from what only rang.
  const known = async () => (await server.stores.pool.query("select 1 from attempt where state = 'answered'")).rowCount === 16;
  await until(known, "all answers to be known here");
  const places = await placesOf(server);
  const hit = new Set([...places].filter(([, place]) => place === "second").map(([id]) => id));
  t.ok(hit.size >= 6 && hit.size <= 10, `${hit.size} of 16 are on the second`);
  t.equal(second.counts.dialogs, 2 * hit.size, "with their media's dialogs");
  await second.close();
  await until(() => state() === "drachtio-1 up, second down", "it to be noticed");
  const attempts = await ended;
  const after = await placesOf(server);
  for (const { id, address, result, reason, answeredAt } of attempts) {
    const expected = hit.has(id) ? "carrier-fault" : "human";
    if (result !== expected) t.fail(`${address} on ${after.get(id)}: ${result}, not ${expected}`);
    if (hit.has(id)) t.equal(reason, "drachtio-server second went away while the person was on the line");
    t.ok(answeredAt, "and the time of the answer is kept");
    if (later.includes(numberOf(address)) && after.get(id) !== "drachtio-1") t.fail(`${address} was called over ${after.get(id)}`);
  }
  t.equal(attempts.length, 24, "everybody was called");
  t.same(books.dialledTwice(), [], "nobody was dialled twice");

  const again = await openDrachtio(t, { adminPort, sipPort });
  await until(() => state() === "drachtio-1 up, second up", "it to be back");
  await until(() => books.legsUp().length === 0, "what it had left to be ended");
  await until(() => server.pool.held === 0, "sessions made over the other to be let go");
  server.far.carrier.directory.setEverybody("busy");
  await run(server, await loadCampaign(server, "again", numbers("+1617555", 6), { maxCps: 50, maxLines: 6 }));
  t.same(
    new Set([...(await placesOf(server))].filter(([id]) => !attempts.some((attempt) => attempt.id === id)).map(([, place]) => place)),
    new Set(["drachtio-1", "second"]),
    "both take calls",
  );
  await noLeaks(t, server);
  t.match(again.counts, { dialogs: 0, invites: 0 });
  await server.close();
});

t.test("a leg is ended where it is, by whoever has its name", async (t) => {
  const second = await openDrachtio(t, { adminPort: 0, sipPort: 0 });
  const people = ["+12125551000", "+12125551001"];
  const far = await openFarSide({ seed, personas: { numbers: Object.fromEntries(people.map((number) => [number, "no-answer" as const])) } });
  const drachtioServers = [{ name: "second", port: second.adminPort }];
  const near = await openNearSide(far, { drachtioServers });
  const { trunk } = far;
  const endpoint = await near.media.open();
  const request = (via: string, to: string) => ({
    leg: near.signalling.nameLeg(via),
    uri: `sip:${to}@${trunk.host}:${trunk.port}`,
    from: "sip:+12125550100@127.0.0.1",
    sdp: endpoint.localSdp,
    expiresS: 60,
    headers: {},
  });
  const ringing = ["drachtio-1", "second"].map((via, at) => near.signalling.invite(request(via, people[at] ?? ""), { provisional() {} }));
  const sent = await Promise.all(ringing.map((invitation) => invitation.sent));
  t.same(
    sent.map((ids) => [ids?.transactionId, ids?.dialogId].map((id) => id?.split("/")[0]).join()),
    ["drachtio-1,drachtio-1", "second,second"],
  );
  await until(() => far.carrier.books.legsUp().length === 2, "both to ring");
  const successor = await openNearSide(far, { node: "successor", drachtioServers });
  for (const ids of sent) t.equal(await successor.signalling.cancelTransaction(ids?.transactionId ?? ""), "ended");
  await until(() => far.carrier.books.legsUp().length === 0, "neither to ring any more");
  t.equal(await successor.signalling.endDialog("elsewhere/abc;from-tag=1"), "gone", "a server that is not ours any more has none");
  t.equal(await successor.signalling.endDialog("abc;from-tag=1"), "gone", "one from before there were several is asked for everywhere");
  await Promise.all(ringing.map((invitation) => invitation.end));
  await endpoint.close();
  await Promise.all([near.close(), successor.close()]);
  await far.close();
});

t.test("drained, stopped, or not there at the start: no new calls over it", async (t) => {
  const second = await openDrachtio(t, { adminPort: 0, sipPort: 0 });
  const wire = await openWire(t, second.adminPort);
  const far = await openFarSide({ seed });
  let spentMs = 0;
  const clock = {
    now: systemClock.now,
    after: (delayMs: number, fire: () => void) =>
      systemClock.after(delayMs, () => {
        // Of all that is counted, pings are what comes twice a second for each server.
        if (delayMs === 500) spentMs += delayMs / 2;
        fire();
      }),
  };
  const near = await openNearSide(far, { clock, drachtioServers: [{ name: "second", port: wire.port }] });
  const { signalling } = near;
  const vias = () => new Set(Array.from({ length: 6 }, () => signalling.nameLeg().dialogId.split("/")[0]));
  t.same(vias(), new Set(["drachtio-1", "second"]));
  signalling.drain("second", true);
  t.same(vias(), new Set(["drachtio-1"]));
  const endpoints = await Promise.all([near.media.open(), near.media.open()]);
  t.same(new Set(endpoints.map(({ via }) => via)), new Set(["drachtio-1"]), "media's dialogs, too");
  signalling.drain("second", false);
  t.same(vias(), new Set(["drachtio-1", "second"]));
  spentMs = 0;
  await wire.stall();
  await until(() => signalling.servers[1]?.state === "silent", "it to be noticed that it does not answer");
  t.ok(spentMs <= 2500, `noticed after ${spentMs} ms`);
  t.same(vias(), new Set(["drachtio-1"]));
  wire.flow();
  await until(() => signalling.servers[1]?.state === "up", "it to be used again");
  t.same(vias(), new Set(["drachtio-1", "second"]));
  await near.close();

  const { adminPort, sipPort } = second;
  await second.close();
  const late = await openNearSide(far, { drachtioServers: [{ name: "second", port: adminPort }] });
  t.same(
    late.signalling.servers.map(({ state }) => state),
    ["up", "down"],
  );
  await openDrachtio(t, { adminPort, sipPort });
  await until(() => late.signalling.servers[1]?.state === "up", "it to be connected once it is there");
  await late.close();
  await far.close();
});
