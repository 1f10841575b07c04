import type { Survival } from "./lifetime.ts";

/** Ages and horizons are rounded to this. */
const stepMs = 500;
/** Nobody is let ring so long that it mattered. */
const longestMs = 60_000;
const rowCount = longestMs / stepMs;

/**
 * What becomes of calls that are under way. A call is answered by a person or ends otherwise, whichever comes first (competing risks), so one that has been ringing for ten
 * seconds is more, or less, likely to be answered than a new one.
 */
export interface RingTable {
  /** When a person answers, if one does: middles of equally likely stretches, ms after dialling, rising. */
  readonly horizonsMs: readonly number[];
  /** P(answered between age and age + horizon | a person answers at all); a row for each age. */
  readonly within: Float64Array;
  /** P(not answered at that age | a person answers at all). */
  readonly liveLeft: Float64Array;
  /** P(not over at that age | no person answers). */
  readonly deadLeft: Float64Array;
}

/** @param live until the answer of calls that a person answers @param dead until the end of those that nobody does */
export function ringTable(live: Survival, dead: Survival, horizonCount: number): RingTable {
  const horizonsMs = quantiles(live, horizonCount);
  const within = new Float64Array(rowCount * horizonCount);
  const liveLeft = new Float64Array(rowCount);
  const deadLeft = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const ageMs = row * stepMs;
    const left = live(ageMs);
    liveLeft[row] = left;
    deadLeft[row] = dead(ageMs);
    horizonsMs.forEach((horizonMs, j) => {
      within[row * horizonCount + j] = Math.max(0, left - live(ageMs + horizonMs));
    });
  }
  return { horizonsMs, within, liveLeft, deadLeft };
}

/** The row of an age. */
export function ringRow(ageMs: number): number {
  return Math.max(0, Math.min(rowCount - 1, Math.floor(ageMs / stepMs)));
}

/** What P(answered by a person | dialled) makes of a row of `within`, when the call is still under way at that age. */
export function ringScale(table: RingTable, row: number, hitRate: number): number {
  const left = hitRate * (table.liveLeft[row] ?? 0) + (1 - hitRate) * (table.deadLeft[row] ?? 0);
  return left > 1e-9 ? hitRate / left : 0;
}

function quantiles(survival: Survival, count: number): readonly number[] {
  const found: number[] = [];
  let atMs = 0;
  for (let j = 0; j < count; j++) {
    const below = 1 - (j + 0.5) / count;
    while (atMs < longestMs && survival(atMs) > below) atMs += 100;
    found.push(atMs);
  }
  return found;
}
