import type { Template } from "../template/template.ts";
import { exitsOf, promptsOf, reachable } from "./exits.ts";
import { type Finding, ordered, type Position } from "./finding.ts";
import { link } from "./link.ts";
import { answerNames } from "./prompt.ts";
import { readScript } from "./read.ts";
import { anyLanguage, type MenuStep, type Prompt, type Script, type Step } from "./script.ts";
import { type Located, pointerTo } from "./yaml.ts";

/** What a script is checked against, besides itself. Whatever is left out is not checked. */
export interface LintOptions {
  /** Columns that the contact list has. */
  readonly columns?: readonly string[];
  /** Whether a recording is in the prompt folder. */
  readonly hasRecording?: (file: string) => boolean;
  /** Language prefixes that the speech engine speaks; `*` is any. */
  readonly languages?: readonly string[];
  /** The scripts it goes to, by name, and those they go to. */
  readonly others?: ReadonlyMap<string, Script>;
}

const spokenKeys: Readonly<Record<string, string>> = {
  zero: "0",
  one: "1",
  two: "2",
  three: "3",
  four: "4",
  five: "5",
  six: "6",
  seven: "7",
  eight: "8",
  nine: "9",
  star: "*",
  asterisk: "*",
  pound: "#",
  hash: "#",
};
const mentioned = new RegExp(`(?<![\\w])(\\d{1,4}|[*#]|${Object.keys(spokenKeys).join("|")})(?!\\w)`, "gi");
const pressed = new RegExp(`\\b(?:press|dial|enter)(?:ing)?\\s+(?:the\\s+)?(\\d{1,4}\\b|[*#]|(?:${Object.keys(spokenKeys).join("|")})\\b)`, "gi");

/**
 * Everything that is wrong or doubtful in a script, in reading order: what reading it finds, and when it can be read also what
 * only shows in the whole.
 */
export function lint(source: string, file: string, options: LintOptions = {}): { readonly findings: readonly Finding[]; readonly script?: Script } {
  const reading = readScript(source, file);
  const { script, located } = reading;
  if (!script || !located) return reading;
  const findings = [...reading.findings];
  const report = (severity: Finding["severity"], code: string, place: Position, message: string, fix: string) => {
    findings.push({ code, severity, file, ...place, message, fix });
  };
  // What is said of the other scripts was said when they were published.
  const whole = link(script, options.others ?? new Map()).script;
  const linter: Linter = { script, whole, located, options, report };
  lintReach(linter);
  lintOptOut(linter);
  lintLoops(linter);
  lintFields(linter);
  lintKeys(linter);
  lintPrompts(linter);
  const all = ordered(findings);
  return all.some((finding) => finding.severity === "error") ? { findings: all } : { findings: all, script };
}

interface Linter {
  readonly script: Script;
  /** With the scripts it goes to. */
  readonly whole: Script;
  readonly located: Located;
  readonly options: LintOptions;
  readonly report: (severity: Finding["severity"], code: string, place: Position, message: string, fix: string) => void;
}

const stepAt = (located: Located, name: string): Position => located.keyAt(pointerTo("/steps", name));

/** Exits with those for somebody who left in a transfer. */
const everyExit = (step: Step): string[] => [...exitsOf(step), ...(step.verb === "transfer" && step.hungUp !== undefined ? [step.hungUp] : [])];

function lintReach({ script, whole, located, report }: Linter): void {
  const reached = reachable(whole, Object.values(script.start), everyExit);
  for (const name of script.steps.keys()) {
    if (!reached.has(name))
      report("warning", "step-unreachable", stepAt(located, name), `no way leads to the step ${name}`, "Lead to it from another step, or remove it.");
  }
}

/** The steps a person can be in. A voicemail drop is not one of them. */
function personSteps(script: Script): Set<string> {
  return reachable(script, [script.start.human ?? "", script.start.unknown ?? ""]);
}

/** A step that goes to a script of which nothing is known. */
const leadsAway = (step: Step | undefined): boolean => step?.verb === "script" && step.start === undefined;

