import type { Survival } from "./lifetime.ts";

/** How long calls ring: weights of half-second stretches, the last one open. Plain data. */
export interface RingTimes {
  readonly weights: number[];
  total: number;
  sinceDecay: number;
}

const stretchMs = 500;
const stretches = 120;
/** So many calls are remembered. */
const memory = 3000;
const decayEvery = 100;
/** Before anything is known, anything up to half a minute is as likely, with the weight of so many calls. */
const prior = { fromMs: 1000, toMs: 30_000, calls: 6 };

export function newRingTimes(): RingTimes {
  return { weights: Array<number>(stretches).fill(0), total: 0, sinceDecay: 0 };
}

export function countRing(times: RingTimes, lastedMs: number): void {
  const stretch = Math.max(0, Math.min(stretches - 1, Math.floor(lastedMs / stretchMs)));
  times.weights[stretch] = (times.weights[stretch] ?? 0) + 1;
  times.total += 1;
  times.sinceDecay += 1;
  if (times.sinceDecay < decayEvery) return;
  times.sinceDecay = 0;
  const kept = 1 - decayEvery / memory;
  for (let at = 0; at < stretches; at++) times.weights[at] = (times.weights[at] ?? 0) * kept;
  times.total *= kept;
}

/** The share that rings longer, as it stands now: later counts do not change it. */
export function ringSurvival(times: RingTimes): Survival {
  const whole = times.total + prior.calls;
  const left = new Float64Array(stretches + 1);
  left[0] = 1;
  for (let at = 0; at < stretches; at++) {
    const inPrior = Math.max(0, Math.min(prior.toMs, (at + 1) * stretchMs) - Math.max(prior.fromMs, at * stretchMs));
    const weight = (times.weights[at] ?? 0) + (prior.calls * inPrior) / (prior.toMs - prior.fromMs);
    left[at + 1] = Math.max(0, (left[at] ?? 0) - weight / whole);
  }
  return (ageMs) => {
    const place = Math.max(0, ageMs) / stretchMs;
    if (place >= stretches) return 0;
    const at = Math.floor(place);
    const from = left[at] ?? 0;
    return from + (place - at) * ((left[at + 1] ?? 0) - from);
  };
}
