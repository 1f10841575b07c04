import type { ChannelName } from "../attempt/result.ts";
import type { Template } from "../template/template.ts";
import type { NumberRange } from "./number-range.ts";
import type { SayAsKind } from "./say-as.ts";
import type { Hours } from "./time-branch.ts";

/** Who seems to have answered. `unknown`: undecided. */
export const verdicts = ["human", "machine", "unknown", "fax"] as const;
export type Verdict = (typeof verdicts)[number];

/** The key under which something stands that was written without a language. */
export const anyLanguage = "*";
/** One thing by language (BCP 47), or a single one under `anyLanguage`: a text then is in the script's main language, a recording good for all. */
export type ByLanguage<T> = ReadonlyMap<string, T>;

/** A piece of what is heard: text to be spoken, a recording, or a value spoken as what it is. */
export type Prompt =
  | { readonly say: ByLanguage<Template> }
  | { readonly file: ByLanguage<string> }
  | {
      readonly sayAs: SayAsKind;
      readonly value: Template;
      /** ISO 4217, for money. */
      readonly currency?: string;
    };

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

/** A question whose answer is a whole number, `from` to `to`, both included. */
export interface SurveyStep extends Listening {
  readonly verb: "survey";
  /** The answer's name. */
  readonly question: string;
  readonly from: number;
  readonly to: number;
  /** Digits of the largest score. */
  readonly maxDigits: number;
  readonly next: string;
}

/** What a branch looks at: a contact column or an answer, who answered, the language, or the time of the week. */
export type BranchOn =
  | { readonly kind: "value"; readonly name: string }
  | { readonly kind: "verdict" }
  /** The language the call is in at that moment. */
  | { readonly kind: "language" }
  /** `contact`: the zone in the contact's column time_zone, else `zone` (IANA); where neither is known no case holds. */
  | { readonly kind: "time"; readonly contact: boolean; readonly zone?: string };

/** One line of `on`. */
export interface BranchCase {
  /** As it is written. */
  readonly key: string;
  readonly test: { readonly equals: string } | { readonly range: NumberRange } | { readonly hours: Hours };
  readonly to: string;
}

/** The first case that holds, in the order written, decides. */
export interface BranchStep {
  readonly verb: "branch";
  readonly what: BranchOn;
  readonly cases: readonly BranchCase[];
  readonly otherwise: string;
}

/** Whom a transfer calls: one number (E.164), or the numbers of a configured group in turn. */
export type TransferTarget = { readonly number: string } | { readonly group: string };

export interface TransferStep {
  readonly verb: "transfer";
  readonly target: TransferTarget;
  readonly holdPrompts: readonly Prompt[];
  /** Heard only by whoever answers, before the two are connected. */
  readonly whisperPrompts: readonly Prompt[];
  readonly ringTimeoutMs: number;
  readonly maxTalkMs?: number;
  readonly answered: string;
  readonly busy: string;
  readonly noAnswer: string;
  readonly failed: string;
  /** A step that only ends: nobody is there to hear it. */
  readonly hungUp?: string;
}

/** Any group of agents that works for the campaign. */
export const anyGroup = "campaign";
/** What stands for the place in the queue, in the texts that say it. */
export const positionName = "position";

/** Waits for an agent and connects the person with them. */
export interface QueueStep {
  readonly verb: "queue";
  /** A name, or `anyGroup`. */
  readonly group: string;
  readonly skills: readonly string[];
  /** 1 (first) to 10. */
  readonly priority: number;
  readonly maxWaitMs: number;
  /** None: nobody waits there longer than a moment. */
  readonly holdPrompts: readonly Prompt[];
  /** Said for the first nine places, with the place as `positionName`. */
  readonly positionPrompts: readonly Prompt[];
  /** Said for the places behind those. */
  readonly positionMore: readonly Prompt[];
  readonly positionEveryMs: number;
  /** Heard only by the agent, before the two are connected. */
  readonly whisperPrompts: readonly Prompt[];
  readonly answered: string;
  readonly noAgent: string;
  readonly nobody: string;
  /** A step that only ends: nobody is there to hear it. */
  readonly hungUp?: string;
}

