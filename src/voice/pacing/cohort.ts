import type { CallUnderWay } from "./board.ts";
import type { CallEnd } from "./event.ts";

/** A call with what became of it, when it is over. */
export interface CohortCall extends CallUnderWay {
  how?: CallEnd;
  lastedMs?: number;
}

/**
 * Calls in the order in which they were dialled. They are learned from in that order and not in the one in which they end: of the calls of the last half minute those that
 * are over are the ones that failed fast, and who learns from them takes the list for worse than it is, dials more, and learns the same again.
 */
export interface Cohort {
  readonly calls: CohortCall[];
  readonly byName: Map<string, CohortCall>;
}

/** A call that nobody has heard of for so long is lost: those behind it do not wait for it. */
const lostMs = 180_000;

export function newCohort(calls: readonly CohortCall[] = []): Cohort {
  const own = calls.map((call) => ({ ...call }));
  return { calls: own, byName: new Map(own.map((call) => [call.call, call])) };
}

export function joinCohort(cohort: Cohort, call: CallUnderWay): void {
  const entry: CohortCall = { ...call };
  cohort.calls.push(entry);
  cohort.byName.set(call.call, entry);
}

export function endInCohort(cohort: Cohort, call: string, atMs: number, how: CallEnd): void {
  const entry = cohort.byName.get(call);
  if (!entry || entry.how !== undefined) return;
  entry.how = how;
  entry.lastedMs = atMs - entry.atMs;
}

/** Takes out the calls that are over and before which no other is still under way, in the order in which they were dialled. */
export function takeResolved(cohort: Cohort, nowMs: number): readonly CohortCall[] {
  let count = 0;
  for (const call of cohort.calls) {
    if (call.how === undefined && nowMs - call.atMs < lostMs) break;
    count += 1;
  }
  if (count === 0) return [];
  const taken = cohort.calls.splice(0, count);
  for (const entry of taken) if (cohort.byName.get(entry.call) === entry) cohort.byName.delete(entry.call);
  return taken;
}
