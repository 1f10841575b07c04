import t from "tap";
import { silentLog } from "../../src/kernel/log.ts";
import { afterCall, type CallerIdPool, chooseCallerId, freshNumber, isFree, type NumberState } from "../../src/voice/caller-id.ts";
import { CallerIds } from "../../src/voice/caller-id-engine.ts";
import type { NumberStore } from "../../src/voice/caller-id-ports.ts";
import { fromUri, requestUri, type Trunk } from "../../src/voice/trunk.ts";
import { until } from "../harness/far-side.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { loadCampaign, noLeaks, numberOf, openServer, run, seed } from "./calls-kit.ts";
import { trunkTo } from "./carriers-kit.ts";

t.setTimeout(280_000);

const newYork = "+12125550101";
const alsoNewYork = "+12125550102";
const london = "+442079460101";
const anywhere = "+18005550101";
const pool: CallerIdPool = {
  name: "pool",
  numbers: [
    { number: newYork, localTo: ["+1212", "+1"] },
    { number: alsoNewYork, localTo: ["+1212"] },
    { number: london, localTo: ["+4420"] },
    { number: anywhere, localTo: [] },
  ],
  quarantineAfter: 3,
  quarantineHours: 24,
};

t.test("the number with the longest local prefix, and among equals the one shown least", async (t) => {
  const states: Record<string, Partial<NumberState>> = {};
  const choose = (to: string, suits = (_: string) => true) =>
    chooseCallerId(to, pool, (number) => ({ ...freshNumber, ...states[number] }), 1000, suits);
  t.equal(choose("+12125559999"), newYork);
  states[newYork] = { shown: 1 };
  t.equal(choose("+12125559999"), alsoNewYork, "in turn");
  t.equal(choose("+13125559999"), newYork, "+1 matches better than nothing");
  t.equal(choose("+442079469999"), london);
  t.equal(
    choose("+442079469999", (number) => number.startsWith("+1")),
    alsoNewYork,
    "only what the trunk may show; among those that fit nobody the first that was shown least",
  );
  t.equal(
    choose("+3531234567", (number) => number === anywhere),
    anywhere,
  );
  states[newYork] = { restsUntil: 2000 };
  states[alsoNewYork] = { spentDay: 0 };
  t.equal(choose("+12125559999"), london, "neither one that rests nor one whose cap is used up");
  t.equal(
    choose("+12125559999", (number) => number === newYork),
    undefined,
  );
});

t.test("a run of 608 puts a number to rest, and nothing else does", async (t) => {
  const after = (statuses: readonly number[]) => statuses.reduce((state, status) => afterCall(state, status, pool, 1000), freshNumber);
  const rests = 1000 + 24 * 3_600_000;
  const rows: readonly (readonly [readonly number[], number, number])[] = [
    [[608, 608], 2, 0],
    [[608, 608, 608], 0, rests],
    [[608, 200, 608, 608], 2, 0],
    [[608, 486, 608, 487, 608], 1, 0],
    [[608, 503, 608, 500, 608], 0, rests],
    [[603, 603, 603, 607, 607, 607], 0, 0],
  ];
  for (const [statuses, run, restsUntil] of rows) t.match(after(statuses), { run, restsUntil }, statuses.join(" "));
  t.equal(isFree({ ...freshNumber, restsUntil: 5 }, 4), false);
  t.equal(isFree({ ...freshNumber, restsUntil: 5 }, 5), true);
});

t.test("how numbers are written for a trunk", async (t) => {
  const written = (over: Partial<Trunk>, to: string) => {
    const trunk = trunkTo("a", { sipPort: 5060 }, over);
    return [requestUri(trunk, numberOf(to)), fromUri(trunk, to)].map((uri) => /^sip:([^@]*)@/.exec(uri)?.[1]);
  };
  const national = { numberFormat: "national", countryCode: "44", nationalPrefix: "0", internationalPrefix: "00" } as const;
  t.same(written({}, london), [london, london]);
  t.same(written({ numberFormat: "digits", dialPrefix: "7#" }, london), ["7#442079460101", "442079460101"]);
  t.same(written(national, london), ["02079460101", "02079460101"]);
  t.same(written({ ...national, dialPrefix: "9" }, newYork), ["90012125550101", "0012125550101"]);
  t.same(written({ numberFormat: "national", countryCode: "1", nationalPrefix: "", internationalPrefix: "011" }, newYork), [
    "2125550101",
    "2125550101",
  ]);
});

