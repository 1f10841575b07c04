import t from "tap";
import { intBetween, pick, type Random, seededRandom } from "../../../src/kernel/random.ts";
import type { PacingChoice, PacingFacts } from "../../../src/voice/pacing/choice.ts";
import type { AgentPacingState, CallEnd, PacingEvent } from "../../../src/voice/pacing/event.ts";
import { slewed, slewRoom } from "../../../src/voice/pacing/guard.ts";
import { countCall, hitRate, newHitRates } from "../../../src/voice/pacing/hit-rate.ts";
import { countOutcome, newRolling, shareOf } from "../../../src/voice/pacing/ledger.ts";
import { LoggedPacer, type PacingLogEntry } from "../../../src/voice/pacing/log.ts";
import { isPacerRecord } from "../../../src/voice/pacing/log-schema.ts";
import { Pacer, type PacerRecord } from "../../../src/voice/pacing/pacer.ts";
import { defaultPacing, type PacingMode } from "../../../src/voice/pacing/policy.ts";
import { Replay } from "../../../src/voice/pacing/replay.ts";
import { adjusted, thresholdFor } from "../../../src/voice/pacing/threshold.ts";

const nothing = { answers: 0, abandoned: 0 };
const clean = { day: nothing, month: nothing };

function facts(atMs: number, more: Partial<PacingFacts> = {}): PacingFacts {
  return { atMs, list: "l", attempt: 1, room: 1000, fedAtMs: atMs, ledger: clean, asked: 0, freePorts: 0, ...more };
}

function agents(pacer: Pacer, count: number, state: AgentPacingState, atMs: number, leavesAtMs?: number): void {
  for (let index = 0; index < count; index++)
    pacer.observe({ kind: "agent", atMs, agent: `a${index}`, state, ...(leavesAtMs === undefined ? {} : { leavesAtMs }) });
}

/** Ten have something to do after their conversations, which takes fifteen seconds. */
function wrapUp(pacer: Pacer, atMs: number): void {
  agents(pacer, 10, "wrap-up", atMs);
}

/** So many calls, each over before the next; every third is answered, and talked to for a minute and a half by somebody who then goes home. Ends at the time that is returned. */
function teach(pacer: Pacer, calls: number, fromMs = 0): number {
  let atMs = fromMs;
  for (let index = 0; index < calls; index++) {
    const call = `t${fromMs}-${index}`;
    pacer.observe({ kind: "dialled", atMs, call, list: "l", attempt: 1 });
    atMs += index % 3 === 0 ? 12_000 : 20_000;
    pacer.observe({ kind: "ended", atMs, call, how: index % 3 === 0 ? "answered" : "unanswered" });
    if (index % 3 !== 0) continue;
    pacer.observe({ kind: "connected", atMs, call });
    for (const [state, lastsMs] of [
      ["talking", 60_000 + 2000 * index],
      ["wrap-up", 15_000],
      ["away", 0],
    ] as const) {
      pacer.observe({ kind: "agent", atMs, agent: "teacher", state });
      atMs += lastsMs;
    }
  }
  return atMs;
}

t.test("without prediction", async (t) => {
  const cases: [PacingMode, Partial<PacingFacts>, Partial<PacingChoice>][] = [
    ["manual", { asked: 3, freePorts: 9 }, { calls: 0, heldBy: "mode" }],
    ["preview", { asked: 3 }, { calls: 3, heldBy: "asked" }],
    ["preview", { asked: 3, room: 2 }, { calls: 2, heldBy: "room" }],
    ["progressive", {}, { calls: 3, heldBy: "free-agents" }],
    ["progressive", { room: -4 }, { calls: 0, heldBy: "room" }],
    ["progressive", { fedAtMs: -6000 }, { calls: 0, heldBy: "stale" }],
    ["progressive", { fedAtMs: 6000 }, { calls: 0, heldBy: "stale" }],
    ["ivr-power", { freePorts: 10 }, { calls: 19, heldBy: "free-ports" }],
    ["ivr-progressive", { freePorts: 10 }, { calls: 9, heldBy: "free-ports" }],
  ];
  for (const [mode, given, expected] of cases) {
    const pacer = new Pacer({ ...defaultPacing(mode, 4), linesPerPort: 2 });
    agents(pacer, 4, "ready", 0);
    pacer.observe({ kind: "dialled", atMs: 0, call: "c", list: "l", attempt: 1 });
    t.match(pacer.decide(facts(0, given)), { ...expected, free: 4, underWay: 1, waiting: 0 }, `${mode} ${JSON.stringify(given)}`);
  }
});

