import t from "tap";
import { mayFailOver, ringLeftMs } from "../../src/voice/fail-over.ts";
import { decideOver } from "../../src/voice/pacer.ts";
import type { Failure } from "../../src/voice/ports.ts";
import { freshRate } from "../../src/voice/rate.ts";
import { type Free, inOrder, type Route, spread, waysOf } from "../../src/voice/route.ts";
import { until } from "../harness/far-side.ts";
import { loadCampaign, noLeaks, numberOf, openServer, run, seed } from "./calls-kit.ts";
import { openCarrier, trunkTo } from "./carriers-kit.ts";

t.setTimeout(280_000);

t.test("which failures lead to another trunk", async (t) => {
  const rows: readonly (readonly [Partial<Failure>, object, boolean])[] = [
    [{ status: 503 }, {}, true],
    [{ status: 500 }, {}, true],
    [{ status: 502 }, {}, true],
    [{ status: 504 }, {}, true],
    [{ status: 503, q850: 34 }, {}, true],
    [{ status: 503, q850: 42 }, {}, true],
    [{ status: 503, madeUp: true }, {}, true],
    [{ status: 408, madeUp: true }, {}, true],
    [{ status: 407 }, {}, true],
    [{ status: 401 }, {}, true],
    // The person, or who acts for them, said no.
    ...[486, 600, 603, 607, 608].map((status) => [{ status }, {}, false] as const),
    ...[486, 600, 603, 607, 608].map((reasonSip) => [{ status: 503, reasonSip }, {}, false] as const),
    ...[1, 3, 17, 18, 19, 20, 21, 22, 28].map((q850) => [{ status: 503, q850 }, {}, false] as const),
    // It says something about the number, or somebody may have been rung.
    ...[302, 403, 404, 408, 410, 480, 484, 487, 488, 604, 606].map((status) => [{ status }, {}, false] as const),
    [{ status: 503 }, { rang: true }, false],
    [{ status: 487 }, { canceled: "ring-timeout" }, false],
    [{ status: 503 }, { canceled: "withdrawn" }, false],
    [{ status: 503 }, { canceled: "media" }, false],
    [{ status: 503, lost: true, endpointSpent: true }, {}, false],
    [{ status: 500, endpointSpent: true }, {}, false],
  ];
  for (const [failure, circumstances, expected] of rows) {
    const told = { status: 0, phrase: "", ...failure };
    t.equal(mayFailOver(told, { rang: false, ...circumstances }), expected, JSON.stringify({ ...failure, ...circumstances }));
  }
});

t.test("tries share the ring time-out, and nobody is rung for less than the law wants", async (t) => {
  t.equal(ringLeftMs(1000, 31_000, 30_000), 30_000);
  t.equal(ringLeftMs(11_000, 31_000, 30_000), 20_000);
  t.equal(ringLeftMs(21_000, 31_000, 30_000), 15_000);
  t.equal(ringLeftMs(30_999, 31_000, 30_000), 15_000);
  t.equal(ringLeftMs(31_000, 31_000, 30_000), undefined);
});

t.test("calls are spread by priority, then by weight", async (t) => {
  const free = (calls: number, name: string, priority: number, weight: number): Free => ({ member: { name, priority, weight }, calls });
  const members = [free(1000, "c", 2, 1), free(1000, "a", 1, 3), free(1000, "b", 1, 1)];
  const { names, credits } = spread(8, members, {});
  t.same(names, ["a", "a", "b", "a", "a", "a", "b", "a"], "three to one, and never the second priority");
  const oneByOne: string[] = [];
  let kept = {};
  for (let call = 0; call < 8; call++) {
    const next = spread(1, members, kept);
    oneByOne.push(...next.names);
    kept = next.credits;
  }
  t.same([oneByOne, kept], [names, credits], "one by one the same");
  t.same(
    spread(5, [free(9, "c", 2, 1), free(2, "a", 1, 3), free(1, "b", 1, 1)], {}).names,
    ["a", "a", "b", "c", "c"],
    "what the first cannot take goes on",
  );
  t.same(spread(5, [free(1, "a", 1, 1)], {}).names, ["a"], "and no more than there is room for");
  t.same(
    inOrder([
      { name: "x", priority: 2, weight: 9 },
      { name: "y", priority: 1, weight: 1 },
      { name: "z", priority: 1, weight: 5 },
    ]).map(({ name }) => name),
    ["z", "y", "x"],
  );
});