t.test("what a number has just shown is not forgotten over an older read, and is kept in its order", async (t) => {
  const [asked, answer, written] = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const kept: number[] = [];
  const store: NumberStore = {
    async read() {
      asked.resolve();
      await answer.promise;
      return [{ number: newYork, run: 2, restsUntil: 0 }];
    },
    async keep({ run }) {
      // The earlier one takes longer.
      if (run === 1) await written.promise;
      kept.push(run);
    },
    take: () => Promise.resolve(true),
  };
  const ids = new CallerIds([pool], store, new VirtualClock(0), silentLog);
  ids.ended("pool", newYork, 608);
  const reading = ids.refresh();
  await asked.promise;
  ids.ended("pool", newYork, 200);
  answer.resolve();
  await reading;
  ids.ended("pool", newYork, 608);
  ids.ended("pool", newYork, 608);
  t.same(ids.resting, [], "two in a row since it was answered, and not four");
  written.resolve();
  await until(() => kept.length === 4, "all of it to be kept");
  t.same(kept, [1, 0, 1, 2]);
});

t.test("caps hold over nodes and restarts, and begin anew each day", async (t) => {
  const server = await openServer(t, {});
  const clock = new VirtualClock(Date.UTC(2026, 4, 5, 12));
  const capped: CallerIdPool = { ...pool, numbers: pool.numbers.slice(0, 2), dailyCap: 30 };
  const node = () => new CallerIds([capped], server.stores.numbers, clock, silentLog);
  const nodes = [node(), node()];
  const shown: string[] = [];
  const call = async (ids: CallerIds) => {
    const number = await ids.choose("pool", "+12125559999", () => true);
    if (number) shown.push(number);
    return number;
  };
  await Promise.all(Array.from({ length: 50 }, (_, index) => call(nodes[index % 2] ?? node())));
  t.equal(shown.length, 50);
  const later = node();
  for (let count = 0; count < 30; count++) await call(later);
  for (const ids of nodes) while (await call(ids)) {}
  for (const { number } of capped.numbers) {
    const calls = shown.filter((each) => each === number).length;
    t.ok(calls <= 30 && calls >= 26, `${number} was shown on ${calls} calls of at most 30`);
  }
  t.equal(later.available("pool"), false, "and a campaign with it waits");
  await clock.advance(86_400_000);
  t.equal(later.available("pool"), true);
  t.ok(await call(later), "until the next day");
  await server.close();
});

t.test("a campaign shows the numbers of its pool, and one that is unwanted rests, also after a restart", async (t) => {
  const people = Array.from({ length: 8 }, (_, index) => `+1212555${String(1000 + index)}`);
  const server = await openServer(
    t,
    {
      ...Object.fromEntries(people.map((number) => [number, "hasty"])),
      "+442079460500": "rejects:608",
      "+442079460501": "rejects:608",
      "+442079460502": "rejects:608",
    },
    { numberFormat: "national", countryCode: "1", nationalPrefix: "", internationalPrefix: "011" },
    { pools: [pool], speed: 3 },
  );
  const { books, directory } = server.far.carrier;
  for (const number of people) directory.assign(number.slice(2), ["hasty"]);
  for (const suffix of [500, 501, 502]) directory.assign(`011442079460${suffix}`, ["rejects:608"]);
  const all = [...people, "+442079460500", "+442079460501", "+442079460502"].map(numberOf);
  const campaign = await loadCampaign(server, "pool", all, { maxCps: 50, maxLines: 1 }, undefined, undefined, undefined, "pool");
  const attempts = await run(server, campaign);
  t.equal(attempts.length, all.length);
  t.equal(attempts.filter(({ result }) => result === "rejected").length, 3, `seed ${seed}`);
  const callersOf = (wanted: (called: string) => boolean) => books.calls.filter(({ called }) => wanted(called)).map(({ caller }) => caller);
  const americans = callersOf((called) => called.startsWith("212"));
  t.same(
    [...americans].sort(),
    [...Array(4).fill("2125550101"), ...Array(4).fill("2125550102")],
    "the local numbers in turn, written as the trunk wants them",
  );
  t.same(
    callersOf((called) => called.startsWith("01144")),
    Array(3).fill("011442079460101"),
  );
  await until(
    async () => (await server.stores.numbers.read()).some(({ number, restsUntil }) => number === london && restsUntil > Date.now()),
    "its rest to be kept",
  );
  const restarted = new CallerIds([pool], server.stores.numbers, { now: () => Date.now(), after: () => ({ cancel() {} }) }, silentLog);
  await restarted.refresh();
  t.same(restarted.resting, [london]);
  t.equal(await restarted.choose("pool", "+442079460503", (number) => number.startsWith("+44")), undefined, "it is not shown any more");
  await noLeaks(t, server);
  await server.close();
});