t.test("predictive begins as progressive, and predicts after forty calls", async (t) => {
  const pacer = new Pacer(defaultPacing("predictive", 20));
  agents(pacer, 20, "ready", 0);
  t.match(pacer.decide(facts(0)), { calls: 10, heldBy: "slew" }, "not everybody at once");
  const cold = teach(pacer, 39);
  t.match(pacer.decide(facts(cold, { room: 50 })), { heldBy: "slew" });
  agents(pacer, 20, "talking", cold);
  t.match(pacer.decide(facts(cold)), { calls: 0, heldBy: "cold-start" }, "nobody is free, and nothing is known");
  agents(pacer, 20, "away", cold);
  const warm = teach(pacer, 60, cold);
  agents(pacer, 20, "talking", warm);
  t.match(pacer.decide(facts(warm)), { calls: 0, heldBy: "risk", free: 0 }, "twenty have just begun to talk");
  wrapUp(pacer, warm + 90_000);
  t.match(
    pacer.decide(facts(warm + 102_000)),
    { calls: 0, heldBy: "budget" },
    "nobody has answered yet whom one abandoned could be a small share of",
  );
  const ledger = { day: { answers: 200, abandoned: 0 }, month: { answers: 200, abandoned: 0 } };
  agents(pacer, 10, "wrap-up", warm + 102_000);
  t.ok(pacer.decide(facts(warm + 102_000, { ledger })).calls > 0, "half of them are nearly done with their wrap-up");
});

t.test("several lines for each agent, as far as the budgets go", async (t) => {
  const pacer = new Pacer({ ...defaultPacing("progressive", 4), linesPerAgent: 2 });
  agents(pacer, 4, "ready", 0);
  t.match(pacer.decide(facts(0)), { calls: 4, heldBy: "cold-start" });
  const atMs = teach(pacer, 60);
  agents(pacer, 4, "away", atMs);
  agents(pacer, 4, "ready", atMs);
  const room = { day: { answers: 200, abandoned: 1 }, month: { answers: 200, abandoned: 1 } };
  t.match(pacer.decide(facts(atMs, { ledger: room })), { calls: 8, heldBy: "free-agents" });
  const spent = { day: { answers: 200, abandoned: 6 }, month: { answers: 200, abandoned: 6 } };
  t.match(pacer.decide(facts(atMs + 2000, { ledger: spent })), { calls: 4, heldBy: "budget" });
});

t.test("guard rails", async (t) => {
  const policy = defaultPacing("predictive", 20);
  const ready = () => {
    const pacer = new Pacer(policy);
    const taughtMs = teach(pacer, 60);
    agents(pacer, 20, "talking", taughtMs);
    wrapUp(pacer, taughtMs + 90_000);
    return { pacer, atMs: taughtMs + 102_000 };
  };
  const { pacer, atMs } = ready();
  const free = { day: { answers: 1000, abandoned: 10 }, month: { answers: 9000, abandoned: 200 } };
  t.ok(pacer.decide(facts(atMs, { ledger: free })).calls > 0, "with room in both budgets");
  for (const [what, given, expected] of [
    ["the day is spent", { ledger: { ...free, day: { answers: 1000, abandoned: 30 } } }, { calls: 0, heldBy: "budget" }],
    ["so is the month", { ledger: { ...free, month: { answers: 9000, abandoned: 270 } } }, { calls: 0, heldBy: "budget" }],
    ["one more would be too much", { ledger: { ...free, day: { answers: 90, abandoned: 2 } } }, { calls: 0, heldBy: "budget" }],
    ["agents were last heard of six seconds ago", { fedAtMs: atMs - 6000 }, { calls: 0, heldBy: "stale" }],
    ["the trunk is full", { room: 0 }, { calls: 0, heldBy: "room" }],
  ] as const)
    t.match(ready().pacer.decide(facts(atMs, given)), expected, what);
  const few = new Pacer({ ...policy, maxLinesPerAgent: 0.05 });
  teach(few, 60);
  agents(few, 20, "talking", atMs - 102_000);
  wrapUp(few, atMs - 12_000);
  t.match(few.decide(facts(atMs, { ledger: free })), { calls: 1, heldBy: "lines" });
  const spent = ready();
  spent.pacer.observe({ kind: "agent", atMs, agent: "a0", state: "ready" });
  t.match(
    spent.pacer.decide(facts(atMs, { ledger: { ...free, day: { answers: 10, abandoned: 9 } } })),
    { calls: 1, heldBy: "budget" },
    "whoever is free gets a call all the same: it costs nobody anything",
  );
  const leaving = new Pacer(policy);
  teach(leaving, 60);
  agents(leaving, 20, "talking", atMs - 102_000, atMs + 10_000);
  agents(leaving, 10, "wrap-up", atMs - 12_000, atMs + 10_000);
  t.match(
    leaving.decide(facts(atMs, { ledger: free })),
    { calls: 0, heldBy: "risk" },
    "before the end of the shift nobody is called for those who leave",
  );
  const idle = new Pacer(policy);
  agents(idle, 20, "ready", 0, 25_000);
  t.match(idle.decide(facts(0)), { calls: 0, free: 0, heldBy: "cold-start" }, "nor for those who are free");
  agents(pacer, 20, "away", atMs);
  t.match(pacer.decide(facts(atMs)), { calls: 0, heldBy: "no-agents" });
});

