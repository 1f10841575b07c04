import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { Settings } from "typebox/system";
import type { ChannelName } from "../attempt/result.ts";
import { Fault } from "../kernel/fault.ts";
import { nearest } from "../kernel/nearest.ts";
import { compileTemplate, type Template } from "../template/template.ts";
import { type Finding, hasErrors, ordered } from "./finding.ts";
import { HeadSchema, namePattern, type Verb, verbs, type WrittenHead, type WrittenStep } from "./schema.ts";
import { schemaFindings } from "./schema-findings.ts";
import { anyLanguage, type Listening, type Prompt, type Script, type Step } from "./script.ts";
import { type Located, pointerTo, readYaml } from "./yaml.ts";

/** What came of reading a script file. `script` is there exactly when no finding is an error. */
export interface Reading {
  readonly script?: Script;
  readonly findings: readonly Finding[];
  /** Places in the file; there when it is YAML at all. */
  readonly located?: Located;
}

const deciding = ["menu", "collect", "branch", "transfer"] as const satisfies readonly Verb[];
const speaking = ["play", "suppress", "end"];
const namedWell = new RegExp(namePattern);
const checks = new Map<TSchema, ReturnType<typeof Compile>>();

/** The validator of a schema, compiled on first use. */
function checkOf(schema: TSchema): ReturnType<typeof Compile> {
  // TypeBox stops at 8 errors by default, and noise of alternatives counts among them.
  if (Settings.Get().maxErrors < 200) Settings.Set({ maxErrors: 200 });
  const known = checks.get(schema) ?? Compile(schema);
  checks.set(schema, known);
  return known;
}

/**
 * Reads a script: YAML, schema, and that every step it names exists. What is wrong comes as findings with their places,
 * all at once.
 * @param file the name to show in findings
 */
export function readScript(source: string, file: string): Reading {
  const { located, findings } = readYaml(source, file);
  if (!located) return { findings: ordered(findings) };
  const reader = new Reader(located, file, findings);
  // What is no YAML, or was meant to be a key and is none, would only be complained about twice.
  const unread = findings.some(({ code }) => /^yaml-(syntax|alias|unquoted)/.test(code));
  const script = unread ? undefined : reader.read();
  const all = ordered(findings);
  return { findings: all, located, ...(script && !hasErrors(all) ? { script } : {}) };
}

class Reader {
  readonly #located: Located;
  readonly #file: string;
  readonly #findings: Finding[];
  #stepNames: readonly string[] = [];
  #numbers: Readonly<Record<string, string>> = {};

  constructor(located: Located, file: string, findings: Finding[]) {
    this.#located = located;
    this.#file = file;
    this.#findings = findings;
  }

