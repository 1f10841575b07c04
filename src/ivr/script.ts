import type { ChannelName } from "../attempt/result.ts";
import type { Template } from "../template/template.ts";

/** Who seems to have answered. `unknown`: undecided. */
export const verdicts = ["human", "machine", "unknown", "fax"] as const;
export type Verdict = (typeof verdicts)[number];

/** A piece of what is heard: text to be spoken or a recording in the prompt folder. */
export type Prompt = { readonly say: Template } | { readonly file: string };

/** Where a step leads: to another step, or to the end with an outcome. */
export type Way = { readonly next: string } | { readonly end: string };

/** How long and how often a step listens. */
export interface Listening {
  readonly prompts: readonly Prompt[];
  /** Heard before the prompts when they are repeated. */
  readonly retryPrompts: readonly Prompt[];
  readonly firstDigitMs: number;
  readonly interDigitMs: number;
  readonly tries: number;
  readonly bargeIn: boolean;
  /** Step after the last try when nothing was pressed. */
  readonly noInput: string;
  /** Step after the last try when something else was pressed. */
  readonly noMatch: string;
}

/** Says something, perhaps opts the person out first, and goes on. Also the bare `end`. */
export interface PlayStep {
  readonly verb: "play";
  readonly prompts: readonly Prompt[];
  readonly suppress?: { readonly channels: readonly ChannelName[]; readonly scope: "account" | "campaign" };
  readonly way: Way;
}

export interface MenuStep extends Listening {
  readonly verb: "menu";
  /** Step by key or key sequence. */
  readonly keys: ReadonlyMap<string, string>;
  /** Length of the longest key sequence. */
  readonly maxDigits: number;
}

export interface CollectStep extends Listening {
  readonly verb: "collect";
  readonly into: string;
  readonly minDigits: number;
  readonly maxDigits: number;
  readonly terminators: string;
  readonly secret: boolean;
  readonly next: string;
}

export interface BranchStep {
  readonly verb: "branch";
  readonly field: string;
  readonly on: ReadonlyMap<string, string>;
  readonly otherwise: string;
}

export interface TransferStep {
  readonly verb: "transfer";
  /** E.164. */
  readonly to: string;
  readonly holdPrompts: readonly Prompt[];
  readonly ringTimeoutMs: number;
  readonly maxTalkMs?: number;
  readonly answered: string;
  readonly busy: string;
  readonly noAnswer: string;
  readonly failed: string;
  /** A step that only ends: nobody is there to hear it. */
  readonly hungUp?: string;
}

export type Step = PlayStep | MenuStep | CollectStep | BranchStep | TransferStep;

/** A script that has been read and is sound in itself: every step it names exists. Times are milliseconds. */
export interface Script {
  readonly name: string;
  /** BCP 47, for example en-US. */
  readonly language: string;
  /** Contact columns without which a contact is not dialled. */
  readonly needs: readonly string[];
  readonly maxCallMs: number;
  /** Step by verdict; `human` and `unknown` are always there. Without one for a machine or a fax the call just ends. */
  readonly start: Readonly<Partial<Record<Verdict, string>>>;
  readonly steps: ReadonlyMap<string, Step>;
}

/** Every step a step can lead to by itself, in the order written; the way out for somebody who left is not among them. */
export function exitsOf(step: Step): string[] {
  switch (step.verb) {
    case "play":
      return "next" in step.way ? [step.way.next] : [];
    case "menu":
      return [...step.keys.values(), step.noInput, step.noMatch];
    case "collect":
      return [step.next, step.noInput, step.noMatch];
    case "branch":
      return [...step.on.values(), step.otherwise];
    case "transfer":
      return [step.answered, step.busy, step.noAnswer, step.failed];
  }
}

/** Everything a step can let be heard. */
export function promptsOf(step: Step): readonly Prompt[] {
  switch (step.verb) {
    case "play":
      return step.prompts;
    case "menu":
    case "collect":
      return [...step.retryPrompts, ...step.prompts];
    case "branch":
      return [];
    case "transfer":
      return step.holdPrompts;
  }
}

/** The steps that can be reached from these, themselves included. */
export function reachable(script: Script, from: readonly string[], exits: (step: Step) => readonly string[] = exitsOf): Set<string> {
  const seen = new Set<string>();
  const open = [...from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const step = script.steps.get(name);
    if (!step || seen.has(name)) continue;
    seen.add(name);
    open.push(...exits(step));
  }
  return seen;
}
