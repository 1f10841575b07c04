import type { Candidate, Verdict } from "./ports.ts";
import type { PullMemory } from "./turn.ts";

/* People of whom something has to be known first are put aside, and come back as soon as there is an answer. */

/** So often it is looked whether they are back, for so long after. */
const lookMs = 250;
const looksMs = 60_000;

/** The gate of one claim, which asks no further ahead than people are contacted. */
export class Asking {
  readonly #judge: (candidate: Candidate) => Verdict;
  readonly #mayWant: (lookup: string) => boolean;
  /** Somebody was put aside. */
  aside = false;
  /** Somebody was left where they stood, since nothing more may be asked now: with all behind them. */
  left = false;

  constructor(judge: (candidate: Candidate) => Verdict, mayWant: (lookup: string) => boolean) {
    this.#judge = judge;
    this.#mayWant = mayWant;
  }

  readonly gate = (candidate: Candidate): Verdict => {
    const verdict = this.#judge(candidate);
    if (verdict.go || verdict.wanted === undefined) return verdict;
    this.aside = true;
    if (verdict.wanted.every(({ name }) => this.#mayWant(name))) return verdict;
    this.left = true;
    return { ...verdict, leave: true };
  };
}

/** When to look again while somebody is aside. @param asideAt when anybody was put aside last (epoch ms) */
export function whileAside(now: number, asideAt: number, memory: PullMemory, left: boolean): PullMemory {
  if (memory.exhausted || now - asideAt >= looksMs) return memory;
  return { lookAt: left ? now + lookMs : Math.min(memory.lookAt, now + lookMs), exhausted: false };
}
