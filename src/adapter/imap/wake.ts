import type { Clock, Timer } from "../../kernel/clock.ts";

/** A wait that can be ended early. What happens before the wait begins is not missed: it then ends at once. */
export class Wake {
  readonly #clock: Clock;
  #due = false;
  #end: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): void {
    this.#due = true;
    this.#end?.();
  }

  /** Forgets what has happened: it is about to be looked at. */
  rest(): void {
    this.#due = false;
  }

  async within(ms: number): Promise<void> {
    if (!this.#due) {
      let timer: Timer | undefined;
      await new Promise<void>((resolve) => {
        this.#end = resolve;
        timer = this.#clock.after(ms, resolve);
      });
      timer?.cancel();
      this.#end = undefined;
    }
    this.#due = false;
  }
}
