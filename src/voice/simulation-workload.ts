import type { Random } from "../kernel/random.ts";
import type { Survival } from "./pacing/lifetime.ts";
import { normalBelow } from "./pacing/normal.ts";

/** How people answer, and what agents do with them. Durations in ms. */
export interface Workload {
  /** P(a person answers | dialled), 0..1, by the time since the simulation began. */
  hitRate(atMs: number): number;
  /** Mean until a person answers; lognormal with the coefficient of variation `ringCv`, held between `ringLeastMs` and `ringMostMs`. */
  readonly ringMs: number;
  readonly ringCv: number;
  readonly ringLeastMs: number;
  readonly ringMostMs: number;
  /** What becomes of calls that no person answers: uniform stretches, with their shares (sum 1). */
  readonly dead: readonly { readonly share: number; readonly fromMs: number; readonly toMs: number }[];
  /** Mean conversation, lognormal. */
  readonly talkMs: number;
  readonly talkCv: number;
  /** Mean work after it, exponential. */
  readonly wrapMs: number;
}

/** The workload of the published comparison: ring 12 s, talk 120 s, wrap-up 20 s; of the calls nobody answers 15 % fail at once, 40 % are machines, 45 % ring out. */
export function standardWorkload(hitRate: number | ((atMs: number) => number)): Workload {
  return {
    hitRate: typeof hitRate === "number" ? () => hitRate : hitRate,
    ringMs: 12_000,
    ringCv: 0.5,
    ringLeastMs: 3000,
    ringMostMs: 28_000,
    dead: [
      { share: 0.15, fromMs: 1000, toMs: 4000 },
      { share: 0.4, fromMs: 6000, toMs: 26_000 },
      { share: 0.45, fromMs: 28_000, toMs: 28_500 },
    ],
    talkMs: 120_000,
    talkCv: 1,
    wrapMs: 20_000,
  };
}

/** A person of the list: drawn before it is known whether a person answers, so that every policy meets the same ones. */
export interface Callee {
  /** A person answers when the hit rate of that moment is above this. */
  readonly luck: number;
  readonly ringMs: number;
  readonly deadMs: number;
  readonly talkMs: number;
  readonly wrapMs: number;
}

export function drawCallee(random: Random, workload: Workload): Callee {
  const luck = random.next();
  const ringMs = lognormal(random, workload.ringMs, workload.ringCv);
  const kind = random.next();
  const within = random.next();
  const talkMs = lognormal(random, workload.talkMs, workload.talkCv);
  const wrapMs = -workload.wrapMs * Math.log(1 - random.next());
  let before = 0;
  let deadMs = 0;
  for (const { share, fromMs, toMs } of workload.dead) {
    if (kind >= before) deadMs = fromMs + within * (toMs - fromMs);
    before += share;
  }
  return { luck, ringMs: Math.max(workload.ringLeastMs, Math.min(workload.ringMostMs, ringMs)), deadMs, talkMs, wrapMs };
}

/** Of the given mean and coefficient of variation (Box-Muller). */
function lognormal(random: Random, mean: number, cv: number): number {
  const spread = Math.sqrt(Math.log(1 + cv * cv));
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return mean * Math.exp(spread * normal - (spread * spread) / 2);
}

/** The true distributions, which only the reference policy knows. */
export function truthOf(workload: Workload): { readonly live: Survival; readonly dead: Survival; readonly talk: Survival; readonly wrap: Survival } {
  const { ringLeastMs, ringMostMs, dead } = workload;
  const ring = lognormalSurvival(workload.ringMs, workload.ringCv);
  return {
    live: (ageMs) => (ageMs < ringLeastMs ? 1 : ageMs >= ringMostMs ? 0 : ring(ageMs)),
    dead: (ageMs) =>
      dead.reduce(
        (left, { share, fromMs, toMs }) =>
          left + share * Math.max(0, Math.min(1, toMs > fromMs ? (toMs - ageMs) / (toMs - fromMs) : toMs > ageMs ? 1 : 0)),
        0,
      ),
    talk: lognormalSurvival(workload.talkMs, workload.talkCv),
    wrap: (ageMs) => Math.exp(-ageMs / workload.wrapMs),
  };
}

function lognormalSurvival(mean: number, cv: number): Survival {
  const spread = Math.sqrt(Math.log(1 + cv * cv));
  const middle = Math.log(mean) - (spread * spread) / 2;
  if (spread === 0) return (ageMs) => (ageMs < mean ? 1 : 0);
  return (ageMs) => (ageMs <= 0 ? 1 : 1 - normalBelow((Math.log(ageMs) - middle) / spread));
}
