import type { AttemptLog, Effect } from "../attempt/ports.ts";
import { loadVersion } from "../ivr/linked-engine.ts";
import type { Caller, PromptFile, PromptRef, PromptStore, Webhooks } from "../ivr/ports.ts";
import type { ScriptReader } from "../ivr/reader-ports.ts";
import type { Script, Verdict } from "../ivr/script.ts";
import type { ScriptStore } from "../ivr/script-ports.ts";
import { preparePrompts, runScript } from "../ivr/session.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { ReadyScript, ScriptEnd, Scripts } from "./ports.ts";

export interface ScriptLibraryParts {
  readonly store: ScriptStore;
  /** Reads them. */
  readonly reader: ScriptReader;
  readonly prompts: PromptStore;
  readonly attempts: AttemptLog;
  readonly webhooks: Webhooks;
  /** The outside numbers (E.164) of each group, in the order in which they are rung. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly clock: Clock;
  readonly log: Log;
}

type Lookup = (ref: PromptRef) => PromptFile | undefined;

/** Published scripts, read once each, and run on calls with the prompts of the contact called. */
export class ScriptLibrary implements Scripts {
  readonly #parts: ScriptLibraryParts;
  /** A version is immutable, so what was read stays true. A failed read is forgotten. */
  readonly #read = new Map<string, Promise<Script>>();

  constructor(parts: ScriptLibraryParts) {
    this.#parts = parts;
  }

  async prepare(scriptVersionId: string, fields: Readonly<Record<string, string>>, answerers: readonly Verdict[] = ["human"]): Promise<ReadyScript> {
    const script = await this.#script(scriptVersionId);
    const prompts = await preparePrompts(script, fields, this.#parts.prompts, answerers);
    return {
      starts: answerers.filter((verdict) => script.start[verdict] !== undefined),
      run: (caller, attemptId, startAt = "human") => this.#run(script, fields, prompts, caller, attemptId, startAt),
    };
  }

  #script(id: string): Promise<Script> {
    const known = this.#read.get(id);
    if (known) return known;
    const reading = loadVersion(this.#parts.store, this.#parts.reader, id);
    this.#read.set(id, reading);
    reading.catch(() => this.#read.delete(id));
    return reading;
  }

  async #run(
    script: Script,
    fields: Readonly<Record<string, string>>,
    prompts: Lookup,
    caller: Caller,
    attemptId: string,
    startAt: Verdict,
  ): Promise<ScriptEnd> {
    const { attempts, prompts: store, webhooks, groups, clock, log } = this.#parts;
    const run = await runScript({
      script,
      fields,
      prompts,
      caller,
      clock,
      startAt,
      attemptId,
      store,
      webhooks,
      groups,
      sink: {
        step(step) {
          attempts
            .mark(attemptId, { at: clock.now(), kind: "step", detail: { step } })
            .catch((error) => log.error({ err: error, attempt: attemptId, step }, "step not recorded"));
        },
        effect: (effects: readonly Effect[]) => attempts.effect(attemptId, clock.now(), effects),
      },
    });
    return { outcome: run.outcome, end: run.end, answers: run.answers, acted: run.acted };
  }
}
