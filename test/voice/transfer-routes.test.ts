import t from "tap";
import { silentLog } from "../../src/kernel/log.ts";
import type { Route } from "../../src/voice/route.ts";
import { SecondLegs } from "../../src/voice/second-leg-engine.ts";
import type { SecondLeg } from "../../src/voice/second-leg-ports.ts";
import { Trunks } from "../../src/voice/trunk-engine.ts";
import { until } from "../harness/far-side.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { loadCampaign, noLeaks, numberOf, openServer, run, seed } from "./calls-kit.ts";
import { openCarrier, trunkTo } from "./carriers-kit.ts";

t.setTimeout(280_000);

const member = (name: string, priority: number) => ({ name, priority, weight: 1 });
const person = "+12125550801";
const desk = "+12125550300";

t.test("a transfer goes over the next trunk of the route when the call's own fails it; who says no is not called again", async (t) => {
  const spare = await openCarrier(t, "clerk");
  const last = await openCarrier(t, "clerk");
  const route: Route = { name: "all", maxTries: 3, trunks: [member("lab", 1), member("spare", 2), member("last", 3)] };
  const busyDesk = await openServer(
    t,
    { [person]: "presses:2", [desk]: "busy" },
    {},
    { moreTrunks: () => [trunkTo("spare", spare), trunkTo("last", last)], routes: [route] },
  );
  const declined = await run(busyDesk, await loadCampaign(busyDesk, "busy desk", [numberOf(person)], undefined, undefined, undefined, "all"));
  t.match(declined, [{ result: "human", outcome: "nobody" }], `seed ${seed}`);
  t.same([spare.books.calls.length, last.books.calls.length], [0, 0], "486 is the desk's answer");
  const legs = "select trunk, kind, attempt_id, campaign_id, answered_at > began_at and ended_at > answered_at as over from second_leg";
  // Beside the end of the attempt, not before it.
  await until(async () => (await busyDesk.stores.pool.query(legs)).rowCount === 0, "what was not answered, and costs nothing, to be forgotten");
  t.match(busyDesk.secondLegs.counts, [{ trunk: "lab", kind: "transfer", answered: 0, unanswered: 1, talkMs: 0 }]);
  await noLeaks(t, busyDesk);
  await busyDesk.close();

  const server = await openServer(
    t,
    { [person]: "presses:2", [desk]: "congestion" },
    {},
    // The second may not call it, the third is full.
    {
      moreTrunks: () => [
        trunkTo("elsewhere", last, { destinationPrefixes: ["+44"] }),
        trunkTo("full", last, { maxChannels: 0 }),
        trunkTo("spare", spare, { codecs: ["PCMA"] }),
      ],
      routes: [{ ...route, trunks: [member("lab", 1), member("elsewhere", 2), member("full", 3), member("spare", 4)] }],
    },
  );
  const attempts = await run(server, await loadCampaign(server, "fails", [numberOf(person)], undefined, undefined, undefined, "all"));
  t.match(attempts, [{ result: "human", outcome: "talked" }], `seed ${seed}`);
  t.same(
    server.far.carrier.books.calls.map(({ called, finalStatus }) => [called, finalStatus]),
    [
      [person, 200],
      [desk, 503],
    ],
    "first over the call's own",
  );
  t.match(spare.books.calls, [{ called: desk, attempt: `${attempts[0]?.id};transfer` }]);
  t.equal(last.books.calls.length, 0);
  t.same(
    server.trunks.all.map(({ lines }) => lines),
    [0, 0, 0, 0],
    "every line is given back",
  );
  await until(async () => (await server.stores.pool.query(`${legs} where ended_at is null`)).rowCount === 0, "the second leg to end");
  const [attempt] = attempts;
  const leg = { trunk: "spare", kind: "transfer", attempt_id: attempt?.id, campaign_id: attempt?.campaignId, over: true };
  t.same((await server.stores.pool.query(legs)).rows, [leg], "which trunk took it, for whom, and when it was answered and ended");
  await noLeaks(t, server);
  await server.close();
});