t.test("a route allows what one of its trunks allows, and has their room together", async (t) => {
  const facts = (name: string, callerIdPrefixes: string[], destinationPrefixes: string[]) => ({ name, callerIdPrefixes, destinationPrefixes });
  const route: Route = { name: "all", maxTries: 3, trunks: ["a", "b"].map((name) => ({ name, priority: 1, weight: 1 })) };
  t.match(waysOf([facts("a", ["+1555"], ["+1"]), facts("b", ["+1556"], []), facts("c", ["+9"], ["+9"])], [route]).at(-1), {
    name: "all",
    callerIdPrefixes: ["+1555", "+1556"],
    destinationPrefixes: [],
  });
  const started = { rate: freshRate, ahead: 0 };
  const room = (lines: number) => ({ lines, maxLines: 10, maxCps: 1000, started });
  const stats = { lines: 0, setups: 0, campaign: started };
  const policy = { maxLines: 12, maxCps: 1000, maxSetups: 100, leadMs: 0 };
  t.match(decideOver(0, stats, [room(0), room(0)], policy), { calls: 12, heldBy: "lines" });
  t.match(decideOver(0, stats, [room(9), room(7)], policy), { calls: 4, heldBy: "trunk-lines", free: [1, 3] });
  t.match(decideOver(0, stats, [room(10), room(10)], policy), { calls: 0, heldBy: "trunk-lines" });
  t.equal(decideOver(0, stats, [], policy).calls, 0);
});

t.test("a trunk that fails hands its calls to the next, as the same attempt; who said no is left alone", async (t) => {
  const broken = await openCarrier(t, "congestion");
  const stranger = await openCarrier(t, "challenge");
  const member = (name: string, priority: number) => ({ name, priority, weight: 1 });
  const route: Route = { name: "all", maxTries: 3, trunks: [member("lab", 4), member("broken", 1), member("nobody", 2), member("stranger", 3)] };
  const declined = "+12125550201";
  const busy = "+12125550202";
  const server = await openServer(
    t,
    { [declined]: "declined", [busy]: "busy" },
    {},
    {
      // Nobody listens at the second, over TCP so that this shows at once; the third does not know us.
      moreTrunks: () => [trunkTo("broken", broken), trunkTo("nobody", { sipPort: 9 }, { transport: "tcp" }), trunkTo("stranger", stranger)],
      routes: [{ ...route, maxTries: 4 }],
    },
  );
  const people = ["+12125550211", "+12125550212", "+12125550213"];
  for (const number of people) server.far.carrier.directory.assign(number, ["hasty"]);
  const campaign = await loadCampaign(server, "fail-over", [declined, busy, ...people].map(numberOf), undefined, undefined, undefined, "all");
  const attempts = await run(server, campaign);
  t.equal(attempts.length, 5, "one attempt for each person");
  const resultOf = (number: string) => attempts.find(({ address }) => address === number)?.result;
  t.equal(resultOf(declined), "rejected", `seed ${seed}`);
  t.equal(resultOf(busy), "busy");
  for (const number of people) t.equal(resultOf(number), "human");
  const { calls } = server.far.carrier.books;
  t.equal(broken.books.calls.length, 5, "each was tried over the first trunk");
  t.equal(stranger.books.calls.length, 5, "and over the third");
  t.equal(calls.length, 5, "and reached over the fourth, once");
  t.same(new Set(broken.books.calls.map(({ attempt }) => attempt)), new Set(calls.map(({ attempt }) => attempt)), "as the same attempts");
  const { rows } = await server.stores.pool.query<{ detail: { trunk: string; after?: string } }>(
    "select detail from attempt_event where kind = 'sent' and attempt_id = $1 order by id",
    [attempts.find(({ address }) => address === people[0])?.id],
  );
  t.match(rows.at(0)?.detail, { trunk: "broken" });
  t.match(rows.at(-1)?.detail, { trunk: "lab", after: /407/ }, "the log says which trunk, and why not the one before");
  const ended = attempts.find(({ address }) => address === people[0]);
  t.equal(ended?.callId, calls.find(({ called }) => called === people[0])?.callId, "and has the Call-ID of the last");
  await noLeaks(t, server);
  await server.close();
});

