import { nearest } from "../kernel/nearest.ts";
import { pointerTo } from "../kernel/pointer.ts";
import { check } from "./against-schema.ts";
import { answersOf } from "./exits.ts";
import { type Finding, hasErrors, ordered } from "./finding.ts";
import { mostAnswers } from "./link.ts";
import { readStep } from "./read-step.ts";
import { HeadSchema, mostSteps, type Verb, verbs, type WrittenHead, type WrittenStep } from "./schema.ts";
import { namePattern } from "./schema-parts.ts";
import type { Script, Step } from "./script.ts";
import { type Report, type ScriptHead, StepNames, StepReader } from "./step-reader.ts";
import { type Located, readYaml } from "./yaml.ts";
import { isZone } from "./zone-clock.ts";

/** What came of reading a script file. `script` is there exactly when no finding is an error. */
export interface Reading {
  readonly script?: Script;
  readonly findings: readonly Finding[];
  /** Places in the file; there when it is YAML at all. */
  readonly located?: Located;
}

const deciding = Object.keys(verbs).filter((verb) => verb !== "play") as Verb[];
const speaking = ["play", "suppress", "end"];
const namedWell = new RegExp(namePattern);
/**
 * Reads a script: YAML, schema, and that every step it names exists. What is wrong comes as findings with their places,
 * all at once.
 * @param file the name to show in findings
 */
export function readScript(source: string, file: string): Reading {
  const { located, findings } = readYaml(source, file);
  if (!located) return { findings: ordered(findings) };
  const report: Report = (code, place, message, fix) => {
    findings.push({ code, severity: "error", file, ...place, message, fix });
    return undefined;
  };
  // What is no YAML, or was meant to be a key and is none, would only be complained about twice.
  const unread = findings.some(({ code }) => /^yaml-(syntax|alias|unquoted)/.test(code));
  const script = unread ? undefined : read(located, report);
  const all = ordered(findings);
  return { findings: all, located, ...(script && !hasErrors(all) ? { script } : {}) };
}

function read(located: Located, report: Report): Script | undefined {
  const root = located.value;
  if (typeof root !== "object" || root === null || Array.isArray(root)) {
    return report("wrong-type", located.at(""), "a script is a list of `key: value` lines", "Begin with `script: NAME`; see docs/ivr.md.");
  }
  const written = "steps" in root ? root.steps : undefined;
  const names = typeof written !== "object" || written === null || Array.isArray(written) ? undefined : Object.keys(written);
  const sound = check(located, report, HeadSchema, root, "");
  if (!names || names.length > mostSteps) return undefined;
  const stepNames = new StepNames(names);
  const head = sound ? headOf(root as WrittenHead, stepNames, located, report) : undefined;
  const steps = new Map<string, Step>();
  for (const [name, value] of Object.entries(written as object)) {
    const pointer = pointerTo("/steps", name);
    if (!namedWell.test(name)) {
      const fix = "Use small letters, digits and _, beginning with a letter.";
      report("step-name", located.keyAt(pointer), `“${name}” is no name for a step`, fix);
    }
    const known = verbOf(name, value, pointer, located, report);
    if (!known || !check(located, report, verbs[known.verb], value, pointer)) continue;
    const step = readStep(known, new StepReader(located, report, pointer, stepNames, head));
    if (step) steps.set(name, step);
  }
  checkHungUp(steps, located, report);
  if (new Set([...steps.values()].flatMap((step) => answersOf(step))).size > mostAnswers) {
    const message = `the script keeps more than ${mostAnswers} answers`;
    report("script-too-large", located.keyAt("/steps"), message, "Use names again, or leave out what nobody asks for.");
  }
  return head && { ...head.script, steps };
}

/** What stands around the steps. */
function headOf(head: WrittenHead, stepNames: StepNames, located: Located, report: Report): ScriptHead {
  const reader = new StepReader(located, report, "", stepNames, undefined);
  for (const [verdict, name] of Object.entries(head.start)) reader.step(name, "start", verdict);
  if (head.right_party !== undefined) reader.step(head.right_party, "right_party");
  const everywhere = new Map(Object.entries(head.everywhere ?? {}).map(([key, name]) => [key, reader.step(name, "everywhere", key)]));
  if (head.zone !== undefined && !isZone(head.zone)) reader.zoneUnknown(head.zone, "zone");
  const languages = [...new Set([head.language, ...(head.languages ?? [])])];
  for (const [language, other] of Object.entries(head.fallback ?? {})) {
    const unknown = [language, other].find((item) => !languages.includes(item));
    if (unknown !== undefined) reader.languageUnknown(unknown, languages, located.keyAt(pointerTo("/fallback", language)));
  }
  return {
    numbers: head.numbers ?? {},
    script: {
      name: head.script,
      language: head.language,
      languages,
      ...(head.language_from !== undefined && { languageFrom: head.language_from }),
      fallback: new Map(Object.entries(head.fallback ?? {})),
      ...(head.zone !== undefined && { zone: head.zone }),
      needs: head.needs ?? [],
      maxCallMs: (head.max_call_s ?? 300) * 1000,
      everywhere,
      ...(head.right_party !== undefined && { rightParty: head.right_party }),
      start: { unknown: head.start.human, ...head.start },
    },
  };
}

function verbOf(name: string, value: unknown, pointer: string, located: Located, report: Report): WrittenStep | undefined {
  const place = located.keyAt(pointer);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return report("wrong-type", place, `the step ${name} has no content`, 'Give it a verb, for example `play: [{ say: "Hello." }]`.');
  }
  // What a webhook sends is part of it.
  const found = deciding.filter((verb) => Object.hasOwn(value, verb) && !(verb === "send" && Object.hasOwn(value, "webhook")));
  if (found.length > 1) {
    const fix = "Make two steps of it, the first leading to the second.";
    return report("step-two-verbs", place, `the step ${name} does two things: ${found.join(" and ")}`, fix);
  }
  const verb = found[0] ?? (speaking.some((key) => Object.hasOwn(value, key)) ? "play" : undefined);
  if (verb) return { verb, step: value } as WrittenStep;
  const first = Object.keys(value)[0] ?? "";
  const known = [...speaking, ...deciding];
  const guess = nearest(first, known);
  const fix = guess ? `Did you mean ${guess}?` : `The verbs are ${known.join(", ")}.`;
  const where = first === "" ? place : located.keyAt(pointerTo(pointer, first));
  return report("step-no-verb", where, `the step ${name} has no verb Carillon knows`, fix);
}

function checkHungUp(steps: ReadonlyMap<string, Step>, located: Located, report: Report): void {
  for (const [name, step] of steps) {
    if ((step.verb !== "transfer" && step.verb !== "queue") || step.hungUp === undefined) continue;
    const target = steps.get(step.hungUp);
    if (!target || (target.verb === "play" && target.prompts.length === 0 && "end" in target.way)) continue;
    const place = located.at(`${pointerTo("/steps", name)}/on/hung_up`);
    const message = `${step.hungUp} says or asks something, and nobody is there to hear it`;
    report("hung-up-not-end", place, message, "Name a step that only has `end: OUTCOME`.");
  }
}
