import { exitsOf } from "./exits.ts";
import { standingIn } from "./language.ts";
import { type Linter, type LintOptions, promptLists, stepAt, within } from "./linter.ts";
import type { SayAsKind } from "./say-as.ts";
import { sayAs } from "./say-as.ts";
import { anyLanguage, type Prompt, type Script, type Step } from "./script.ts";

/** How fast people are spoken to; measured of Flite and espeak-ng, which say 13 to 17 characters a second. */
export const charactersPerSecond = 15;
/** A column or an answer, as long as names, amounts and days are. */
const fieldCharacters = 10;
/** How long a value is in words when nobody knows it yet. */
const saidCharacters: Readonly<Record<SayAsKind, number>> = { number: 25, money: 40, date: 50, time: 20, telephone: 60, spelled: 30 };

/** Messages that are longer than the call may be, and ways on which somebody who hears everything once is cut off. */
export function lintLength(linter: Linter): void {
  const { script, whole, located, options, report } = linter;
  const limitMs = Math.min(script.maxCallMs, options.maxCallMs ?? Infinity);
  const limit = seconds(limitMs);
  const ms = new Map<string, number>();
  let tooLong = false;
  for (const [name, step] of whole.steps) {
    let sum = 0;
    for (const { key, prompts } of promptLists(step)) {
      // Hold prompts go round as long as is waited, and a whisper is nothing the person hears.
      if (step.verb === "transfer" || step.verb === "queue" || step.verb === "webhook") continue;
      const heardMs = longestMs(whole, prompts, options.recordings);
      if (key !== "retry") sum += heardMs;
      if (heardMs <= limitMs || !script.steps.has(name)) continue;
      tooLong = true;
      const message = `this takes about ${seconds(heardMs)} s to say, and a call may take ${limit} s`;
      report("message-too-long", located.keyAt(within(name, key)), message, "Shorten it, or raise `max_call_s`.");
    }
    ms.set(name, sum);
  }
  if (tooLong) return;
  const way = longestWay(whole, ms);
  const totalMs = way.reduce((total, name) => total + (ms.get(name) ?? 0), 0);
  if (totalMs <= limitMs) return;
  let heardMs = 0;
  const cut = way.find((name) => {
    heardMs += ms.get(name) ?? 0;
    return heardMs > limitMs;
  });
  const own = way.slice(0, way.indexOf(cut ?? "") + 1).findLast((name) => script.steps.has(name));
  const path = way.length > 12 ? [...way.slice(0, 5), "…", ...way.slice(-6)] : way;
  const message = `whoever hears everything on the way ${path.join(", ")} needs about ${seconds(totalMs)} s, and a call may take ${limit} s`;
  report("way-too-long", own === undefined ? located.at("/start") : stepAt(located, own), message, "Shorten it, or raise `max_call_s`.");
}

const seconds = (ms: number): number => Math.round(ms / 1000);

/** What is heard together, in the language in which that takes longest. */
function longestMs(script: Script, prompts: readonly Prompt[], recordings: LintOptions["recordings"]): number {
  if (prompts.length === 0) return 0;
  const times = script.languages.map((language) => prompts.reduce((sum, prompt) => sum + promptMs(script, prompt, language, recordings), 0));
  return Math.max(...times);
}

function promptMs(script: Script, prompt: Prompt, language: string, recordings: LintOptions["recordings"]): number {
  const first = <T>(by: ReadonlyMap<string, T>) => {
    const found = [...standingIn(script, language), anyLanguage].find((other) => by.has(other));
    return found === undefined ? undefined : by.get(found);
  };
  if ("file" in prompt) return recordings?.get(first(prompt.file) ?? "")?.durationMs ?? 0;
  if ("say" in prompt) return textMs(first(prompt.say)?.source ?? "");
  if (prompt.value.fields.length > 0) return (saidCharacters[prompt.sayAs] * 1000) / charactersPerSecond;
  const value = prompt.value.render({});
  const said = sayAs(prompt.sayAs, value, language, prompt.currency === undefined ? {} : { currency: prompt.currency });
  return textMs("text" in said ? said.text : value);
}

/** Of a template's source: tags say nothing, fields something of a usual length. */
function textMs(source: string): number {
  const text = source.replace(/\{%.*?%\}/gs, "").replace(/\{\{?[^{}]*\}?\}/g, "x".repeat(fieldCharacters));
  return (text.replace(/\s+/g, " ").trim().length * 1000) / charactersPerSecond;
}

/**
 * The longest way from a start to an end that goes only forward, as found by following the ways in the order written. A way that really
 * exists, so that what is said of it is true; the longest of all would take too long to find.
 */
function longestWay(script: Script, ms: ReadonlyMap<string, number>): readonly string[] {
  const best = new Map<string, { readonly ms: number; readonly next: string | undefined }>();
  const open = new Set<string>();
  const from = (name: string): number => {
    const known = best.get(name);
    if (known) return known.ms;
    const step: Step | undefined = script.steps.get(name);
    // On the way already: that would be going back.
    if (!step || open.has(name)) return 0;
    open.add(name);
    let next: string | undefined;
    let most = 0;
    for (const exit of exitsOf(step)) {
      const there = from(exit);
      if (there > most && !open.has(exit)) [next, most] = [exit, there];
    }
    open.delete(name);
    const total = (ms.get(name) ?? 0) + most;
    best.set(name, { ms: total, next });
    return total;
  };
  const [start] = Object.values(script.start).sort((a, b) => from(b) - from(a));
  const way: string[] = [];
  for (let name = start; name !== undefined; name = best.get(name)?.next) way.push(name);
  return way;
}