function lintOptOut({ script, whole, located, report }: Linter): void {
  const fix = "Give it a key that leads to a step with `suppress`.";
  const optsOut = (from: string) =>
    [...reachable(whole, [from])].some((name) => {
      const step = whole.steps.get(name);
      return (step?.verb === "play" && step.suppress !== undefined) || leadsAway(step);
    });
  let asked = false;
  for (const name of personSteps(whole)) {
    const step = whole.steps.get(name);
    asked ||= leadsAway(step);
    if (step?.verb !== "menu" && step?.verb !== "collect") continue;
    asked = true;
    if (script.steps.has(name) && !optsOut(name))
      report("error", "opt-out-unreachable", stepAt(located, name), `from ${name} a person cannot get to an opt-out`, fix);
  }
  if (!asked) {
    report(
      "error",
      "opt-out-unreachable",
      located.at("/start/human"),
      "a person is never asked anything, and so can never opt out",
      "Add a menu with a key that leads to a step with `suppress`.",
    );
  }
}

/** Whether a step can end the call, or leads to another script, which is looked at by itself. */
function comesToAnEnd(step: Step): boolean {
  return step.verb === "script" || ("way" in step && "end" in step.way);
}

function lintLoops({ script, located, report }: Linter): void {
  for (const name of reachable(script, Object.values(script.start))) {
    const ends = [...reachable(script, [name])].some((other) => {
      const step = script.steps.get(other);
      return step !== undefined && comesToAnEnd(step);
    });
    if (!ends)
      report(
        "error",
        "loop-without-exit",
        stepAt(located, name),
        `from ${name} the call never comes to an end`,
        "Lead to a step with `end: OUTCOME`.",
      );
  }
  // A circle in which nobody is asked anything goes round by itself.
  const byItself = (step: Step): string[] => (step.verb === "play" || step.verb === "branch" ? exitsOf(step) : []);
  for (const [name, step] of script.steps) {
    if (reachable(script, byItself(step), byItself).has(name)) {
      report(
        "error",
        "loop-without-input",
        stepAt(located, name),
        `${name} comes back to itself without asking anything`,
        "Put a menu into the circle, or lead out of it.",
      );
    }
  }
}

/** Something that is spoken or played: a text, or a recording. */
type Sound = { readonly say: Template } | { readonly file: string };

/** Each place where something is spoken: the step, what it is and where it stands. */
function* spoken({ script, located }: Linter): Generator<{ name: string; step: Step; prompt: Sound; place: (index: number) => Position }> {
  for (const [name, step] of script.steps) {
    const lists: [string, readonly Prompt[]][] =
      step.verb === "menu" || step.verb === "collect" || step.verb === "survey"
        ? [
            [step.verb, step.prompts],
            ["retry", step.retryPrompts],
          ]
        : [["play", promptsOf(step)]];
    for (const [key, prompts] of lists) {
      for (const [index, prompt] of prompts.entries()) {
        for (const { path, sound } of soundsOf(prompt)) {
          const pointer = [name, key, index, ...path].reduce<string>(pointerTo, "/steps");
          yield { name, step, prompt: sound, place: (at) => located.within(pointer, at) };
        }
      }
    }
  }
}

/** What a prompt can be heard as, each with its path within the prompt. */
function soundsOf(prompt: Prompt): { path: string[]; sound: Sound }[] {
  const path = (key: string, language: string) => (language === anyLanguage ? [key] : [key, language]);
  if ("say" in prompt) return [...prompt.say].map(([language, say]) => ({ path: path("say", language), sound: { say } }));
  if ("file" in prompt) return [...prompt.file].map(([language, file]) => ({ path: path("file", language), sound: { file } }));
  return [{ path: ["value"], sound: { say: prompt.value } }];
}

function lintFields(linter: Linter): void {
  const { script, located, options, report } = linter;
  const answers = answerNames(script);
  const used = new Set<string>();
  for (const { prompt, place } of spoken(linter)) {
    if (!("say" in prompt)) continue;
    const position = (field: string) => place(Math.max(0, prompt.say.source.search(new RegExp(`(?<=\\{[^{}]*)\\b${field}\\b`))));
    for (const field of prompt.say.fields) {
      used.add(field);
      if (prompt.say.needed.includes(field) && !script.needs.includes(field) && !answers.has(field)) {
        const fix = `Add ${field} to \`needs\`, or give it a default: {${field} | default: "…"}.`;
        report("error", "field-not-needed", position(field), `${field} is spoken, but not among the columns the script needs`, fix);
      }
    }
  }
  for (const [name, step] of script.steps) {
    if (step.verb !== "branch" || step.what.kind !== "value") continue;
    const field = step.what.name;
    used.add(field);
    if (answers.has(field) || script.needs.includes(field) || options.columns?.includes(field)) continue;
    const place = located.at(`${pointerTo("/steps", name)}/branch`);
    const severity = options.columns ? "error" : "warning";
    report(
      severity,
      "branch-unknown",
      place,
      `${field} is neither collected before nor among the columns the script needs`,
      `Add ${field} to \`needs\`.`,
    );
  }
  for (const [index, need] of script.needs.entries()) {
    const place = located.at(`/needs/${index}`);
    if (!used.has(need))
      report("warning", "need-unused", place, `the script needs ${need} and never uses it`, "Remove it, or nobody without it is ever called.");
    if (options.columns && !options.columns.includes(need)) {
      report("error", "column-missing", place, `the list has no column ${need}`, `The list has ${options.columns.join(", ") || "no columns"}.`);
    }
  }
}

