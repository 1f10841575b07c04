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
function shape(maxCps: number): { count: number; spanMs: number; burst: number; burstSpanMs: number } {
  const { count, spanMs } = maxCps >= 1 ? { count: Math.floor(maxCps), spanMs: windowMs } : { count: 1, spanMs: windowMs / maxCps };
  return { count, spanMs, burst: Math.max(1, Math.ceil(count / burstsPerSpan)), burstSpanMs: Math.max(spanMs / burstsPerSpan, spanMs / count) };
}

/** How many may start now. Never the whole second's worth at once: a burst is at most a tenth of a second's. */
export function allowed(state: RateState, now: number, maxCps: number): number {
  const { count, spanMs, burst, burstSpanMs } = shape(maxCps);
  const inWindow = state.recent.filter((at) => at + spanMs > now).length;
  const inBurst = state.recent.filter((at) => at + burstSpanMs > now).length;
  return Math.max(0, Math.min(count - inWindow, burst - inBurst));
}

/** The state after `started` starts at `now`. */
export function spend(state: RateState, now: number, started: number, maxCps: number): RateState {
  const { count, spanMs } = shape(maxCps);
  const kept = state.recent.filter((at) => at + spanMs > now);
  return { recent: [...kept, ...Array<number>(started).fill(now)].slice(-count) };
}

/** When the next start may be allowed, at the earliest; never before a start that is planned already. */
export function nextAt({ recent }: RateState, now: number, maxCps: number): number {
  const { count, spanMs, burst, burstSpanMs } = shape(maxCps);
  const inWindow = recent.at(-count);
  const inBurst = recent.at(-burst);
  return Math.max(now, recent.at(-1) ?? now, inWindow === undefined ? now : inWindow + spanMs, inBurst === undefined ? now : inBurst + burstSpanMs);
}

/** A limit and what it remembers. */
export interface Limit {
  readonly state: RateState;
  readonly maxCps: number;
}

/**
 * The times of the next starts that all of the limits allow, from `now` to `until` and at most `most` of them: so that
 * calls can be made ready while those before them are still waiting for their moment.
 */
export function plan(limits: readonly Limit[], now: number, until: number, most: number): readonly number[] {
  const times: number[] = [];
  let states = limits.map(({ state }) => state);
  while (times.length < most) {
    const at = Math.max(now, ...limits.map(({ maxCps }, index) => nextAt(states[index] ?? freshRate, now, maxCps)));
    if (at > until) break;
    times.push(at);
    states = limits.map(({ maxCps }, index) => spend(states[index] ?? freshRate, at, 1, maxCps));
  }
  return times;
}
