import { everywhereAt, takes } from "./everywhere.ts";
import { promptsOf } from "./exits.ts";
import { keysOffered, type NamedKey } from "./key-words.ts";
import { agreeKey } from "./keys.ts";
import { isRecorded, keysHeard, readableLanguages } from "./lint-told.ts";
import { type Linter, soundsOf, stepAt, type Written, within, writtenPrompts } from "./linter.ts";
import { canOptOut } from "./opt-out-ways.ts";
import type { MenuStep, Step } from "./script.ts";

/** Keys that are offered and do nothing, that do something and are not offered, that mean two things, and that begin another one. */
export function lintKeys(linter: Linter): void {
  const { script, whole, located, report } = linter;
  const everywhere = [...script.everywhere.keys()];
  for (const written of writtenPrompts(script)) {
    const handled = handledIn(written);
    if (!handled) continue;
    for (const { sound, pointer } of soundsOf(written)) {
      for (const { key, index } of "say" in sound ? offeredIn(sound.say.source, [...handled, ...everywhere]) : []) {
        const message = `the prompt of ${written.name} offers key ${key}, and nothing happens when it is pressed`;
        report("key-not-handled", located.within(pointer, index), message, fixFor(written, key));
      }
    }
  }
  const can = canOptOut(whole, "person");
  for (const [name, step] of script.steps) {
    if (step.verb !== "menu") continue;
    lintUnspoken(linter, name, step, can);
    lintPrefixes(linter, name, step);
  }
  lintEverywhere(linter);
}

/** The keys that may be offered in a prompt, besides those that work everywhere; undefined where it may speak of keys of other steps. */
function handledIn({ step, key: list }: Written): readonly string[] | undefined {
  if (step.verb === "menu" && list === "menu") return [...step.keys.keys()];
  if (list === "consent") return [agreeKey];
  const waits = step.verb === "transfer" || step.verb === "queue" || step.verb === "webhook";
  return waits && list !== "whisper" ? [] : undefined;
}

function fixFor({ step, key: list }: Written, key: string): string {
  if (list === "consent") return `Only ${agreeKey} agrees; anything else declines. Say so.`;
  return step.verb === "menu" ? `Add "${key}" to its keys.` : `Add "${key}" to \`everywhere\`: nothing else is taken while somebody waits.`;
}

const offeredIn = (text: string, handled: readonly string[]): NamedKey[] => keysOffered(text).filter(({ key }) => !handled.includes(key));

function lintUnspoken({ script, whole, located, report }: Linter, name: string, step: MenuStep, can: ReadonlySet<string>): void {
  if (isRecorded(step.prompts)) return;
  const languages = readableLanguages(script);
  const silentIn = (key: string) => languages.filter((language) => !keysHeard(script, step.prompts, language).has(key));
  const others = [...everywhereAt(whole, name)].flatMap(([key, to]) => (takes(step, key) ? [] : [to]));
  const spoken = [...step.keys].flatMap(([key, to]) => (silentIn(key).length > 0 ? [] : [to]));
  const optsOut = [...spoken, ...others, step.noInput, step.noMatch].some((to) => can.has(to));
  for (const [key, target] of step.keys) {
    const silent = silentIn(key);
    // One that only repeats the menu does no harm unspoken.
    if (target === name || silent.length === 0) continue;
    const where = silent.length < script.languages.length ? ` in ${silent.join(", ")}` : "";
    const only = !optsOut && can.has(target);
    const message = `key ${key} of ${name} is never offered${where}${only ? ", and is the only way to opt out there" : ""}`;
    const fix = `Say “press ${key}”, or remove the key.`;
    report("key-not-spoken", located.keyAt(within(name, "keys", key)), message, fix, only ? "error" : "warning");
  }
}

function lintPrefixes({ located, report }: Linter, name: string, step: MenuStep): void {
  if (step.maxDigits === 1) return;
  for (const key of step.keys.keys()) {
    const longer = [...step.keys.keys()].find((other) => other !== key && other.startsWith(key));
    if (!longer) continue;
    const message = `key ${key} is also the beginning of ${longer}, so whoever presses ${key} waits ${step.interDigitMs / 1000} s`;
    report("key-prefix", located.keyAt(within(name, "keys", key)), message, "Choose keys of which none begins another.");
  }
}

const leadsTo = (step: Step, key: string, target: string): boolean => step.verb === "menu" && step.keys.get(key) === target;

/** Keys that work everywhere: those that nobody hears of, and steps in which they mean something else. */
function lintEverywhere({ script, located, report }: Linter): void {
  if (script.everywhere.size === 0) return;
  const steps = [...script.steps.values()].map((step) => ({ step, prompts: promptsOf(step) }));
  const unread = steps.some(({ prompts }) => isRecorded(prompts));
  const languages = unread ? [] : readableLanguages(script);
  const heard = languages.map((language) => ({
    language,
    named: steps.map(({ step, prompts }) => ({ step, keys: keysHeard(script, prompts, language) })),
  }));
  for (const [key, target] of script.everywhere) {
    // Where the step takes the key itself, that is what its prompt speaks of.
    const speaks = ({ step, keys }: { step: Step; keys: ReadonlySet<string> }) => keys.has(key) && (!takes(step, key) || leadsTo(step, key, target));
    const silent = heard.flatMap(({ language, named }) => (named.some(speaks) ? [] : [language]));
    if (silent.length > 0) {
      const where = silent.length < script.languages.length ? ` in ${silent.join(", ")}` : "";
      const message = `key ${key} works everywhere, and no prompt ever speaks of it${where}`;
      report("key-not-spoken", located.keyAt(`/everywhere/${key}`), message, `Say “press ${key}” before it is of use, or remove the key.`, "error");
    }
    for (const [name, step] of script.steps) {
      if (!takes(step, key) || leadsTo(step, key, target)) continue;
      const elsewhere = `everywhere else it leads to ${target}`;
      const own = step.verb === "menu" ? step.keys.get(key) : undefined;
      const message =
        own === undefined
          ? `in ${name} key ${key} is part of the answer, or ends it; ${elsewhere}`
          : `key ${key} of ${name} leads to ${own}; ${elsewhere}`;
      const place = own === undefined ? stepAt(located, name) : located.keyAt(within(name, "keys", key));
      report("key-two-meanings", place, message, "Choose another key for one of the two, such as *.");
    }
  }
}
