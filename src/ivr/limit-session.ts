import type { Clock } from "../kernel/clock.ts";

/** The longest time with the script, on the call's clock; it can be suspended. */
export class TimeLimit {
  readonly #clock: Clock;
  readonly #fire: () => void;
  #remainingMs: number;
  #since: number;
  #timer: { cancel(): void } | undefined;
  #over: () => void = () => {};
  readonly #whenOver: Promise<"over">;

  constructor(clock: Clock, limitMs: number, onOver: () => void) {
    this.#clock = clock;
    this.#remainingMs = limitMs;
    this.#since = clock.now();
    this.#whenOver = new Promise((resolve) => {
      this.#over = () => resolve("over");
    });
    this.#fire = () => {
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

  /** What the work gives, or `over` as soon as the time is up. */
  unlessOver<T>(work: Promise<T>): Promise<T | "over"> {
    return Promise.race([work, this.#whenOver]);
  }
}