t.test("calls of one second are counted together", async (t) => {
  let slew = slewed({ fromMs: -1e9, calls: 0 }, 0, 12);
  t.equal(slewRoom(slew, 500, 100), 13);
  slew = slewed(slew, 500, 13);
  t.equal(slewRoom(slew, 999, 100), 0);
  t.equal(slewRoom(slew, 1000, 100), 25);
  t.equal(slewRoom(slew, 1000, 3), 10, "a small team is not held back");
});

t.test("the threshold follows what was abandoned", async (t) => {
  const policy = thresholdFor(0.03);
  let theta = Math.log(0.03);
  const before = theta;
  for (let index = 0; index < 100; index++) theta = adjusted(theta, index % 100 < 3, false, policy);
  t.ok(Math.abs(theta - before) < 1e-9, "at the target it comes back to where it was");
  t.ok(adjusted(theta, true, false, policy) < theta);
  t.equal(adjusted(theta, false, true, policy), theta, "held back by something else, it does not rise");
  t.ok(adjusted(theta, true, true, policy) < theta, "but falls");
  for (let index = 0; index < 1000; index++) theta = adjusted(theta, true, false, policy);
  t.equal(theta, Math.log(policy.least));
});

t.test("hit rates: an upper bound while little is known, lists and hours apart, the network's failures left out", async (t) => {
  const call = (list: string, hour: number) => ({ list, atMs: hour * 3_600_000, attempt: 1 });
  const rates = newHitRates();
  for (let index = 0; index < 10; index++) countCall(rates, call("a", 9), index % 5 === 0 ? "answered" : "unanswered", 5);
  const thin = hitRate(rates, "a", 9 * 3_600_000, 1);
  t.ok(thin > 0.27 && thin < 0.5, `${thin} of ten calls with two answers`);
  for (let index = 0; index < 600; index++) {
    countCall(rates, call("a", 9), index % 5 === 0 ? "answered" : "unanswered", 5);
    countCall(rates, call("b", 9), index % 2 === 0 ? "answered" : "unanswered", 5);
    countCall(rates, call("a", 9), "carrier", 5);
  }
  const [a, b] = [hitRate(rates, "a", 9 * 3_600_000, 1), hitRate(rates, "b", 9 * 3_600_000, 1)];
  t.ok(Math.abs(a - 0.2) < 0.05, `${a}`);
  t.ok(Math.abs(b - 0.5) < 0.05, `${b}`);
  const other = hitRate(rates, "a", 10 * 3_600_000, 1);
  t.ok(Math.abs(other - a) < 0.05, "an hour without calls is like its list");
  for (const list of ["constructor", "__proto__"]) t.ok(hitRate(rates, list, 0, 1) > 0.2, `a list may be called ${list}`);
});

