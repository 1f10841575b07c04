import type { Clock } from "../kernel/clock.ts";

/** The longest time with the script, on the call's clock; it can be suspended. */
export class TimeLimit {
  readonly #clock: Clock;
  readonly #fire: () => void;
  #remainingMs: number;
  #since: number;
  #timer: { cancel(): void } | undefined;
  #over: () => void = () => {};
  #isOver = false;

  constructor(clock: Clock, limitMs: number, onOver: () => void) {
    this.#clock = clock;
    this.#remainingMs = limitMs;
    this.#since = clock.now();
    this.#fire = () => {
      this.#isOver = true;
      this.#over();
      onOver();
    };
    this.#timer = clock.after(limitMs, this.#fire);
  }

  leftMs(): number {
    return this.#remainingMs - (this.#timer ? this.#clock.now() - this.#since : 0);
  }

  suspend(): void {
    this.#remainingMs = this.leftMs();
    this.cancel();
  }

  resume(): void {
    this.cancel();
    this.#since = this.#clock.now();
    this.#timer = this.#clock.after(Math.max(0, this.#remainingMs), this.#fire);
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** What the work gives, or `over` as soon as the time is up. One work at a time. */
  unlessOver<T>(work: Promise<T>): Promise<T | "over"> {
    // No race with one promise for the whole call: that would hold on to everything that was ever raced with it.
    return new Promise((resolve, reject) => {
      this.#over = () => resolve("over");
      work.then(resolve, reject);
      if (this.#isOver) resolve("over");
    });
  }
}
