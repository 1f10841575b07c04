import type { ScriptReader } from "../../ivr/reader-ports.ts";
import { Fault } from "../../kernel/fault.ts";
import { type WorkFaults, WorkPool, type WorkPoolOptions } from "./pool.ts";

export type ScriptPoolOptions = Omit<WorkPoolOptions, "faults">;

const faults: WorkFaults = {
  overloaded: () => new Fault("overloaded", "Other scripts are being checked; try again in a few seconds.", { retryable: true }),
  heavy: (why) =>
    new Fault("script-too-heavy", `To read and check the script ${why}. Split it into several scripts, each with fewer steps and shorter texts.`),
  lost: (why, cause) => new Fault("script-reader", `the process that reads scripts was lost: ${why}`, { retryable: true, cause }),
  closed: () => new Fault("script-reader", "Carillon is being closed, and reads no more scripts.", { retryable: true }),
};

/** Reads and judges scripts in processes of their own. */
export class ScriptPool implements ScriptReader {
  readonly #pool: WorkPool;

  /** @param options its module serves the functions of ScriptReader */
  constructor(options: ScriptPoolOptions) {
    this.#pool = new WorkPool({ ...options, faults });
  }

  readonly outline: ScriptReader["outline"] = (work) => this.#pool.ask("outline", work);
  readonly load: ScriptReader["load"] = (work) => this.#pool.ask("load", work);
  readonly check: ScriptReader["check"] = (work) => this.#pool.ask("check", work);
  readonly test: ScriptReader["test"] = (work) => this.#pool.ask("test", work);
  readonly compare: ScriptReader["compare"] = (work) => this.#pool.ask("compare", work);

  /** Ends the readers; what was under way is rejected. */
  close(): Promise<void> {
    return this.#pool.close();
  }
}
