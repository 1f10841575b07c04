import t, { type Test } from "tap";
import { intBetween, seededRandom } from "../../../src/kernel/random.ts";
import { exactBalance, normalBalance } from "../../../src/voice/pacing/balance.ts";
import { busyRow, busyTable } from "../../../src/voice/pacing/busy-table.ts";
import { countEnd, countPace, cumulativeHazard, hazardSurvival, newHazard, speedOf } from "../../../src/voice/pacing/hazard.ts";
import { atMostZero, expectedBelowZero, normalBelow } from "../../../src/voice/pacing/normal.ts";
import { ringRow, ringScale, ringTable } from "../../../src/voice/pacing/ring-table.ts";
import { riskOfOneMore } from "../../../src/voice/pacing/risk.ts";
import { drawCallee, standardWorkload, truthOf } from "../../../src/voice/simulation-workload.ts";

const near = (t: Test, value: number, expected: number, by: number, what: string) =>
  t.ok(Math.abs(value - expected) <= by, `${what}: ${value} is ${expected} ± ${by}`);

t.test("the normal distribution", async (t) => {
  for (const [z, below] of [
    [0, 0.5],
    [1, 0.8413447],
    [-1.959964, 0.025],
    [3, 0.9986501],
  ] as const)
    near(t, normalBelow(z), below, 1e-6, `P(Z ≤ ${z})`);
  t.equal(atMostZero(0, 0, 0), 1, "what is certain");
  t.equal(atMostZero(1, 0, 0), 0);
  near(t, expectedBelowZero(0, 1), 0.3989423, 1e-6, "half of it is lost");
  t.equal(expectedBelowZero(-2, 0), 2);
});

t.test("whole distributions agree with counting every case", async (t) => {
  const seed = 20_261_122;
  const random = seededRandom(seed);
  for (let round = 0; round < 40; round++) {
    const busy = Array.from({ length: intBetween(random, 0, 4) }, () => random.next());
    const calls = Array.from({ length: intBetween(random, 0, 5) }, () => random.next());
    const free = intBetween(random, -2, 2);
    const balance = exactBalance(1, free, busy.length + Math.max(0, free));
    for (const chance of busy) balance.addAgent(Float64Array.of(chance), 0);
    for (const chance of calls) balance.addCall(Float64Array.of(chance), 0, 1);
    let short = 0;
    let loss = 0;
    for (let bits = 0; bits < 1 << (busy.length + calls.length); bits++) {
      let weight = 1;
      let left = free;
      [...busy, ...calls].forEach((chance, at) => {
        const happens = (bits >> at) & 1;
        weight *= happens ? chance : 1 - chance;
        left += happens * (at < busy.length ? 1 : -1);
      });
      if (left <= 0) short += weight;
      loss += weight * Math.max(0, -left);
    }
    const what = `seed ${seed}, round ${round}`;
    near(t, balance.shortAt(0), short, 1e-9, `short, ${what}`);
    near(t, balance.expectedLoss(), loss, 1e-9, `loss, ${what}`);
    near(
      t,
      balance.expectedAnswers(),
      calls.reduce((sum, chance) => sum + chance, 0),
      1e-9,
      `answers, ${what}`,
    );
  }
});

t.test("above ten agents the normal distribution with its skewness is close to it", async (t) => {
  const random = seededRandom(5);
  let worst = 0;
  for (let round = 0; round < 60; round++) {
    const agents = intBetween(random, 11, 40);
    const exact = exactBalance(1, 0, agents);
    const normal = normalBalance(1, 0);
    for (const balance of [exact, normal]) {
      const chances = seededRandom(round);
      for (let at = 0; at < agents; at++) balance.addAgent(Float64Array.of(0.1 + 0.3 * chances.next()), 0);
      for (let at = 0; at < agents / 2; at++) balance.addCall(Float64Array.of(0.4 * chances.next()), 0, 1);
    }
    worst = Math.max(worst, Math.abs(exact.shortAt(0) - normal.shortAt(0)));
  }
  t.ok(worst < 0.006, `at most ${worst} apart`);
});

