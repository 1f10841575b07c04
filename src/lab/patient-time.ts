import type { Clock, Timer } from "../kernel/clock.ts";
import { type Beat, machineBeat } from "./media/ticker.ts";

/** How often time moves on, in the machine's milliseconds; a timer comes at most so much later than it should. */
const turnMs = 5;
/** How much of the machine's time counts between two turns. What has come in over the network meanwhile is read before the next one. */
const mostPerTurnMs = 20;

interface Entry {
  readonly dueMs: number;
  readonly fire: () => void;
  cancelled: boolean;
}

/**
 * Time that waits for this process: while it is held up, by other processes or by its own work, no more than 20 ms pass. For calls of which
 * both sides are in one process: on the machine's time the clocks of a process that is held up run away from the sound and the messages it has
 * not got to, and somebody hangs up or says goodbye too early; on this one they stay together, and all of it takes a little longer.
 * It moves until it is closed, and keeps the process alive so long.
 */
export class PatientTime {
  readonly #machine: Beat;
  /** By the time they are due, then by the order they were set in. */
  readonly #entries: Entry[] = [];
  /** Time passed at the last turn, ms. */
  #passedMs = 0;
  #turnedAtMs: number;
  #stop: () => void = () => {};

  constructor(machine: Beat = machineBeat) {
    this.#machine = machine;
    this.#turnedAtMs = machine.nowMs();
    this.#arm();
  }

  /** @param speed how much faster it goes, above 0 @param startsAt what it shows now, epoch ms */
  clock(startsAt: number, speed = 1): Clock {
    const offsetMs = startsAt - this.#nowMs() * speed;
    return {
      now: () => Math.floor(offsetMs + this.#nowMs() * speed),
      after: (delayMs, fire) => this.#after(delayMs / speed, fire),
    };
  }

  /** The same for media. */
  beat(speed = 1): Beat {
    return {
      nowMs: () => this.#nowMs() * speed,
      after: (delayMs, fire) => {
        const timer = this.#after(delayMs / speed, fire);
        return () => timer.cancel();
      },
    };
  }

  /** No timer fires any more. A second call does nothing. */
  close(): void {
    this.#stop();
    this.#stop = () => {};
    this.#entries.length = 0;
  }

  #nowMs(): number {
    return this.#passedMs + Math.min(this.#machine.nowMs() - this.#turnedAtMs, mostPerTurnMs);
  }

  #after(delayMs: number, fire: () => void): Timer {
    const entry: Entry = { dueMs: this.#nowMs() + Math.max(0, delayMs), fire, cancelled: false };
    const later = this.#entries.findLastIndex(({ dueMs }) => dueMs <= entry.dueMs);
    this.#entries.splice(later + 1, 0, entry);
    return {
      cancel: () => {
        entry.cancelled = true;
      },
    };
  }

  #arm(): void {
    this.#stop = this.#machine.after(turnMs, () => this.#turn());
  }

  #turn(): void {
    this.#passedMs = this.#nowMs();
    this.#turnedAtMs = this.#machine.nowMs();
    this.#arm();
    const due = this.#entries.findIndex(({ dueMs }) => dueMs > this.#passedMs);
    // What is set meanwhile is for the next turn.
    for (const { fire, cancelled } of this.#entries.splice(0, due < 0 ? this.#entries.length : due)) if (!cancelled) fire();
  }
}
