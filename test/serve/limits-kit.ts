import type { CallSummary } from "../../src/lab/carrier/call-record.ts";

/** The lab shares a busy machine with two servers and the test: it may look at a call so much later than at the next. */
const jitterMs = 400;

/** The most calls that were at the carrier at once, by its own clock. */
export function mostAtOnce(books: readonly CallSummary[]): number {
  const changes = books.flatMap(({ invitedAtMs, endedAtMs }) => [
    { at: invitedAtMs, by: 1 },
    { at: endedAtMs ?? Number.POSITIVE_INFINITY, by: -1 },
  ]);
  let up = 0;
  return Math.max(...changes.sort((a, b) => a.at - b.at || a.by - b.by).map(({ by }) => (up += by)));
}

/**
 * Stretches with more calls than the limit allows, over every length: calls that came late for a moment do not make a rate, and two servers that
 * each kept the limit alone would.
 */
export function tooClose(books: readonly CallSummary[], maxCps: number): readonly string[] {
  const starts = books.map(({ invitedAtMs }) => invitedAtMs).sort((a, b) => a - b);
  return starts.flatMap((at, later) =>
    starts.slice(0, later).flatMap((before, earlier) => {
      const calls = later - earlier;
      return at - before < (calls * 1000) / maxCps - jitterMs ? [`${calls + 1} calls in ${at - before} ms`] : [];
    }),
  );
}
