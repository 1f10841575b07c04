import type { Survival } from "./lifetime.ts";

/** How soon something that lasts so long already ends: ends and time spent in each stretch of age. Plain data. */
export interface Hazard {
  readonly ends: number[];
  readonly spentMs: number[];
}

/** Stretches of age (ms), finer where most ends; the last one is open. The hazard is constant within each. */
const edgesMs = [0, 2, 4, 7, 10, 15, 20, 28, 38, 50, 65, 85, 110, 145, 190, 250, 330, 430, 560, 730, 950, 1250].map((seconds) => seconds * 1000);
/** So many ends are remembered. */
const memory = 1000;
/** A stretch with few ends is taken to be like the whole, with the weight of so many ends; and the whole like what was told, with that of two. */
const stretchPrior = 3;
const wholePrior = 2;

export function newHazard(): Hazard {
  return { ends: edgesMs.map(() => 0), spentMs: edgesMs.map(() => 0) };
}

/** Counts one that ended at that age. */
export function countEnd(hazard: Hazard, ageMs: number): void {
  const kept = 1 - 1 / memory;
  let last = 0;
  for (let at = 0; at < edgesMs.length; at++) {
    const spentMs = spentIn(at, ageMs);
    if (spentMs > 0) last = at;
    hazard.ends[at] = (hazard.ends[at] ?? 0) * kept;
    hazard.spentMs[at] = (hazard.spentMs[at] ?? 0) * kept + spentMs;
  }
  hazard.ends[last] = (hazard.ends[last] ?? 0) + 1;
}

function spentIn(at: number, ageMs: number): number {
  return Math.max(0, Math.min(ageMs, edgesMs[at + 1] ?? Number.POSITIVE_INFINITY) - (edgesMs[at] ?? 0));
}

/**
 * Cumulative hazard by age, as it stands now.
 * @param ongoingMs ages of those that go on: without them the short ones, which end first, would be all that is known
 * @param expectedMs how long they last on average, as far as anybody can tell beforehand
 */
export function cumulativeHazard(hazard: Hazard, ongoingMs: readonly number[], expectedMs: number): (ageMs: number) => number {
  const spentMs = hazard.spentMs.map((past, at) => ongoingMs.reduce((sum, ageMs) => sum + spentIn(at, ageMs), past));
  const ends = hazard.ends.reduce((sum, count) => sum + count, 0);
  const overall = (ends + wholePrior) / (spentMs.reduce((sum, ms) => sum + ms, 0) + wholePrior * expectedMs);
  const rates = hazard.ends.map((count, at) => (count + stretchPrior) / ((spentMs[at] ?? 0) + stretchPrior / overall));
  const before: number[] = [0];
  for (let at = 1; at < edgesMs.length; at++)
    before.push((before[at - 1] ?? 0) + (rates[at - 1] ?? 0) * ((edgesMs[at] ?? 0) - (edgesMs[at - 1] ?? 0)));
  return (ageMs) => {
    let at = 0;
    while (at + 1 < edgesMs.length && ageMs >= (edgesMs[at + 1] ?? 0)) at += 1;
    return (before[at] ?? 0) + (rates[at] ?? 0) * Math.max(0, ageMs - (edgesMs[at] ?? 0));
  };
}

/** The share that lasts longer, of somebody whose hazard is `speed` times the common one. */
export function hazardSurvival(cumulative: (ageMs: number) => number, speed: number): Survival {
  return (ageMs) => Math.exp(-speed * cumulative(ageMs));
}

/** How much sooner than others an agent gets done: a gamma frailty, which shrinks towards 1. Plain data. */
export interface Pace {
  ends: number;
  expected: number;
}

const paceMemory = 200;
const paceShrinkage = 30;

/** Counts a conversation that was over when the common cumulative hazard stood at `expected`. */
export function countPace(pace: Pace, expected: number): void {
  const kept = 1 - 1 / paceMemory;
  pace.ends = pace.ends * kept + 1;
  pace.expected = pace.expected * kept + expected;
}

/** Agents are told apart in steps of 30 %: a table for each agent would cost more than it tells. */
const paceSteps = [1 / 1.69, 1 / 1.3, 1, 1.3, 1.69];

/** The speed of an agent, 1 being that of all. */
export function speedOf(pace: Pace | undefined): number {
  if (!pace) return 1;
  const speed = (pace.ends + paceShrinkage) / (pace.expected + paceShrinkage);
  return paceSteps.reduce((best, step) => (Math.abs(Math.log(step / speed)) < Math.abs(Math.log(best / speed)) ? step : best), 1);
}
