import type { Clock, Timer } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { CallbackStore } from "./ports.ts";

export interface CallbackEngineParts {
  readonly callbacks: Pick<CallbackStore, "collect" | "giveBack">;
  readonly clock: Clock;
  readonly log: Log;
  /** How often it looks. Default 2 s. */
  readonly lookMs?: number;
}

/** Makes callbacks of what scripts asked for, and puts back what agents had who are gone. */
export class CallbackEngine {
  readonly #parts: CallbackEngineParts;
  #timer: Timer | undefined;
  #turn: Promise<void> = Promise.resolve();
  #open = true;
  #troubled = false;

  constructor(parts: CallbackEngineParts) {
    this.#parts = parts;
    this.#later();
  }

  async look(): Promise<void> {
    const { callbacks, log } = this.#parts;
    const collected = await callbacks.collect();
    if (collected > 0) log.info({ callbacks: collected }, "scripts asked for callbacks");
    const given = await callbacks.giveBack();
    if (given > 0) log.info({ callbacks: given }, "callbacks of agents who have logged out wait again");
  }

  async close(): Promise<void> {
    this.#open = false;
    this.#timer?.cancel();
    await this.#turn;
  }

  #later(): void {
    const { clock, lookMs = 2000, log } = this.#parts;
    if (!this.#open) return;
    this.#timer = clock.after(lookMs, () => {
      this.#turn = this.look()
        .then(
          () => {
            this.#troubled = false;
          },
          (error: unknown) => {
            // The database is away: said once, tried again each turn.
            if (!this.#troubled) log.error({ error: String(error) }, "callbacks cannot be looked after; trying on");
            this.#troubled = true;
          },
        )
        .then(() => this.#later());
    });
  }
}