t.test("a trunk that says Retry-After is left alone for so long, and calls go over the others", async (t) => {
  const spare = await openCarrier(t, "busy");
  const route: Route = { name: "all", maxTries: 2, trunks: [member("lab", 1), member("spare", 2)] };
  const server = await openServer(t, {}, {}, { moreTrunks: () => [trunkTo("spare", spare)], routes: [route] });
  const { agent } = server.far.carrier;
  let asked = 0;
  agent.onInvite = (call) => {
    asked += 1;
    call.reject(503, undefined, { "Retry-After": "120 (maintenance);duration=600" });
  };
  const numbers = Array.from({ length: 6 }, (_, index) => numberOf(`+1312555${String(1000 + index)}`));
  const attempts = await run(server, await loadCampaign(server, "rests", numbers, { maxCps: 50, maxLines: 1 }, undefined, undefined, "all"));
  t.ok(
    attempts.every(({ result }) => result === "busy"),
    `seed ${seed}`,
  );
  t.same([asked, spare.books.calls.length], [1, 6], "one INVITE, and not another");
  const [lab] = server.trunks.all;
  t.same([lab?.up, lab?.note?.replace(/until .*/, "")], [false, "503 with Retry-After: it is left alone "]);
  await noLeaks(t, server);
  await server.close();
});

t.test("a rest ends by itself, is bounded, and is not the new place's when the trunk moves", async (t) => {
  const clock = new VirtualClock();
  const trunk = trunkTo("a", { sipPort: 5060 });
  const trunks = new Trunks([trunk], [], clock);
  const [use] = trunks.all;
  if (!use) throw new Error("no trunk");
  use.count(503, 20);
  use.count(503);
  use.count(503, 5);
  await clock.advance(19_000);
  t.equal(use.up, false);
  await clock.advance(1001);
  t.same([use.up, use.note], [true, undefined]);
  use.count(503, 86_400);
  await clock.advance(299_000);
  t.equal(use.up, false);
  await clock.advance(1001);
  t.equal(use.up, true, "five minutes at most");
  use.count(503, 60);
  trunks.set([{ ...trunk, maxCps: 1 }], []);
  t.equal(use.up, false, "other limits end no rest");
  trunks.set([{ ...trunk, port: 5070 }], []);
  t.equal(use.up, true);
});

t.test("what the database does not take of a second leg is told to it again, and only how it stands last", async (t) => {
  const clock = new VirtualClock();
  const written: (SecondLeg | string)[] = [];
  let away = false;
  const write = async (what: SecondLeg | string) => {
    if (away) throw new Error("the database is away");
    written.push(what);
  };
  const legs = new SecondLegs({ store: { keep: write, forget: write }, clock, log: silentLog });
  const leg = { dialogId: "d-1", trunk: "lab", kind: "phone" } as const;
  const first = legs.begin(leg);
  await first.noted;
  const beganAt = clock.now();
  away = true;
  await clock.advance(1000);
  first.answered();
  await clock.advance(60_000);
  first.ended();
  first.ended();
  first.answered();
  away = false;
  await clock.advance(2000);
  const whole = { ...leg, beganAt, answeredAt: beganAt + 1000, endedAt: beganAt + 61_000 };
  t.same(written, [{ ...leg, beganAt }, whole]);
  const second = legs.begin({ ...leg, dialogId: "d-2" });
  second.ended();
  await clock.advance(0);
  t.equal(written.at(-1), "d-2", "it was not answered");
  t.same(legs.counts, [{ trunk: "lab", kind: "phone", answered: 1, unanswered: 1, talkMs: 60_000 }]);

  away = true;
  legs.begin({ ...leg, dialogId: "d-3" });
  await clock.advance(10);
  const closed = legs.close();
  await clock.advance(0);
  await closed;
  t.equal(clock.pending, 0, "nobody waits for a database that is away when the server stops");
});
