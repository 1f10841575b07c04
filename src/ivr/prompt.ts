import type { Fields, Template } from "../template/template.ts";
import { exitsFor, isPerson } from "./everywhere.ts";
import { answersOf, exitsOf, promptsOf, reachable } from "./exits.ts";
import { languageAtStart, spokenIn } from "./language.ts";
import { type PromptRef, promptKey } from "./ports.ts";
import { sayAs } from "./say-as.ts";
import { type Prompt, positionName, type QueueStep, type Script, type Step, type Verdict, verdicts } from "./script.ts";

/**
 * The prompt in a language, with its text filled in; undefined when there is nothing to be heard.
 * @param fill renders a template for one contact
 */
export function refOf(script: Script, prompt: Prompt, language: string, fill: (template: Template) => string): PromptRef | undefined {
  if ("file" in prompt) {
    const chosen = spokenIn(script, prompt.file, language);
    return chosen && { file: chosen.content };
  }
  if ("say" in prompt) {
    const chosen = spokenIn(script, prompt.say, language);
    const say = chosen ? fill(chosen.content) : "";
    return chosen && say !== "" ? { say, language: chosen.language } : undefined;
  }
  const value = fill(prompt.value);
  const said = sayAs(prompt.sayAs, value, language, prompt.currency === undefined ? {} : { currency: prompt.currency });
  const say = "text" in said ? said.text : value;
  return say === "" ? undefined : { say, language };
}

/** Every text of a prompt, in whatever language. */
export function templatesOf(prompt: Prompt): readonly Template[] {
  if ("file" in prompt) return [];
  return "say" in prompt ? [...prompt.say.values()] : [prompt.value];
}

// Asked for by every step of every call; a script never changes.
const namesByScript = new WeakMap<Script, ReadonlySet<string>>();

/** The names of everything that is only known during a call. */
export function answerNames(script: Script): ReadonlySet<string> {
  const known = namesByScript.get(script);
  if (known) return known;
  const names = new Set([...script.steps.values()].flatMap((step) => answersOf(step)));
  namesByScript.set(script, names);
  return names;
}

/** Everything that a step can let be heard, whoever hears it; but for the place in a queue. */
export function everyPromptOf(step: Step): readonly Prompt[] {
  if (step.verb === "queue") return [...step.holdPrompts, ...step.positionMore, ...step.whisperPrompts];
  return step.verb === "transfer" ? [...step.holdPrompts, ...step.whisperPrompts] : promptsOf(step);
}

/** Who is further behind is not told an exact place: it would have to be made while they wait, and nobody needs it. */
const mostPlaces = 9;

/**
 * What is said of the first places of a queue, of the first one first; empty where nothing is.
 * @param fill renders a template for somebody in that place
 */
export function positionRefs(
  script: Script,
  { positionPrompts }: QueueStep,
  language: string,
  fill: (template: Template, place: { readonly [positionName]: string }) => string,
): PromptRef[][] {
  if (positionPrompts.length === 0) return [];
  return Array.from({ length: mostPlaces }, (_, index) => {
    const place = { [positionName]: String(index + 1) };
    return positionPrompts.flatMap((prompt) => refOf(script, prompt, language, (template) => fill(template, place)) ?? []);
  });
}

/**
 * Everything a contact could hear in this script that is known before the call, each thing once: what must be ready before the
 * call is placed.
 * @throws Fault `template-field-missing` when the contact lacks a field that is spoken
 */
export function promptsFor(script: Script, fields: Fields, startAt: readonly Verdict[] = verdicts): PromptRef[] {
  const answers = answerNames(script);
  const steps = [
    ...reachable(
      script,
      startAt.flatMap((verdict) => script.start[verdict] ?? []),
      startAt.some(isPerson) ? exitsFor(script) : exitsOf,
    ),
  ].flatMap((name) => script.steps.get(name) ?? []);
  const languages = new Set([languageAtStart(script, fields), ...steps.flatMap((step) => (step.verb === "switch_language" ? [step.language] : []))]);
  const refs = new Map<string, PromptRef>();
  const isOpen = (prompt: Prompt, own?: string) =>
    templatesOf(prompt).some((template) => template.fields.some((field) => field !== own && answers.has(field)));
  for (const prompt of new Set(steps.flatMap(everyPromptOf))) {
    if (isOpen(prompt)) continue;
    for (const language of languages) {
      const ref = refOf(script, prompt, language, (template) => template.render(fields));
      if (ref) refs.set(promptKey(ref), ref);
    }
  }
  for (const step of steps) {
    if (step.verb !== "queue" || step.positionPrompts.some((prompt) => isOpen(prompt, positionName))) continue;
    const places = [...languages].flatMap((language) =>
      positionRefs(script, step, language, (template, place) => template.render({ ...fields, ...place })),
    );
    for (const ref of places.flat()) refs.set(promptKey(ref), ref);
  }
  return [...refs.values()];
}
