import { keyLanguages, keysNamed, keysOffered, type NamedKey } from "./key-words.ts";
import { agreeKey } from "./keys.ts";
import { primary, spokenIn } from "./language.ts";
import { type Linter, soundsOf, within, writtenPrompts } from "./linter.ts";
import type { MenuStep, Prompt, Script } from "./script.ts";

/** Keys that are offered and do nothing, that do something and are not offered, and that begin another one. */
export function lintKeys({ script, located, report }: Linter): void {
  for (const written of writtenPrompts(script)) {
    const { name, step, key: list } = written;
    const handled = step.verb === "menu" && list === "menu" ? [...step.keys.keys()] : list === "consent" ? [agreeKey] : undefined;
    if (!handled) continue;
    for (const { sound, pointer } of soundsOf(written)) {
      for (const { key, index } of "say" in sound ? offeredIn(sound.say.source, handled) : []) {
        const message = `the prompt of ${name} offers key ${key}, and nothing happens when it is pressed`;
        const fix = list === "consent" ? `Only ${agreeKey} agrees; anything else declines. Say so.` : `Add "${key}" to its keys.`;
        report("key-not-handled", located.within(pointer, index), message, fix);
      }
    }
  }
  for (const [name, step] of script.steps) {
    if (step.verb !== "menu") continue;
    lintUnspoken({ script, located, report }, name, step);
    lintPrefixes({ located, report }, name, step);
  }
}

const offeredIn = (text: string, handled: readonly string[]): NamedKey[] => keysOffered(text).filter(({ key }) => !handled.includes(key));

type Part<K extends keyof Linter> = Pick<Linter, K>;

function lintUnspoken({ script, located, report }: Part<"script" | "located" | "report">, name: string, step: MenuStep): void {
  // What a recording says cannot be read.
  if (step.prompts.some((prompt) => "file" in prompt)) return;
  const languages = script.languages.filter((language) => keyLanguages.includes(primary(language)));
  for (const [key, target] of step.keys) {
    // One that only repeats the menu does no harm unspoken.
    if (target === name) continue;
    const silent = languages.filter((language) => !keysHeard(script, step.prompts, language).has(key));
    if (silent.length === 0) continue;
    const where = silent.length < script.languages.length ? ` in ${silent.join(", ")}` : "";
    report(
      "key-not-spoken",
      located.keyAt(within(name, "keys", key)),
      `key ${key} of ${name} is never offered${where}`,
      `Say “press ${key}”, or remove the key.`,
    );
  }
}

/** The keys named in what is heard in a language; what is not translated is not held against it here. */
function keysHeard(script: Script, prompts: readonly Prompt[], language: string): ReadonlySet<string> {
  const texts = prompts.flatMap((prompt) => ("say" in prompt ? [spokenIn(script, prompt.say, language)?.content.source ?? ""] : []));
  return new Set(texts.flatMap((text) => keysNamed(text).map(({ key }) => key)));
}

function lintPrefixes({ located, report }: Part<"located" | "report">, name: string, step: MenuStep): void {
  if (step.maxDigits === 1) return;
  for (const key of step.keys.keys()) {
    const longer = [...step.keys.keys()].find((other) => other !== key && other.startsWith(key));
    if (!longer) continue;
    const message = `key ${key} is also the beginning of ${longer}, so whoever presses ${key} waits ${step.interDigitMs / 1000} s`;
    report("key-prefix", located.keyAt(within(name, "keys", key)), message, "Choose keys of which none begins another.");
  }
}
