import { everywhereAt, takes } from "./everywhere.ts";
import { promptsOf } from "./exits.ts";
import { keyLanguages, keysNamed } from "./key-words.ts";
import { primary, spokenIn } from "./language.ts";
import type { Prompt, Script, Step } from "./script.ts";

/** The keys named in what is heard in a language; what is not translated is not held against it here. */
export function keysHeard(script: Script, prompts: readonly Prompt[], language: string): ReadonlySet<string> {
  const texts = prompts.flatMap((prompt) => ("say" in prompt ? [spokenIn(script, prompt.say, language)?.content.source ?? ""] : []));
  return new Set(texts.flatMap((text) => keysNamed(text).map(({ key }) => key)));
}

/** The languages of a script of which it is known how they name keys. */
export function readableLanguages(script: Script): string[] {
  return script.languages.filter((language) => keyLanguages.includes(primary(language)));
}

/** What a recording says cannot be read. */
export const isRecorded = (prompts: readonly Prompt[]): boolean => prompts.some((prompt) => "file" in prompt);

/**
 * Whether whoever hears a step learns that a key opts them out: it is named there in every language, and leads there by then. What cannot
 * be read counts as told.
 */
export function toldOf(script: Script): (name: string, step: Step, key: string, can: ReadonlySet<string>) => boolean {
  const languages = readableLanguages(script);
  const named = new Map<Step, readonly ReadonlySet<string>[]>();
  return (name, step, key, can) => {
    const prompts = step.verb === "menu" || step.verb === "collect" || step.verb === "survey" ? step.prompts : promptsOf(step);
    if (prompts.length === 0 || (step.verb !== "menu" && takes(step, key))) return false;
    const to = (step.verb === "menu" ? step.keys.get(key) : undefined) ?? everywhereAt(script, name).get(key);
    if (to === undefined || !can.has(to)) return false;
    if (isRecorded(prompts)) return true;
    const heard = named.get(step) ?? languages.map((language) => keysHeard(script, prompts, language));
    named.set(step, heard);
    return heard.every((keys) => keys.has(key));
  };
}
