import type { Answer, Effect } from "../attempt/ports.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Fields } from "../template/template.ts";
import type { Broken, Caller, PromptFile, PromptRef, PromptStore, Webhooks } from "./ports.ts";
import type { Script, Verdict } from "./script.ts";

/** Where a session writes down what happens. */
export interface SessionSink {
  /** A step was entered. Not waited for: the person must not wait for a database. Calls come in order. */
  step(step: string): void;
  /** Effects are committed when this resolves; only then does the person hear about it. Tried again if it rejects. */
  effect(effects: readonly Effect[]): Promise<void>;
}

export interface ScriptRun {
  readonly script: Script;
  readonly attemptId: string;
  readonly fields: Fields;
  /** The ready prompts, by what is heard; see `preparePrompts`. */
  readonly prompts: (ref: PromptRef) => PromptFile | undefined;
  /** Makes prompts that are only known during the call. */
  readonly store: PromptStore;
  readonly caller: Caller;
  readonly sink: SessionSink;
  readonly clock: Clock;
  readonly startAt: Verdict;
  /** Without it no webhook is configured. */
  readonly webhooks?: Webhooks;
  /** The numbers (E.164) of each group that a transfer may name. */
  readonly groups?: ReadonlyMap<string, readonly string[]>;
}

export interface ScriptEnd {
  /** `completed`: the script came to an end of its own. `too-long`: over its time limit, or going in circles. */
  readonly end: "completed" | Broken | "too-long";
  readonly outcome: string;
  /** Steps entered, in order. */
  readonly path: readonly string[];
  /** What was answered, by name; never secrets. */
  readonly answers: Readonly<Record<string, Answer>>;
  /** A webhook was asked, or something was set going for the person: a second conversation would do it again. */
  readonly acted: boolean;
}
