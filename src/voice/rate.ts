/**
 * The starts that a limit of so many per second still remembers. Plain data, so that it can be replayed.
 * `recent` holds the times (ms) of the last starts, oldest first, never more than the limit allows in a second.
 */
export interface RateState {
  readonly recent: readonly number[];
}

export const freshRate: RateState = { recent: [] };

/**
 * The stretch in which at most `maxCps` starts may fall. A little over a second, because a start takes some
 * milliseconds, now more, now fewer, from the decision to the wire: measured there, no second holds more than the limit.
 */
const windowMs = 1025;
/** Starts come in bursts of this share of a second's worth, so that contacts can be claimed together. */
const burstsPerSpan = 10;

/** Limits under one a second are a longer stretch for a single start: 0.1 is one in ten seconds. */
function shape(maxCps: number): { count: number; spanMs: number } {
  return maxCps >= 1 ? { count: Math.floor(maxCps), spanMs: windowMs } : { count: 1, spanMs: windowMs / maxCps };
}

/** How many may start now. Never the whole second's worth at once: a burst is at most a tenth of a second's. */
export function allowed(state: RateState, now: number, maxCps: number): number {
  const { count, spanMs } = shape(maxCps);
  const inWindow = state.recent.filter((at) => at > now - spanMs).length;
  const burstSpanMs = spanMs / burstsPerSpan;
  const burst = Math.max(1, Math.ceil(count / burstsPerSpan));
  const inBurst = state.recent.filter((at) => at > now - Math.max(burstSpanMs, spanMs / count)).length;
  return Math.max(0, Math.min(count - inWindow, burst - inBurst));
}

/** The state after `started` starts at `now`. */
export function spend(state: RateState, now: number, started: number, maxCps: number): RateState {
  const { count, spanMs } = shape(maxCps);
  const kept = state.recent.filter((at) => at > now - spanMs);
  return { recent: [...kept, ...Array<number>(started).fill(now)].slice(-count) };
}

/** When the next start may be allowed, at the earliest. */
export function nextAt(state: RateState, now: number, maxCps: number): number {
  if (allowed(state, now, maxCps) > 0) return now;
  const { count, spanMs } = shape(maxCps);
  const burst = Math.max(1, Math.ceil(count / burstsPerSpan));
  const burstSpanMs = Math.max(spanMs / burstsPerSpan, spanMs / count);
  const times = [state.recent.at(-count), state.recent.at(-burst)];
  const ends = [times[0] === undefined ? now : times[0] + spanMs, times[1] === undefined ? now : times[1] + burstSpanMs];
  return Math.max(now, ...ends);
}