t.test("fast failures do not make a list look bad", async (t) => {
  const pacer = new Pacer(defaultPacing("predictive", 300));
  agents(pacer, 300, "ready", 0);
  for (let index = 0; index < 300; index++) pacer.observe({ kind: "dialled", atMs: 0, call: `c${index}`, list: "l", attempt: 1 });
  // Four seconds on, forty-five have failed, and the others ring.
  for (let index = 1; index < 46; index++) pacer.observe({ kind: "ended", atMs: 4000, call: `c${index}`, how: "unanswered" });
  t.match(pacer.decide(facts(4000)), { heldBy: "cold-start", calls: 45, underWay: 255 }, "as progressive: no cohort is complete");
});

t.test("the rolling ledger", async (t) => {
  const day = newRolling("day");
  countOutcome(day, 0, true);
  countOutcome(day, 3_600_000, false);
  t.same(shareOf(day, 3_600_000), { answers: 2, abandoned: 1 });
  t.same(shareOf(day, 86_400_000 + 299_999), { answers: 2, abandoned: 1 }, "the oldest five minutes count until all of them are over");
  t.same(shareOf(day, 86_400_000 + 300_000), { answers: 1, abandoned: 0 });
});

/** A campaign in which anything happens at any time, events that do not fit included. */
function happenings(random: Random, count: number): PacingEvent[] {
  const call = () => `c${intBetween(random, 0, 60)}`;
  let atMs = 0;
  return Array.from({ length: count }, (): PacingEvent => {
    atMs += intBetween(random, 0, 4000);
    switch (intBetween(random, 0, 5)) {
      case 0:
        return {
          kind: "agent",
          atMs,
          agent: `a${intBetween(random, 0, 12)}`,
          state: pick<AgentPacingState>(random, ["ready", "talking", "wrap-up", "away"]),
        };
      case 1:
      case 2:
        return { kind: "dialled", atMs, call: call(), list: pick(random, ["l", "m", "__proto__"]), attempt: intBetween(random, 1, 5) };
      case 3:
        return { kind: "ended", atMs, call: call(), how: pick<CallEnd>(random, ["answered", "unclassified", "unanswered", "carrier"]) };
      case 4:
        return { kind: "connected", atMs, call: call() };
      default:
        return { kind: "abandoned", atMs, call: call() };
    }
  });
}

t.test("whatever happens, choices keep their limits, and a pacer that was kept goes on as if nothing had been", async (t) => {
  const seed = 20_261_122;
  const random = seededRandom(seed);
  for (let round = 0; round < 6; round++) {
    const lines: string[] = [];
    const policy = { ...defaultPacing("predictive", 12), cap: pick(random, [0.03, 1]) };
    const pacer = new LoggedPacer(policy, (entry: PacingLogEntry) => lines.push(JSON.stringify(entry)));
    let successor: Pacer | undefined;
    for (const [index, event] of happenings(random, 600).entries()) {
      pacer.observe(event);
      successor?.observe(event);
      const room = intBetween(random, -2, 30);
      const given = facts(event.atMs, { room, fedAtMs: event.atMs - intBetween(random, 0, 5500) });
      const choice = pacer.decide(given);
      const what = `seed ${seed}, round ${round}, event ${index}`;
      if (!Number.isInteger(choice.calls) || choice.calls < 0 || choice.calls > Math.max(0, room)) t.fail(`${what}: ${JSON.stringify(choice)}`);
      if (Object.values(choice).some((value) => typeof value === "number" && !Number.isFinite(value))) t.fail(`${what}: ${JSON.stringify(choice)}`);
      if (successor && JSON.stringify(successor.decide(given)) !== JSON.stringify(choice)) t.fail(`${what}: the successor chose otherwise`);
      if (index === 300) {
        const kept: unknown = JSON.parse(JSON.stringify(pacer.record()));
        t.ok(isPacerRecord(kept), `${what}: the record has the form that is checked`);
        successor = new Pacer(policy, kept as PacerRecord);
      }
      if (index === 400) {
        const changed = { ...policy, target: 0.01, graceMs: 1500 };
        pacer.follow(changed);
        successor?.follow(changed);
      }
    }
    const replay = new Replay();
    t.same(
      lines.map((line) => replay.next(line)).filter((difference) => difference !== undefined),
      [],
      `seed ${seed}, round ${round}: replayed`,
    );
    t.equal(replay.choices, 600);
  }
});
