import type { Clock, Timer } from "../kernel/clock.ts";

export interface HoldWatchParts {
  /** Whether the agent's program is connected to this node. */
  readonly isHere: () => boolean;
  /** How long it may be gone before nobody waits for it any more. */
  readonly graceMs: number;
  /** How long a person may be left waiting. */
  readonly holdLimitMs: number;
  readonly gone: () => void;
  /** The person waits for long: the agent is to know. */
  readonly long: () => void;
  /** They have waited for as long as they may. */
  readonly over: () => void;
  readonly clock: Clock;
}

const lookMs = 500;
/** The agent is told so long before the person is taken back; with a short limit, after half of it. */
const toldBeforeMs = 30_000;

/** A person whom an agent leaves waiting: nobody waits for an agent who cannot take them back, nor for one who has forgotten them. */
export class HoldWatch {
  readonly #parts: HoldWatchParts;
  #timer: Timer | undefined;
  /** Since when the person waits (epoch ms). */
  #since: number | undefined;
  #missingMs = 0;
  #told = false;

  constructor(parts: HoldWatchParts) {
    this.#parts = parts;
  }

  /** The person waits, or goes on waiting. */
  begin(): void {
    this.#since ??= this.#parts.clock.now();
    this.#again();
  }

  end(): void {
    this.#timer?.cancel();
    this.#since = undefined;
    this.#missingMs = 0;
    this.#told = false;
  }

  #again(): void {
    this.#timer?.cancel();
    this.#timer = this.#parts.clock.after(lookMs, () => this.#look());
  }

  #look(): void {
    const { isHere, graceMs, holdLimitMs, gone, long, over, clock } = this.#parts;
    const heldMs = clock.now() - (this.#since ?? clock.now());
    this.#missingMs = isHere() ? 0 : this.#missingMs + lookMs;
    if (this.#missingMs <= graceMs) this.#again();
    if (this.#missingMs > graceMs) gone();
    else if (heldMs >= holdLimitMs) over();
    else if (!this.#told && heldMs >= holdLimitMs - Math.min(toldBeforeMs, holdLimitMs / 2)) {
      this.#told = true;
      long();
    }
  }
}
