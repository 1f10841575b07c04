import { exitsFor, isPerson } from "./everywhere.ts";
import { answersOf, exitsOf, passedThrough } from "./exits.ts";
import type { Place } from "./place.ts";
import { type PromptRef, promptKey } from "./ports.ts";
import { answerNames, everyPromptOf, refOf, templatesOf } from "./prompt.ts";
import { fill, scopeOf } from "./scope.ts";
import type { Script, Step } from "./script.ts";

/** What is made ahead, at most: most of it will not be heard. */
const mostAhead = 12;

/**
 * What may be heard next and is made of answers that are known by now, so that it can be made ready while the person still hears or
 * says something else. Only a guess: nothing depends on it but how long it takes.
 */
export function promptsAhead(script: Script, place: Place): PromptRef[] {
  if (place.answers.size === 0) return [];
  const names = answerNames(script);
  const scope = scopeOf(place);
  const refs = new Map<string, PromptRef>();
  const seen = new Set<string>();
  const current = script.steps.get(place.step);
  const open: { step: Step; name: string; changed: ReadonlySet<string>; language: string }[] = [];
  const exits = isPerson(place.verdict) ? exitsFor(script) : exitsOf;
  const follow = (step: Step, name: string, changed: ReadonlySet<string>, language: string) => {
    for (const exit of exits(step, name)) {
      const next = script.steps.get(exit);
      if (next && !seen.has(exit)) open.push({ step: next, name: exit, changed, language });
      seen.add(exit);
    }
  };
  if (current) follow(current, place.step, new Set(answersOf(current)), place.language);
  for (let item = open.shift(); item && refs.size < mostAhead; item = open.shift()) {
    const { step, name, changed, language } = item;
    const known = (field: string) => !changed.has(field) && place.answers.has(field);
    for (const prompt of everyPromptOf(step)) {
      const made = templatesOf(prompt).flatMap((template) => template.fields.filter((field) => names.has(field)));
      if (made.length === 0 || !made.every(known)) continue;
      const ref = refOf(script, prompt, language, (template) => fill(template, scope));
      if (ref) refs.set(promptKey(ref), ref);
    }
    if (!passedThrough(step)) continue;
    follow(step, name, new Set([...changed, ...answersOf(step)]), step.verb === "switch_language" ? step.language : language);
  }
  return [...refs.values()];
}
