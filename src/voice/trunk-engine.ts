import { type Clock, pause } from "../kernel/clock.ts";
import { allowed, freshRate, nextAt, type RateState, spend } from "./rate.ts";
import type { Trunk } from "./trunk.ts";

/** What of a trunk is in use, over all campaigns of this process. */
export class TrunkUse {
  readonly trunk: Trunk;
  readonly #clock: Clock;
  /** Lines taken: decided on, dialling, ringing or talking, second legs of transfers included. */
  lines = 0;
  /** What the pacer reckons with: calls decided on. */
  rate: RateState = freshRate;
  /** INVITEs, at the moment they leave: whatever came between, the carrier never gets more than was agreed. */
  #sent: RateState = freshRate;

  constructor(trunk: Trunk, clock: Clock) {
    this.trunk = trunk;
    this.#clock = clock;
  }

  /** One more line, for the second leg of a transfer: the function that gives it back, or undefined when the trunk is full. */
  takeLine(): (() => void) | undefined {
    if (this.lines >= this.trunk.maxChannels) return undefined;
    this.lines += 1;
    return () => {
      this.lines -= 1;
    };
  }

  /** Resolves when the trunk may carry one more INVITE. */
  async turn(): Promise<void> {
    const { maxCps } = this.trunk;
    for (;;) {
      const now = this.#clock.now();
      if (allowed(this.#sent, now, maxCps) > 0) break;
      await pause(this.#clock, Math.max(1, nextAt(this.#sent, now, maxCps) - now));
    }
    this.#sent = spend(this.#sent, this.#clock.now(), 1, maxCps);
  }
}
