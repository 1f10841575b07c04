import { Fault } from "../kernel/fault.ts";
import { nearest } from "../kernel/nearest.ts";
import { pointerTo } from "../kernel/pointer.ts";
import { compileTemplate, type Template, type TemplateKind } from "../template/template.ts";
import type { Position } from "./finding.ts";
import { currencyDigits } from "./say-as-currency.ts";
import type { WrittenPrompt } from "./schema-parts.ts";
import { anyLanguage, type Prompt, type Script, type Way } from "./script.ts";
import type { Located } from "./yaml.ts";

/** Notes an error; gives nothing, so that a reader can end with it. */
export type Report = (code: string, place: Position, message: string, fix: string) => undefined;

/** What a step may need of the head of its script. */
export interface ScriptHead {
  readonly script: Omit<Script, "steps">;
  /** E.164 by name. */
  readonly numbers: Readonly<Record<string, string>>;
}

/** A file of nothing but mistakes is not worth a guess for each: a guess compares a name with every other one. */
const mostGuesses = 50;

/** The names of the steps of a script. */
export class StepNames {
  readonly #names: ReadonlySet<string>;
  #guesses = 0;

  constructor(names: readonly string[]) {
    this.#names = new Set(names);
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** The one that was probably meant, of these or of the steps. */
  guess(name: string, choices: Iterable<string> = this.#names): string | undefined {
    this.#guesses += 1;
    return this.#guesses > mostGuesses ? undefined : nearest(name, choices);
  }
}

/** Reads the parts that several verbs have in common, and knows where in the file they stand. */
export class StepReader {
  readonly report: Report;
  /** Absent when the head could not be read. */
  readonly head: ScriptHead | undefined;
  readonly #located: Located;
  readonly #pointer: string;
  readonly #stepNames: StepNames;

  /** @param pointer where in the file the step stands */
  constructor(located: Located, report: Report, pointer: string, stepNames: StepNames, head: ScriptHead | undefined) {
    this.#located = located;
    this.report = report;
    this.#pointer = pointer;
    this.#stepNames = stepNames;
    this.head = head;
  }

  /** Where a key stands; without a path, the step's own name. */
  key(...path: readonly (string | number)[]): Position {
    return this.#located.keyAt(path.reduce<string>(pointerTo, this.#pointer));
  }

  /** Where a value stands. */
  value(...path: readonly (string | number)[]): Position {
    return this.#located.at(path.reduce<string>(pointerTo, this.#pointer));
  }

  /** The one of these that was probably meant. */
  guess(name: string, choices: Iterable<string>): string | undefined {
    return this.#stepNames.guess(name, choices);
  }

  /** The name of a step, which must exist. */
  step(name: string, ...path: readonly string[]): string {
    if (this.#stepNames.has(name)) return name;
    const guess = this.#stepNames.guess(name);
    this.report(
      "step-unknown",
      this.value(...path),
      `there is no step ${name}`,
      guess ? `Did you mean ${guess}?` : "Write that step, or name another.",
    );
    return name;
  }

  /** `next` or `end`, exactly one of them. */
  way({ next, end }: { readonly next?: string; readonly end?: string }): Way | undefined {
    if (next !== undefined && end !== undefined) {
      return this.report("step-two-ways", this.key("end"), "the step has both `next` and `end`", "Keep one: `next` goes on, `end` hangs up.");
    }
    if (next !== undefined) return { next: this.step(next, "next") };
    if (end !== undefined) return { end };
    return this.report("step-no-way", this.key(), "the step leads nowhere", "Add `next: STEP` or `end: OUTCOME`.");
  }

  prompts(list: readonly WrittenPrompt[] | undefined, key: string): Prompt[] {
    return (list ?? []).flatMap((prompt, index) => this.#prompt(prompt, [key, index]) ?? []);
  }

  #prompt(prompt: WrittenPrompt, path: readonly (string | number)[]): Prompt | undefined {
    if ("say" in prompt) return { say: this.#byLanguage(prompt.say, [...path, "say"], (source, at) => this.template(source, "prompt", ...at)) };
    if ("file" in prompt) return { file: this.#byLanguage(prompt.file, [...path, "file"], (file) => file) };
    const value = this.template(prompt.value, "prompt", ...path, "value");
    const { say_as: sayAs, currency } = prompt;
    if (currency !== undefined && sayAs !== "money") {
      this.report("bad-value", this.key(...path, "currency"), `a ${sayAs} has no currency`, "Write `say_as: money`, or leave `currency` out.");
    } else if (currency !== undefined && currencyDigits(currency) === undefined) {
      this.report("bad-value", this.key(...path, "currency"), `${currency} is no currency`, "Write its code in ISO 4217, such as USD.");
    }
    return value && { sayAs, value, ...(currency !== undefined && { currency }) };
  }

  #byLanguage<T>(
    written: string | Readonly<Record<string, string>>,
    path: readonly (string | number)[],
    read: (text: string, path: readonly (string | number)[]) => T | undefined,
  ): Map<string, T> {
    const entries = typeof written === "string" ? [[anyLanguage, written, path] as const] : [];
    const others = typeof written === "string" ? [] : Object.entries(written).map(([key, text]) => [key, text, [...path, key]] as const);
    const languages = this.head?.script.languages;
    const found = new Map<string, T>();
    for (const [language, text, at] of [...entries, ...others]) {
      if (languages && language !== anyLanguage && !languages.includes(language)) this.languageUnknown(language, languages, this.key(...at));
      const content = read(text, at);
      if (content !== undefined) found.set(language, content);
    }
    return found;
  }

  languageUnknown(language: string, languages: readonly string[], place: Position): undefined {
    const guess = this.guess(language, languages);
    const fix = guess ? `Did you mean ${guess}?` : `Add ${language} to \`languages\` at the head of the script.`;
    return this.report("language-unknown", place, `${language} is not among the languages of the script`, fix);
  }

  zoneUnknown(zone: string, ...path: readonly string[]): undefined {
    const fix = "Name one of the IANA database, for example America/New_York.";
    return this.report("zone-unknown", this.value(...path), `“${zone}” is no time zone`, fix);
  }

  /** Templates by name, of a group of `key: text`. */
  templates(written: Readonly<Record<string, string>> | undefined, ...path: readonly string[]): Map<string, Template> {
    const read = new Map<string, Template>();
    for (const [key, source] of Object.entries(written ?? {})) {
      const template = this.template(source, "line", ...path, key);
      if (template) read.set(key, template);
    }
    return read;
  }

  template(source: string, kind: TemplateKind, ...path: readonly (string | number)[]): Template | undefined {
    try {
      return compileTemplate(source, kind);
    } catch (error) {
      const detail = error instanceof Fault ? error.detail : {};
      const lineStart = source
        .split("\n")
        .slice(0, Number(detail["line"] ?? 1) - 1)
        .reduce((sum, line) => sum + line.length + 1, 0);
      const place = this.#located.within(path.reduce<string>(pointerTo, this.#pointer), lineStart + Number(detail["column"] ?? 1) - 1);
      const message = error instanceof Error ? error.message.replace(/ \(line \d+, column \d+ of the text\)$/, "") : String(error);
      return this.report("template", place, message, "Fields are written {first_name}; docs/ivr.md shows filters and conditions.");
    }
  }
}
