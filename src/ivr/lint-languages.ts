import { valueAt } from "../kernel/pointer.ts";
import type { Position } from "./finding.ts";
import { primary, standingIn } from "./language.ts";
import { type Linter, type Written, within, writtenPrompts } from "./linter.ts";
import { anyLanguage, type ByLanguage, type Prompt, type Script } from "./script.ts";
import type { Located } from "./yaml.ts";

/** Texts that lack a translation, languages nobody ever hears, and languages that no voice speaks. */
export function lintLanguages(linter: Linter): void {
  const { script, whole, located, report } = linter;
  for (const written of writtenPrompts(script)) {
    const missing = script.languages.filter((language) => lacks(script, written, language));
    if (missing.length === 0) continue;
    const message = `there is no text for ${missing.join(", ")} here`;
    const fix = `Write it by language, \`say: { ${script.languages.map((language) => `${language}: …`).join(", ")} }\`, or name a \`fallback\`.`;
    report("translation-missing", located.at(written.pointer), message, fix);
  }
  // What another script lacks is said where this one goes to it.
  const known = new Map<string, readonly string[]>();
  for (const [name, step] of script.steps) {
    if (step.verb !== "script" || step.script === script.name) continue;
    const missing = known.get(step.script) ?? missingIn(whole, step.script, script.languages);
    known.set(step.script, missing);
    if (missing.length === 0) continue;
    const message = `${step.script} has texts that are not there in ${missing.join(", ")}`;
    report("translation-missing", located.at(within(name, "script")), message, `Translate ${step.script}, or name a \`fallback\`.`);
  }
  lintUnheard(linter);
  lintVoices(linter);
}

/** Of these languages, those in which another script of the whole has not all its texts. */
function missingIn(whole: Script, other: string, languages: readonly string[]): readonly string[] {
  const steps = new Map([...whole.steps].filter(([name]) => name.startsWith(`${other}/`)));
  const prompts = [...writtenPrompts({ ...whole, steps })];
  return languages.filter((language) => prompts.some((written) => lacks(whole, written, language)));
}

function lacks(script: Script, { prompt, key }: Written, language: string): boolean {
  if ("say" in prompt) {
    // Whoever answers for us need not speak the person's language.
    if (key === "whisper" && prompt.say.has(anyLanguage)) return false;
    return !isThere(script, prompt.say, language) && !(prompt.say.has(anyLanguage) && standingIn(script, language).includes(script.language));
  }
  return "file" in prompt && !prompt.file.has(anyLanguage) && !isThere(script, prompt.file, language);
}

const isThere = (script: Script, by: ByLanguage<unknown>, language: string): boolean => standingIn(script, language).some((other) => by.has(other));

function lintUnheard({ script, whole, located, report }: Linter): void {
  if (script.languageFrom !== undefined) return;
  const heard = new Set([...whole.steps.values()].flatMap((step) => (step.verb === "switch_language" ? [step.language] : [])));
  for (const language of script.languages.slice(1)) {
    // Another script that switches is not known.
    if (heard.has(language) || [...whole.steps.values()].some((step) => step.verb === "script" && step.start === undefined)) continue;
    const message = `nothing ever switches to ${language}`;
    report("language-unheard", languageAt(located, language), message, "Name a column in `language_from`, or add a step with `switch_language`.");
  }
}

function lintVoices({ script, located, options, report }: Linter): void {
  const spoken = options.languages;
  if (!spoken || spoken.includes("*")) return;
  const prompts = [...writtenPrompts(script)].map(({ prompt }) => prompt);
  for (const language of script.languages) {
    if (spoken.some((voice) => primary(voice) === primary(language)) || !prompts.some((prompt) => speaksIn(script, prompt, language))) continue;
    report(
      "language-unspoken",
      languageAt(located, language),
      `no voice speaks ${language}`,
      `There are voices for ${spoken.join(", ")}; configure another, or use recordings.`,
    );
  }
}

/** Where a language stands in the head. */
function languageAt(located: Located, language: string): Position {
  const others = valueAt(located.value, "/languages");
  const index = Array.isArray(others) ? others.indexOf(language) : -1;
  return located.at(index < 0 ? "/language" : `/languages/${index}`);
}

function speaksIn(script: Script, prompt: Prompt, language: string): boolean {
  if ("file" in prompt) return false;
  if ("sayAs" in prompt) return true;
  return prompt.say.has(language) || (prompt.say.has(anyLanguage) && language === script.language);
}
