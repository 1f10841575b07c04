import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
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
  readonly #end: () => Promise<void>;

  constructor(parts: CallbackEngineParts) {
    this.#parts = parts;
    const { clock, lookMs = 2000, log } = parts;
    this.#end = againDespite(
      clock,
      lookMs,
      () => this.look(),
      (error) => log.error({ error: String(error) }, "callbacks cannot be looked after; trying on"),
    );
  }

  async look(): Promise<void> {
    const { callbacks, log } = this.#parts;
    const collected = await callbacks.collect();
    if (collected > 0) log.info({ callbacks: collected }, "scripts asked for callbacks");
    const given = await callbacks.giveBack();
    if (given > 0) log.info({ callbacks: given }, "callbacks of agents who have logged out wait again");
  }

  async close(): Promise<void> {
    await this.#end();
  }
}