  read(): Script | undefined {
    const root = this.#located.value;
    if (typeof root !== "object" || root === null || Array.isArray(root)) {
      this.#report("wrong-type", this.#located.at(""), "a script is a list of `key: value` lines", "Begin with `script: NAME`; see docs/ivr.md.");
      return undefined;
    }
    const headSound = this.#check(HeadSchema, root, "");
    const written = (root as { steps?: unknown }).steps;
    if (typeof written !== "object" || written === null || Array.isArray(written)) return undefined;
    this.#stepNames = Object.keys(written);
    const head = root as WrittenHead;
    if (headSound) {
      this.#numbers = head.numbers ?? {};
      for (const [verdict, name] of Object.entries(head.start)) this.#stepExists(name, `/start/${verdict}`);
    }
    const steps = new Map<string, Step>();
    for (const [name, value] of Object.entries(written)) {
      const pointer = pointerTo("/steps", name);
      if (!namedWell.test(name)) {
        this.#report(
          "step-name",
          this.#located.keyAt(pointer),
          `“${name}” is no name for a step`,
          "Use small letters, digits and _, beginning with a letter.",
        );
      }
      const known = this.#verbOf(name, value, pointer);
      if (known && this.#check(verbs[known.verb], value, pointer)) {
        const step = this.#step(known, pointer, headSound);
        if (step) steps.set(name, step);
      }
    }
    this.#checkHungUp(steps);
    if (!headSound) return undefined;
    return {
      name: head.script,
      language: head.language,
      languages: [head.language],
      fallback: new Map(),
      needs: head.needs ?? [],
      maxCallMs: (head.max_call_s ?? 300) * 1000,
      start: { unknown: head.start.human, ...head.start },
      steps,
    };
  }

  #report(code: string, place: { line: number; column: number }, message: string, fix: string): undefined {
    this.#findings.push({ code, severity: "error", file: this.#file, ...place, message, fix });
    return undefined;
  }

  #check(schema: TSchema, value: unknown, pointer: string): boolean {
    const check = checkOf(schema);
    if (check.Check(value)) return true;
    for (const fault of schemaFindings(schema, check.Errors(value), value)) {
      const place = pointer + fault.pointer;
      this.#report(fault.code, fault.onKey ? this.#located.keyAt(place) : this.#located.at(place), fault.message, fault.fix);
    }
    return false;
  }

  #verbOf(name: string, value: unknown, pointer: string): WrittenStep | undefined {
    const place = this.#located.keyAt(pointer);
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return this.#report("wrong-type", place, `the step ${name} has no content`, 'Give it a verb, for example `play: [{ say: "Hello." }]`.');
    }
    const found = deciding.filter((verb) => Object.hasOwn(value, verb));
    if (found.length > 1) {
      return this.#report(
        "step-two-verbs",
        place,
        `the step ${name} does two things: ${found.join(" and ")}`,
        "Make two steps of it, the first leading to the second.",
      );
    }
    const verb = found[0] ?? (speaking.some((key) => Object.hasOwn(value, key)) ? "play" : undefined);
    if (verb) return { verb, step: value } as WrittenStep;
    const first = Object.keys(value)[0] ?? "";
    const guess = nearest(first, [...deciding, ...speaking]);
    const fix = guess ? `Did you mean ${guess}?` : "The verbs are play, menu, collect, branch, transfer, suppress and end.";
    const where = first === "" ? place : this.#located.keyAt(pointerTo(pointer, first));
    return this.#report("step-no-verb", where, `the step ${name} has no verb Carillon knows`, fix);
  }

  #stepExists(name: string, pointer: string): void {
    if (this.#stepNames.includes(name)) return;
    const guess = nearest(name, this.#stepNames);
    this.#report(
      "step-unknown",
      this.#located.at(pointer),
      `there is no step ${name}`,
      guess ? `Did you mean ${guess}?` : "Write that step, or name another.",
    );
  }

  #step(written: WrittenStep, pointer: string, headSound: boolean): Step | undefined {
    const say = (list: readonly ({ say: string } | { file: string })[] | undefined, key: string) =>
      this.#prompts(list ?? [], pointerTo(pointer, key));
    const to = (name: string, ...path: string[]): string => {
      this.#stepExists(name, path.reduce(pointerTo, pointer));
      return name;
    };
    const at = (key: string) => this.#located.keyAt(pointerTo(pointer, key));
    switch (written.verb) {
      case "play": {
        const { play, suppress, next, end } = written.step;
        if (next !== undefined && end !== undefined) {
          return this.#report("step-two-ways", at("end"), "the step has both `next` and `end`", "Keep one: `next` goes on, `end` hangs up.");
        }
        if (next === undefined && end === undefined) {
          const fix = "Add `next: STEP` or `end: OUTCOME`.";
          return this.#report("step-no-way", this.#located.keyAt(pointer), "the step leads nowhere", fix);
        }
        const channels: readonly ChannelName[] = suppress?.channels ?? [];
        return {
          verb: "play",
          prompts: say(play, "play"),
          ...(suppress ? { suppress: { channels, scope: suppress.scope } } : {}),
          way: next === undefined ? { end: end ?? "" } : { next: to(next, "next") },
        };
      }
      case "menu": {
        const { menu, keys } = written.step;
        const targets = new Map(Object.entries(keys).map(([key, name]) => [key, to(name, "keys", key)]));
        const maxDigits = Math.max(...[...targets.keys()].map((key) => key.length));
        return { verb: "menu", ...this.#listening(written.step, say(menu, "menu"), pointer, to), keys: targets, maxDigits };
      }
      case "collect": {
        const { collect, into, min_digits: minDigits = 1, max_digits: maxDigits, terminators = "#", secret = false, next } = written.step;
        if (minDigits > maxDigits) {
          return this.#report(
            "bad-value",
            at("min_digits"),
            `min_digits ${minDigits} is more than max_digits ${maxDigits}`,
            "Make it the smaller of the two.",
          );
        }
        const heard = this.#listening(written.step, say(collect, "collect"), pointer, to);
        return { verb: "collect", ...heard, into, minDigits, maxDigits, terminators, secret, next: to(next, "next") };
      }
      case "branch": {
        const { branch, on, else: otherwise } = written.step;
        const cases = Object.entries(on).map(([value, name]) => ({ key: value, test: { equals: value }, to: to(name, "on", value) }));
        return { verb: "branch", what: { kind: "value", name: branch }, cases, otherwise: to(otherwise, "else") };
      }
      case "transfer": {
        const { transfer, play, on, max_wait_s: waitS = 30, max_talk_s: talkS } = written.step;
        for (const [end, name] of Object.entries(on)) to(name, "on", end);
        const { busy = on.no_agent, no_answer: noAnswer = on.no_agent, failed = on.no_agent } = on;
        if (busy === undefined || noAnswer === undefined || failed === undefined) {
          const fix = "Add `no_agent: STEP` for whatever keeps the other number from answering, or busy, no_answer and failed each.";
          return this.#report("transfer-incomplete", at("on"), "it is not said what happens when nobody takes the call", fix);
        }
        const number = typeof transfer === "object" ? transfer.to : this.#numberOf(transfer, pointerTo(pointer, "transfer"), headSound);
        return {
          verb: "transfer",
          target: { number: number ?? "" },
          holdPrompts: say(play, "play"),
          whisperPrompts: [],
          ringTimeoutMs: waitS * 1000,
          ...(talkS === undefined ? {} : { maxTalkMs: talkS * 1000 }),
          answered: on.answered,
          busy,
          noAnswer,
          failed,
          ...(on.hung_up === undefined ? {} : { hungUp: on.hung_up }),
        };
      }
    }
  }

  #listening(
    step: Extract<WrittenStep, { verb: "menu" | "collect" }>["step"],
    prompts: readonly Prompt[],
    pointer: string,
    to: (name: string, ...path: string[]) => string,
  ): Listening {
    return {
      prompts,
      retryPrompts: this.#prompts(step.retry ?? [], pointerTo(pointer, "retry")),
      firstDigitMs: (step.first_digit_s ?? 5) * 1000,
      interDigitMs: (step.inter_digit_s ?? 2) * 1000,
      tries: step.tries ?? 3,
      bargeIn: step.barge_in ?? true,
      noInput: to(step.no_input, "no_input"),
      noMatch: step.no_match === undefined ? step.no_input : to(step.no_match, "no_match"),
    };
  }

  #prompts(list: readonly ({ say: string } | { file: string })[], pointer: string): Prompt[] {
    return list.flatMap((prompt, index): Prompt[] => {
      if ("file" in prompt) return [{ file: new Map([[anyLanguage, prompt.file]]) }];
      const template = this.#template(prompt.say, pointerTo(pointerTo(pointer, index), "say"));
      return template ? [{ say: new Map([[anyLanguage, template]]) }] : [];
    });
  }

  #template(source: string, pointer: string): Template | undefined {
    try {
      return compileTemplate(source, "prompt");
    } catch (error) {
      const detail = error instanceof Fault ? error.detail : {};
      const lineStart = source
        .split("\n")
        .slice(0, Number(detail["line"] ?? 1) - 1)
        .reduce((sum, line) => sum + line.length + 1, 0);
      const place = this.#located.within(pointer, lineStart + Number(detail["column"] ?? 1) - 1);
      const message = error instanceof Error ? error.message.replace(/ \(line \d+, column \d+ of the text\)$/, "") : String(error);
      return this.#report("template", place, message, "Fields are written {first_name}; docs/ivr.md shows filters and conditions.");
    }
  }

  #numberOf(name: string, pointer: string, headSound: boolean): string | undefined {
    if (Object.hasOwn(this.#numbers, name)) return this.#numbers[name];
    if (!headSound) return undefined;
    const guess = nearest(name, Object.keys(this.#numbers));
    const fix = guess
      ? `Did you mean ${guess}?`
      : `Add \`numbers: { ${name}: "+1…" }\` at the head of the script, or write \`transfer: { to: "+1…" }\`.`;
    return this.#report("number-unknown", this.#located.at(pointer), `there is no number called ${name}`, fix);
  }

  #checkHungUp(steps: ReadonlyMap<string, Step>): void {
    for (const [name, step] of steps) {
      if (step.verb !== "transfer" || step.hungUp === undefined) continue;
      const target = steps.get(step.hungUp);
      if (!target || (target.verb === "play" && target.prompts.length === 0 && "end" in target.way)) continue;
      const place = this.#located.at(`${pointerTo("/steps", name)}/on/hung_up`);
      this.#report(
        "hung-up-not-end",
        place,
        `${step.hungUp} says or asks something, and nobody is there to hear it`,
        "Name a step that only has `end: OUTCOME`.",
      );
    }
  }
}