t.test("who said no over one trunk is not called over another, and tries are bounded", async (t) => {
  const spare = await openCarrier(t, "hasty");
  const also = await openCarrier(t, "congestion");
  const route: Route = {
    name: "all",
    maxTries: 2,
    trunks: [
      { name: "lab", priority: 1, weight: 1 },
      { name: "also", priority: 2, weight: 1 },
      { name: "spare", priority: 3, weight: 1 },
    ],
  };
  const people = {
    busy: "busy",
    declined: "rejected",
    "bad-number": "bad-number",
    unavailable: "no-answer",
    "sit-congestion": "congestion",
    "rejects:607": "rejected",
    "rejects:608": "rejected",
    congestion: "congestion",
  };
  const numberFor = (index: number) => `+1212555${String(1000 + index)}`;
  const personas = Object.fromEntries(Object.keys(people).map((persona, index) => [numberFor(index), persona]));
  const server = await openServer(t, personas, {}, { moreTrunks: () => [trunkTo("also", also), trunkTo("spare", spare)], routes: [route] });
  const campaign = await loadCampaign(server, "no", Object.keys(personas).map(numberOf), undefined, undefined, undefined, "all");
  const attempts = await run(server, campaign);
  for (const [index, [persona, result]] of Object.entries(people).entries())
    t.equal(attempts.find(({ address }) => address === numberFor(index))?.result, result, `${persona} (seed ${seed})`);
  t.same(
    also.books.calls.map(({ called }) => called),
    [numberFor(7)],
    "only who was told of no free line was tried again, not who heard tones",
  );
  t.equal(spare.books.calls.length, 0, "and not a third time: maxTries is 2");
  await noLeaks(t, server);
  await server.close();
});

t.test("weights hold at the far ends", async (t) => {
  const second = await openCarrier(t, "busy");
  const third = await openCarrier(t, "busy");
  const member = (name: string, priority: number, weight: number) => ({ name, priority, weight });
  const route: Route = { name: "all", maxTries: 3, trunks: [member("lab", 1, 3), member("second", 1, 1), member("third", 2, 1)] };
  const server = await openServer(
    t,
    {},
    { maxCps: 30 },
    // More than the campaign's pace: a trunk that may not take a call at that moment leaves it to another, and has no more for it later.
    { moreTrunks: () => [trunkTo("second", second, { maxCps: 30 }), trunkTo("third", third)], routes: [route] },
  );
  server.far.carrier.directory.setEverybody("busy");
  const numbers = Array.from({ length: 40 }, (_, index) => numberOf(`+1312555${String(1000 + index)}`));
  const campaign = await loadCampaign(server, "weights", numbers, { maxCps: 20, maxLines: 60 }, undefined, undefined, "all");
  t.equal((await run(server, campaign)).length, 40);
  const [first, other] = [server.far.carrier.books.calls.length, second.books.calls.length];
  t.same([first, other, third.books.calls.length], [30, 10, 0], `three to one (seed ${seed})`);
  await until(() => server.engine.lines === 0, "all to be over");
  await noLeaks(t, server);
  await server.close();
});
