import type { Clock } from "../kernel/clock.ts";
import { Pace } from "./pace-engine.ts";
import type { Trunk } from "./trunk.ts";

/** What of a trunk is in use, over all campaigns of this process. */
export class TrunkUse {
  readonly trunk: Trunk;
  /** Second legs of transfers pass here too. */
  readonly pace: Pace;
  /** Lines taken: decided on, dialling, ringing or talking, second legs of transfers included. */
  lines = 0;

  constructor(trunk: Trunk, clock: Clock) {
    this.trunk = trunk;
    this.pace = new Pace(clock);
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
  turn(): Promise<void> {
    return this.pace.turn(this.trunk.maxCps);
  }
}
