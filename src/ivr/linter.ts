import { pointerTo } from "../kernel/pointer.ts";
import type { Template } from "../template/template.ts";
import type { Finding, Position } from "./finding.ts";
import type { LintCode } from "./lint-rules.ts";
import type { RecordingReport } from "./recording-ports.ts";
import { anyLanguage, type Prompt, positionName, type Script, type Step } from "./script.ts";
import type { Located } from "./yaml.ts";

/** What a script is checked against, besides itself. Whatever is left out is not checked. */
export interface LintOptions {
  /** Columns that the contact list has. */
  readonly columns?: readonly string[];
  /** What is known of the recordings it plays, by file. */
  readonly recordings?: ReadonlyMap<string, RecordingReport>;
  /** Language prefixes that the speech engine speaks; `*` is any. */
  readonly languages?: readonly string[];
  /** Names of the configured webhooks. */
  readonly webhooks?: readonly string[];
  /** Names of the configured groups. */
  readonly groups?: readonly string[];
  /** Names of the groups of agents that there are now. */
  readonly agentGroups?: readonly string[];
  /** Names of the message templates, by channel. */
  readonly templates?: Readonly<Record<"sms" | "email", readonly string[]>>;
  /** The longest call that the campaign allows, where that is less than the script's own limit. */
  readonly maxCallMs?: number;
  /** The scripts it goes to, by name, and those they go to. */
  readonly others?: ReadonlyMap<string, Script>;
}

/** What every group of rules is given. */
export interface Linter {
  readonly script: Script;
  /** With the scripts it goes to. */
  readonly whole: Script;
  readonly located: Located;
  readonly options: LintOptions;
  /** @param severity where the rule decides it; otherwise what lint-rules.ts says */
  report(code: LintCode, place: Position, message: string, fix: string, severity?: Finding["severity"]): void;
}

export const stepAt = (located: Located, name: string): Position => located.keyAt(pointerTo("/steps", name));

/** Where something within a step stands. */
export const within = (name: string, ...path: readonly (string | number)[]): string => path.reduce<string>(pointerTo, pointerTo("/steps", name));

/** A step that goes to a script of which nothing is known. */
export const leadsAway = (step: Step | undefined): boolean => step?.verb === "script" && step.start === undefined;

/** Prompts of a step as they are written, each list with its key. Whoever of ours answers hears the whisper, everything else the person. */
export function promptLists(step: Step): { readonly key: string; readonly prompts: readonly Prompt[] }[] {
  switch (step.verb) {
    case "play":
      return [{ key: "play", prompts: step.prompts }];
    case "menu":
    case "collect":
    case "survey":
      return [
        { key: step.verb, prompts: step.prompts },
        { key: "retry", prompts: step.retryPrompts },
      ];
    case "transfer":
      return [
        { key: "play", prompts: step.holdPrompts },
        { key: "whisper", prompts: step.whisperPrompts },
      ];
    case "queue":
      return [
        { key: "play", prompts: step.holdPrompts },
        { key: "position", prompts: step.positionPrompts },
        { key: "position_more", prompts: step.positionMore },
        { key: "whisper", prompts: step.whisperPrompts },
      ];
    case "webhook":
      return [{ key: "play", prompts: step.holdPrompts }];
    case "record":
      return [
        { key: "consent", prompts: step.consent?.prompts ?? [] },
        { key: "record", prompts: step.prompts },
      ];
    default:
      return [];
  }
}

/** A prompt and where it is written. */
export interface Written {
  readonly name: string;
  readonly step: Step;
  /** The list it is in, e.g. `menu`, `retry` or `whisper`. */
  readonly key: string;
  readonly prompt: Prompt;
  readonly pointer: string;
}

/** Every prompt of the script itself, in the order written. */
export function* writtenPrompts(script: Script): Generator<Written> {
  for (const [name, step] of script.steps) {
    for (const { key, prompts } of promptLists(step)) {
      for (const [index, prompt] of prompts.entries()) yield { name, step, key, prompt, pointer: within(name, key, index) };
    }
  }
}

/** A text, or a recording, with the part of the prompt it is written in. */
export interface Sound {
  /** `anyLanguage` where none is written. */
  readonly language: string;
  readonly pointer: string;
  readonly sound: { readonly say: Template } | { readonly file: string };
}

/** What a prompt can be heard as. */
export function soundsOf({ prompt, pointer }: Written): Sound[] {
  const at = (key: string, language: string) => (language === anyLanguage ? pointerTo(pointer, key) : pointerTo(pointerTo(pointer, key), language));
  if ("say" in prompt) return [...prompt.say].map(([language, say]) => ({ language, pointer: at("say", language), sound: { say } }));
  if ("file" in prompt) return [...prompt.file].map(([language, file]) => ({ language, pointer: at("file", language), sound: { file } }));
  return [{ language: anyLanguage, pointer: pointerTo(pointer, "value"), sound: { say: prompt.value } }];
}

/** What a template is for: `heard` by the person, `whispered` to whoever answers, `sent` in a message or to a webhook, `kept` as an answer, a `time`. */
export type Purpose = "heard" | "whispered" | "message" | "webhook" | "kept" | "time";

/** A template and where it is written. */
export interface WrittenText {
  readonly name: string;
  readonly purpose: Purpose;
  readonly text: Template;
  readonly pointer: string;
  /** For `kept`: the answer it becomes. */
  readonly answer?: string;
}

/** Every template of the script itself. */
export function* writtenTexts(script: Script): Generator<WrittenText> {
  for (const written of writtenPrompts(script)) {
    const purpose = written.key === "whisper" ? "whispered" : "heard";
    for (const { sound, pointer } of soundsOf(written)) {
      if (!("say" in sound)) continue;
      const text = written.key === "position" ? withoutPosition(sound.say) : sound.say;
      yield { name: written.name, purpose, text, pointer };
    }
  }
  for (const [name, step] of script.steps) {
    if (step.verb === "set") {
      for (const [answer, text] of step.values) yield { name, purpose: "kept", text, pointer: within(name, "set", answer), answer };
    } else if (step.verb === "send") {
      for (const [key, text] of step.values) yield { name, purpose: "message", text, pointer: within(name, "with", key) };
    } else if (step.verb === "webhook") {
      for (const [key, text] of step.body) yield { name, purpose: "webhook", text, pointer: within(name, "send", key) };
    } else if (step.verb === "callback" && "at" in step.when) {
      yield { name, purpose: "time", text: step.when.at, pointer: within(name, "callback", "at") };
    }
  }
}

/** The same without what the queue itself knows: the person's place in it is neither a column nor an answer. */
function withoutPosition({ fields, needed, ...rest }: Template): Template {
  const other = (field: string) => field !== positionName;
  return { ...rest, fields: fields.filter(other), needed: needed.filter(other) };
}

/** Where in its text a field is named first. */
export function fieldAt(located: Located, { text, pointer }: WrittenText, field: string): Position {
  return located.within(pointer, Math.max(0, text.source.search(new RegExp(`(?<=\\{[^{}]*)\\b${field}\\b`))));
}