function lintKeys({ script, located, report }: Linter): void {
  for (const [name, step] of script.steps) {
    if (step.verb !== "menu") continue;
    const said = new Set<string>();
    const pointer = pointerTo("/steps", name);
    for (const [index, prompt] of step.prompts.entries()) {
      for (const { path, sound } of soundsOf(prompt)) {
        if (!("say" in sound)) continue;
        for (const match of sound.say.source.matchAll(mentioned)) said.add(keyIn(match));
        for (const match of sound.say.source.matchAll(pressed)) {
          const key = keyIn(match);
          if (step.keys.has(key)) continue;
          const place = located.within(path.reduce(pointerTo, `${pointer}/menu/${index}`), match.index);
          const message = `the prompt of ${name} offers key ${key}, and nothing happens when it is pressed`;
          report("error", "key-not-handled", place, message, `Add "${key}" to its keys.`);
        }
      }
    }
    lintUnspoken(step, name, said, located, report);
    lintPrefixes(step, name, located, report);
  }
}

function keyIn(match: RegExpExecArray): string {
  const word = (match[1] ?? "").toLowerCase();
  return spokenKeys[word] ?? word;
}

function lintUnspoken(step: MenuStep, name: string, said: ReadonlySet<string>, located: Located, report: Linter["report"]): void {
  // What a recording says cannot be read; a key that only repeats the menu does no harm unspoken.
  if (step.prompts.some((prompt) => "file" in prompt)) return;
  for (const [key, target] of step.keys) {
    if (said.has(key) || target === name) continue;
    const place = located.keyAt(`${pointerTo(pointerTo("/steps", name), "keys")}/${key}`);
    report("warning", "key-not-spoken", place, `key ${key} of ${name} is never offered`, `Say “press ${key}”, or remove the key.`);
  }
}

function lintPrefixes(step: MenuStep, name: string, located: Located, report: Linter["report"]): void {
  if (step.maxDigits === 1) return;
  for (const key of step.keys.keys()) {
    const longer = [...step.keys.keys()].find((other) => other !== key && other.startsWith(key));
    if (!longer) continue;
    const place = located.keyAt(`${pointerTo(pointerTo("/steps", name), "keys")}/${key}`);
    const message = `key ${key} is also the beginning of ${longer}, so whoever presses ${key} waits ${step.interDigitMs / 1000} s`;
    report("warning", "key-prefix", place, message, "Choose keys of which none begins another.");
  }
}

function lintPrompts(linter: Linter): void {
  const { script, located, options, report } = linter;
  let speaks: Position | undefined;
  for (const { prompt, place } of spoken(linter)) {
    if ("say" in prompt) speaks ??= place(0);
    else if (options.hasRecording && !options.hasRecording(prompt.file)) {
      report(
        "error",
        "prompt-missing",
        place(0),
        `there is no recording ${prompt.file} in the prompt folder`,
        "Put it there, or say the text instead.",
      );
    }
  }
  for (const [name, step] of script.steps) {
    if (step.verb !== "transfer" || step.holdPrompts.length > 0) continue;
    report(
      "error",
      "transfer-silent",
      stepAt(located, name),
      `whoever is transferred by ${name} waits in silence`,
      'Add `play: [{ say: "Please wait." }]`.',
    );
  }
  if (!speaks || !options.languages || options.languages.includes("*")) return;
  if (options.languages.some((prefix) => script.language === prefix || script.language.startsWith(`${prefix}-`))) return;
  const fix = `It speaks ${options.languages.join(", ")}; configure another engine, or use recordings.`;
  report("error", "language-unspoken", located.at("/language"), `the speech engine does not speak ${script.language}`, fix);
}
