import type { Fields } from "../template/template.ts";
import type { PromptRef } from "./ports.ts";
import { type Prompt, promptsOf, reachable, type Script, type Verdict, verdicts } from "./script.ts";

/**
 * Spoken to somebody with whom the machine cannot go on: our server died, or the call took too long. Kept short, because it is
 * played when things are already going wrong.
 */
export const goodbyeText = "We are sorry, we cannot go on with this call. Goodbye.";

/** The prompt with its text filled in for one contact. */
export function refOf(prompt: Prompt, fields: Fields): PromptRef {
  return "say" in prompt ? { say: prompt.say.render(fields) } : { file: prompt.file };
}

/**
 * Everything a contact could hear in this script, each thing once: what must be ready before the call is placed.
 * @throws Fault `template-field-missing` when the contact lacks a field that is spoken
 */
export function promptsFor(script: Script, fields: Fields, startAt: readonly Verdict[] = verdicts): PromptRef[] {
  const starts = startAt.flatMap((verdict) => script.start[verdict] ?? []);
  const refs = new Map<string, PromptRef>();
  for (const name of reachable(script, starts)) {
    const step = script.steps.get(name);
    for (const prompt of step ? promptsOf(step) : []) {
      const ref = refOf(prompt, fields);
      const text = "say" in ref ? `say:${ref.say}` : `file:${ref.file}`;
      if (text !== "say:") refs.set(text, ref);
    }
  }
  return [...refs.values()];
}
