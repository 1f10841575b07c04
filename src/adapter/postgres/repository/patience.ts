import { type Clock, pause } from "../../../kernel/clock.ts";
import { isCollision, isPassing } from "../faults.ts";

const triesAtCollision = 10;
const longestPauseMs = 1000;

/** Runs a write again for as long as it may succeed later: the database is away, or full, or it lost against other transactions. */
export class Patience {
  readonly #clock: Clock;
  readonly #forMs: number;
  #giveUpAt = Number.POSITIVE_INFINITY;

  /** @param forMs how long it may go on; 0 gives up at once */
  constructor(clock: Clock, forMs: number) {
    this.#clock = clock;
    this.#forMs = forMs;
  }

  /** From now on nothing is tried for longer than that: the process wants to end. */
  endWithin(ms: number): void {
    this.#giveUpAt = Math.min(this.#giveUpAt, this.#clock.now() + ms);
  }

  /** @throws the last error of `write`, as it is */
  async run<T>(write: () => Promise<T>): Promise<T> {
    const deadline = this.#clock.now() + this.#forMs;
    for (let tries = 1, pauseMs = 20; ; tries++, pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        return await write();
      } catch (error) {
        // What lost against another transaction was rolled back for certain; it may always be run again.
        const collided = isCollision(error) && tries < triesAtCollision;
        const passing = isPassing(error) && this.#clock.now() < Math.min(deadline, this.#giveUpAt);
        if (!collided && !passing) throw error;
        await pause(this.#clock, pauseMs);
      }
    }
  }
}