t.test("a call that rings on is worth more, or less, than a new one", async (t) => {
  const { live, dead } = truthOf(standardWorkload(0.3));
  const table = ringTable(live, dead, 8);
  t.equal(table.horizonsMs.length, 8);
  t.same(
    table.horizonsMs,
    table.horizonsMs.toSorted((a, b) => a - b),
    "horizons rise",
  );
  const whole = (ageMs: number) => ringScale(table, ringRow(ageMs), 0.3) * (table.within[ringRow(ageMs) * 8 + 7] ?? 0);
  near(t, whole(0), 0.3 * (1 - live(table.horizonsMs[7] ?? 0)), 1e-9, "a new one: the hit rate, as far as is looked");
  t.ok(whole(4000) > whole(0), "after 4 s the fast failures are out of it");
  t.ok(whole(27_000) < 0.1, "after 27 s it will ring out");
  t.equal(whole(59_000), 0, "when nothing rings that long there is nothing to hope for");
});

t.test("an agent gets free when both the conversation and the work after it are over", async (t) => {
  const { talk, wrap } = truthOf(standardWorkload(0.3));
  const [horizonMs, graceMs] = [13_000, 2000];
  const table = busyTable(talk, wrap, [horizonMs], graceMs);
  near(t, table.wrapping[busyRow(40_000)] ?? 0, 1 - Math.exp(-15 / 20), 1e-6, "wrap-up has no memory");
  const random = seededRandom(11);
  for (const ageMs of [0, 60_000, 300_000]) {
    let talking = 0;
    let free = 0;
    for (let round = 0; round < 400_000 && talking < 20_000; round++) {
      const { talkMs, wrapMs } = drawCallee(random, standardWorkload(0.3));
      if (talkMs <= ageMs) continue;
      talking += 1;
      if (talkMs + wrapMs <= ageMs + horizonMs + graceMs) free += 1;
    }
    near(t, table.talking[busyRow(ageMs)] ?? 0, free / talking, 0.012, `after ${ageMs / 1000} s of talk, against ${talking} drawn`);
  }
});

t.test("hazards are learned from those who still talk, too", async (t) => {
  const random = seededRandom(3);
  const { talk } = truthOf(standardWorkload(0.3));
  const hazard = newHazard();
  for (let index = 0; index < 4000; index++) countEnd(hazard, drawCallee(random, standardWorkload(0.3)).talkMs);
  const learned = hazardSurvival(cumulativeHazard(hazard, [], 60_000), 1);
  for (const ageMs of [10_000, 60_000, 120_000, 400_000]) near(t, learned(ageMs), talk(ageMs), 0.035, `lasts longer than ${ageMs / 1000} s`);
  // Two minutes into a shift: five short conversations are over, ninety-five go on.
  const early = newHazard();
  for (let index = 0; index < 5; index++) countEnd(early, 30_000);
  const blind = hazardSurvival(cumulativeHazard(early, [], 120_000), 1);
  const seeing = hazardSurvival(cumulativeHazard(early, Array<number>(95).fill(100_000), 120_000), 1);
  t.ok(blind(100_000) < 0.35, "who looks at those that are over alone hopes for everybody soon");
  t.ok(seeing(100_000) > 0.8, "who looks at all does not");
});

t.test("an agent's pace shrinks towards that of all", async (t) => {
  t.equal(speedOf(undefined), 1);
  const fast = { ends: 0, expected: 0 };
  countPace(fast, 0.5);
  t.equal(speedOf(fast), 1, "one conversation proves nothing");
  for (let index = 0; index < 300; index++) countPace(fast, 0.5);
  t.equal(speedOf(fast), 1.69);
});

t.test("the risk of one more call counts every moment from its answer on", async (t) => {
  const balance = normalBalance(2, 0);
  t.equal(riskOfOneMore(balance, 2), 1, "nobody is free, and nobody will be");
  balance.addAgent(Float64Array.of(1, 1), 0);
  t.equal(riskOfOneMore(balance, 2), 0, "somebody is sure to be");
  balance.addCall(Float64Array.of(0, 1), 0, 1);
  t.equal(riskOfOneMore(balance, 2), 1, "an agent who is taken later is missing later, whenever this one answers");
});
