import type { AttemptLog, Effect } from "../attempt/ports.ts";
import { formatFinding } from "../ivr/finding.ts";
import { link } from "../ivr/link.ts";
import type { Caller, PromptFile, PromptRef, PromptStore, Webhooks } from "../ivr/ports.ts";
import { readScript } from "../ivr/read.ts";
import type { Script } from "../ivr/script.ts";
import type { ScriptStore, ScriptVersion } from "../ivr/script-ports.ts";
import { preparePrompts, runScript } from "../ivr/session.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { ReadyScript, ScriptEnd, Scripts } from "./ports.ts";

export interface ScriptLibraryParts {
  readonly store: ScriptStore;
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

  async prepare(scriptVersionId: string, fields: Readonly<Record<string, string>>): Promise<ReadyScript> {
    const script = await this.#script(scriptVersionId);
    // Without answering-machine detection every answer counts as a person's.
    const prompts = await preparePrompts(script, fields, this.#parts.prompts, ["human"]);
    return { run: (caller, attemptId) => this.#run(script, fields, prompts, caller, attemptId) };
  }

  #script(id: string): Promise<Script> {
    const known = this.#read.get(id);
    if (known) return known;
    const reading = this.#load(id);
    this.#read.set(id, reading);
    reading.catch(() => this.#read.delete(id));
    return reading;
  }

  /** The script with those it goes to, in the versions that were current when each was published. */
  async #load(id: string): Promise<Script> {
    const whole = await this.#version(id);
    const others = new Map<string, Script>();
    const named = Object.entries(whole.uses);
    for (const [name, pinned] of named) {
      if (name === whole.script.name || others.has(name)) continue;
      const other = await this.#version(pinned.id);
      others.set(name, other.script);
      named.push(...Object.entries(other.uses));
    }
    const { script, faults } = link(whole.script, others);
    const [fault] = faults;
    if (fault) throw new Fault("script-invalid", `Script ${fault.script}, step ${fault.step}: ${fault.message}. ${fault.fix}`);
    return script;
  }

  async #version(id: string): Promise<{ readonly script: Script; readonly uses: ScriptVersion["uses"] }> {
    const version = await this.#parts.store.find(id);
    if (!version) throw new Fault("script-unknown", `There is no published script version ${id}.`);
    const { script, findings } = readScript(version.source, version.name);
    if (!script)
      throw new Fault(
        "script-invalid",
        `Script ${version.name} version ${version.version} cannot be run:\n${findings.map(formatFinding).join("\n")}`,
      );
    return { script, uses: version.uses };
  }

  async #run(script: Script, fields: Readonly<Record<string, string>>, prompts: Lookup, caller: Caller, attemptId: string): Promise<ScriptEnd> {
    const { attempts, prompts: store, webhooks, groups, clock, log } = this.#parts;
    const run = await runScript({
      script,
      fields,
      prompts,
      caller,
      clock,
      startAt: "human",
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
    return { outcome: run.outcome, end: run.end, answers: run.answers };
  }
}
