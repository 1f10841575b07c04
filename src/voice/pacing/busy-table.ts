import type { Survival } from "./lifetime.ts";

const ageStepMs = 1000;
/** Conversations older than that are taken to be as old as that. */
const longestMs = 1_500_000;
const rowCount = longestMs / ageStepMs;
const convolveStepMs = 500;

/** When agents who are busy will be free: P(free by horizon + grace | so long in this state), a row for each age. */
export interface BusyTable {
  readonly talking: Float64Array;
  readonly wrapping: Float64Array;
}

/**
 * @param talk how long conversations last
 * @param wrap how long the work after them lasts
 * @param horizonsMs when somebody may answer
 * @param graceMs how long somebody who has answered may wait
 */
export function busyTable(talk: Survival, wrap: Survival, horizonsMs: readonly number[], graceMs: number): BusyTable {
  const count = horizonsMs.length;
  const talking = new Float64Array(rowCount * count);
  const wrapping = new Float64Array(rowCount * count);
  const steps = horizonsMs.map((horizonMs) => Math.round((horizonMs + graceMs) / convolveStepMs));
  const most = Math.max(...steps);
  const wrapped = Float64Array.from({ length: most + 1 }, (_, step) => 1 - wrap((step + 0.5) * convolveStepMs));
  const talkLeft = Float64Array.from({ length: (rowCount * ageStepMs) / convolveStepMs + most + 1 }, (_, step) => talk(step * convolveStepMs));
  for (let row = 0; row < rowCount; row++) {
    const ageMs = row * ageStepMs;
    const wrapLeft = wrap(ageMs);
    const from = (row * ageStepMs) / convolveStepMs;
    const left = talkLeft[from] ?? 0;
    for (let j = 0; j < count; j++) {
      const at = row * count + j;
      wrapping[at] = wrapLeft > 1e-9 ? 1 - wrap(ageMs + (horizonsMs[j] ?? 0) + graceMs) / wrapLeft : 1;
      if (left <= 1e-9) {
        // Older than any conversation: nothing is known, and nothing is hoped for that was not so before.
        talking[at] = talking[at - count] ?? 0;
        continue;
      }
      let free = 0;
      const horizon = steps[j] ?? 0;
      for (let step = 0; step < horizon; step++) {
        free += ((talkLeft[from + step] ?? 0) - (talkLeft[from + step + 1] ?? 0)) * (wrapped[horizon - step - 1] ?? 0);
      }
      talking[at] = free / left;
    }
  }
  return { talking, wrapping };
}

/** The row of an age. */
export function busyRow(ageMs: number): number {
  return Math.max(0, Math.min(rowCount - 1, Math.floor(ageMs / ageStepMs)));
}
