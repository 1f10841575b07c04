import type { Answer, Effect } from "../attempt/ports.ts";
import type { Fields } from "../template/template.ts";
import type { Broken, PromptRef, QueueEnd, Recorded, TransferEnd } from "./ports.ts";
import type { JsonPath, TransferTarget, Verdict } from "./script.ts";

/** Something learned during the call. */
export interface KnownAnswer extends Answer {
  /** Never logged, stored, spoken or returned. */
  readonly secret: boolean;
}

/** Where a call is. Never changed, only replaced. */
export interface Place {
  readonly step: string;
  /** Whether a step that records has been agreed to. */
  readonly agreed: boolean;
  /** How often the present step has asked in vain. */
  readonly tries: number;
  /** Steps entered so far. */
  readonly visits: number;
  /** Whether the person has already heard something to its end or pressed a key. */
  readonly begun: boolean;
  readonly verdict: Verdict;
  readonly language: string;
  /** Contact fields. */
  readonly fields: Fields;
  readonly answers: ReadonlyMap<string, KnownAnswer>;
}

/** A webhook answered, or did not; `value` is absent when the answer has nothing where the result should be. */
export type WebhookEvent =
  | { readonly kind: "webhook"; readonly end: "answered"; readonly value?: string; readonly saved: ReadonlyMap<string, string> }
  | { readonly kind: "webhook"; readonly end: "error" | "timeout" };

/** What happened on the line. */
export type CallEvent =
  | { readonly kind: "played" }
  /** Keys arrived; empty: silence. */
  | { readonly kind: "digits"; readonly digits: string }
  | { readonly kind: "transferred"; readonly end: Exclude<TransferEnd, Broken | "withdrawn"> }
  | { readonly kind: "queued"; readonly end: Exclude<QueueEnd, Broken | "withdrawn"> }
  | WebhookEvent
  /** A key that works everywhere was pressed in a step that does not take it itself; `said` until then if that step records. */
  | { readonly kind: "key"; readonly key: string; readonly said?: Recorded }
  /** Without a recording nothing was said. */
  | { readonly kind: "recorded"; readonly said?: Recorded }
  /** The person left, or we lost them; perhaps while being recorded. */
  | { readonly kind: "left"; readonly how: Broken; readonly said?: Recorded };

/** How the walk ended. `too-long`: the script went round too often, or a text outgrew its limits. */
export type WalkEnd = "completed" | Broken | "too-long";

/** Says the prompts and takes keys. */
export interface CollectAction {
  readonly kind: "collect";
  readonly asks: "menu" | "collect" | "survey" | "consent";
  readonly prompts: readonly PromptRef[];
  readonly minDigits: number;
  readonly maxDigits: number;
  readonly firstDigitMs: number;
  readonly interDigitMs: number;
  readonly terminators: string;
  readonly bargeIn: boolean;
  /** The keys are not to be logged or shown. */
  readonly secret: boolean;
  /** Never part of what is taken, and not waited with; they count in prompts without `bargeIn`, too. */
  readonly keys: string;
}

export interface TransferAction {
  readonly kind: "transfer";
  readonly target: TransferTarget;
  readonly holdPrompts: readonly PromptRef[];
  readonly whisperPrompts: readonly PromptRef[];
  readonly ringTimeoutMs: number;
  readonly maxTalkMs?: number;
  readonly keys: string;
}

export interface QueueAction {
  readonly kind: "queue";
  readonly group: string;
  readonly skills: readonly string[];
  readonly priority: number;
  readonly maxWaitMs: number;
  readonly holdPrompts: readonly PromptRef[];
  /** Of the first place first; empty where the place is not said. */
  readonly positions: readonly (readonly PromptRef[])[];
  /** For everybody behind those. */
  readonly positionMore: readonly PromptRef[];
  readonly positionEveryMs: number;
  readonly whisperPrompts: readonly PromptRef[];
  readonly keys: string;
}

export interface WebhookAction {
  readonly kind: "webhook";
  readonly webhook: string;
  /** What the script sends; script, step, attempt and key are added to it. */
  readonly body: Readonly<Record<string, string>>;
  /** The keys of the body that hold secrets. */
  readonly secretKeys: readonly string[];
  /** Unique to this visit of the step within the call. */
  readonly visit: number;
  readonly timeoutMs: number;
  readonly result: JsonPath;
  readonly save: ReadonlyMap<string, JsonPath>;
  readonly holdPrompts: readonly PromptRef[];
  readonly keys: string;
}

export interface RecordAction {
  readonly kind: "record";
  readonly prompts: readonly PromptRef[];
  /** As for a webhook. */
  readonly visit: number;
  readonly maxMs: number;
  readonly silenceMs: number;
  readonly terminators: string;
  readonly beep: boolean;
  readonly keys: string;
}

/** What to do on the line next, until it is over or one of `keys` is pressed. Whatever is heard comes with its text filled in. */
export type Action =
  | { readonly kind: "play"; readonly prompts: readonly PromptRef[]; readonly keys: string }
  | CollectAction
  | TransferAction
  | QueueAction
  | WebhookAction
  | RecordAction
  | { readonly kind: "end"; readonly end: WalkEnd; readonly outcome: string };

export interface Move {
  readonly place: Place;
  /** Steps entered by this move, in order. */
  readonly entered: readonly string[];
  /** To be committed before the action begins. */
  readonly effects: readonly Effect[];
  readonly action: Action;
}

/** What was learned, by name; secrets left out. */
export function openAnswers(place: Place): Record<string, Answer> {
  return Object.fromEntries([...place.answers].flatMap(([name, { secret, ...answer }]) => (secret ? [] : [[name, answer]])));
}