/** Gives answers their values. */
export interface SetStep {
  readonly verb: "set";
  readonly values: ReadonlyMap<string, Template>;
  readonly way: Way;
}

/** Has a message sent, by the engine of its channel. */
export interface SendStep {
  readonly verb: "send";
  readonly channel: "sms" | "email";
  /** The name of the message's template. */
  readonly template: string;
  readonly values: ReadonlyMap<string, Template>;
  /** Not sent later than that. */
  readonly withinS: number;
  readonly way: Way;
}

/** A path into a JSON answer: `items.0.id` as its parts. */
export type JsonPath = readonly string[];

/** Asks a configured webhook while the person hears the hold prompts. */
export interface WebhookStep {
  readonly verb: "webhook";
  readonly name: string;
  readonly body: ReadonlyMap<string, Template>;
  readonly timeoutMs: number;
  /** Where in the answer the value is that decides. */
  readonly result: JsonPath;
  /** Answers to keep, by name. */
  readonly save: ReadonlyMap<string, JsonPath>;
  readonly holdPrompts: readonly Prompt[];
  readonly on: ReadonlyMap<string, string>;
  readonly otherwise: string;
  readonly timedOut: string;
  readonly error: string;
}

/** Asks for consent if there are prompts for it, then records what the person says. */
export interface RecordStep {
  readonly verb: "record";
  readonly prompts: readonly Prompt[];
  readonly into: string;
  readonly consent?: { readonly prompts: readonly Prompt[]; readonly declined: string };
  readonly maxMs: number;
  /** Silence that ends the recording. */
  readonly silenceMs: number;
  readonly terminators: string;
  readonly beep: boolean;
  readonly next: string;
  /** Step when nothing was said. */
  readonly noInput: string;
}

/** Asks for another call to this person. */
export interface CallbackStep {
  readonly verb: "callback";
  readonly when: { readonly inS: number } | { readonly at: Template /** IANA; the contact's own goes before it. */; readonly zone?: string };
  /** Step when the time cannot be read. */
  readonly unclear?: string;
  readonly way: Way;
}

export interface SwitchLanguageStep {
  readonly verb: "switch_language";
  readonly language: string;
  readonly next: string;
}

/** Goes to another script. */
export interface ScriptStep {
  readonly verb: "script";
  readonly script: string;
  /** Its first steps, once it has been linked. */
  readonly start?: Script["start"];
}

export type Step =
  | PlayStep
  | MenuStep
  | CollectStep
  | SurveyStep
  | BranchStep
  | TransferStep
  | QueueStep
  | SetStep
  | SendStep
  | WebhookStep
  | RecordStep
  | CallbackStep
  | SwitchLanguageStep
  | ScriptStep;

/** A script that has been read and is sound in itself: every step it names exists. */
export interface Script {
  readonly name: string;
  /** The main language: BCP 47, for example en-US. */
  readonly language: string;
  /** Every language it can be heard in, the main one first. */
  readonly languages: readonly string[];
  /** The contact column that picks the language at the start. */
  readonly languageFrom?: string;
  /** Language by the one it stands in for. */
  readonly fallback: ReadonlyMap<string, string>;
  /** IANA zone of times for a contact whose own is not known. */
  readonly zone?: string;
  /** Contact columns without which a contact is not dialled. */
  readonly needs: readonly string[];
  readonly maxCallMs: number;
  /** The steps that keys lead to wherever a person is on the line. */
  readonly everywhere: ReadonlyMap<string, string>;
  /** The same in the steps of each script it was linked with, by its name. */
  readonly everywhereIn?: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** The step in which somebody has shown to be the right person; only after it may a debt be spoken of. */
  readonly rightParty?: string;
  /** Step by verdict; `human` and `unknown` are always there. Without one for a machine or a fax the call just ends. */
  readonly start: Readonly<Partial<Record<Verdict, string>>>;
  readonly steps: ReadonlyMap<string, Step>;
}

/** The contact column with the person's own time zone (IANA). */
export const zoneColumn = "time_zone";
