import type { AgentPacingState } from "./pacing/event.ts";

/** What came of a simulated day. Shares are 0..1, times ms. */
export interface Figures {
  /** Talking and wrap-up, of the time agents were there. */
  readonly occupancy: number;
  readonly answers: number;
  readonly abandoned: number;
  /** Of those who answered. */
  readonly abandonment: number;
  readonly dials: number;
  /** Calls under way at once, at most, from the very beginning. */
  readonly peakLines: number;
  /** From the answer to the agent, 99th percentile of those who were connected. */
  readonly waitP99Ms: number;
  /** What all agents talked, and how long they were there, together. */
  readonly talkedMs: number;
  readonly thereMs: number;
  /** Each shift: who answered, who was abandoned. */
  readonly shifts: readonly { readonly answers: number; readonly abandoned: number }[];
  readonly endedAtMs: number;
  /** Whether everybody on the list was dialled. */
  readonly finished: boolean;
}

/** Counts while it happens. */
export class Tally {
  readonly #shiftMs: number;
  readonly #periodMs: number;
  readonly #warmUpMs: number;
  readonly #shifts: { answers: number; abandoned: number }[] = [];
  readonly #waits: number[] = [];
  #answers = 0;
  #abandoned = 0;
  #peakLines = 0;
  #sinceMs = 0;
  #there = 0;
  #busy = 0;
  #talking = 0;
  #thereMs = 0;
  #busyMs = 0;
  #talkedMs = 0;

  constructor(shiftMs: number, breakMs: number, warmUpMs: number) {
    this.#shiftMs = shiftMs;
    this.#periodMs = shiftMs + breakMs;
    this.#warmUpMs = warmUpMs;
  }

  get answers(): number {
    return this.#answers;
  }

  answered(atMs: number): void {
    this.#shift(atMs).answers += 1;
    if (atMs >= this.#warmUpMs) this.#answers += 1;
  }

  abandoned(atMs: number): void {
    this.#shift(atMs).abandoned += 1;
    if (atMs >= this.#warmUpMs) this.#abandoned += 1;
  }

  waited(atMs: number, waitedMs: number): void {
    if (atMs >= this.#warmUpMs) this.#waits.push(waitedMs);
  }

  lines(count: number): void {
    this.#peakLines = Math.max(this.#peakLines, count);
  }

  moved(atMs: number, from: AgentPacingState, to: AgentPacingState): void {
    this.#passUntil(atMs);
    const busy = (state: AgentPacingState) => (state === "talking" || state === "wrap-up" ? 1 : 0);
    this.#there += (to === "away" ? 0 : 1) - (from === "away" ? 0 : 1);
    this.#busy += busy(to) - busy(from);
    this.#talking += (to === "talking" ? 1 : 0) - (from === "talking" ? 1 : 0);
  }

  figures(endedAtMs: number, dials: number, finished: boolean): Figures {
    this.#passUntil(endedAtMs);
    const sorted = this.#waits.toSorted((a, b) => a - b);
    return {
      occupancy: this.#thereMs > 0 ? this.#busyMs / this.#thereMs : 0,
      answers: this.#answers,
      abandoned: this.#abandoned,
      abandonment: this.#answers > 0 ? this.#abandoned / this.#answers : 0,
      dials,
      peakLines: this.#peakLines,
      waitP99Ms: sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0,
      talkedMs: this.#talkedMs,
      thereMs: this.#thereMs,
      shifts: this.#shifts,
      endedAtMs,
      finished,
    };
  }

  #passUntil(atMs: number): void {
    const fromMs = Math.max(this.#sinceMs, this.#warmUpMs);
    if (atMs > fromMs) {
      // Who still talks after the end of a shift is not counted: nobody could have had another call.
      const countedMs = Math.max(0, Math.min(atMs, this.#shiftEnd(fromMs)) - fromMs);
      this.#thereMs += this.#there * countedMs;
      this.#busyMs += this.#busy * countedMs;
      this.#talkedMs += this.#talking * countedMs;
    }
    this.#sinceMs = atMs;
  }

  #shiftEnd(atMs: number): number {
    return this.#periodMs === this.#shiftMs ? Number.POSITIVE_INFINITY : Math.floor(atMs / this.#periodMs) * this.#periodMs + this.#shiftMs;
  }

  #shift(atMs: number): { answers: number; abandoned: number } {
    const index = Math.floor(atMs / this.#periodMs);
    for (let missing = this.#shifts.length; missing <= index; missing++) this.#shifts.push({ answers: 0, abandoned: 0 });
    return this.#shifts[index] ?? { answers: 0, abandoned: 0 };
  }
}
