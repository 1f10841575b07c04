import { exitsOf, passedThrough } from "./exits.ts";
import { agreeKey } from "./keys.ts";
import type { CollectStep, MenuStep, Script, Step, SurveyStep, Verdict } from "./script.ts";

/*
 * Keys that work in every step in which a person is on the line. A step that takes a key itself goes before: the keys of a menu, the digits
 * of a collect, those that begin a score, and whatever ends an input or agrees to being recorded.
 */

/** Whether there is somebody who could press a key. What a machine plays, such as its beep, may sound like one. */
export const isPerson = (verdict: Verdict): boolean => verdict === "human" || verdict === "unknown";

/** The keys of the script a step is of, with the step each leads to; in a script that was linked, those of the first one too, where it has none. */
export function everywhereAt(script: Script, name: string): ReadonlyMap<string, string> {
  const slash = name.indexOf("/");
  return (slash > 0 ? script.everywhereIn?.get(name.slice(0, slash)) : undefined) ?? script.everywhere;
}

/** The name of the linked script whose key it is that works in a step; empty for one of the first script. */
export function groupOf(script: Script, name: string, key: string): string {
  const group = name.includes("/") ? name.slice(0, name.indexOf("/")) : "";
  return script.everywhere.get(key) === everywhereAt(script, name).get(key) ? "" : group;
}

/** Where keys lead from everywhere: for each script that has such keys (as `groupOf` says), the steps with their keys. */
export function waysEverywhere(script: Script): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> {
  const ways = new Map([["", byStep(script.everywhere)]]);
  for (const [name, keys] of script.everywhereIn ?? []) {
    const own = [...keys].filter(([key, to]) => script.everywhere.get(key) !== to);
    if (name !== script.name) ways.set(name, byStep(new Map(own)));
  }
  return ways;
}

function byStep(keys: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> {
  const grouped = Map.groupBy(keys, ([, to]) => to);
  return new Map([...grouped].map(([to, same]) => [to, same.map(([key]) => key)]));
}

/** Whether a step has a use of its own for a key. */
export function takes(step: Step, key: string): boolean {
  switch (step.verb) {
    case "menu":
      return step.keys.has(key);
    case "collect":
      return /\d/.test(key) || step.terminators.includes(key);
    case "survey":
      return key === surveyEnd || beginsScore(step, key);
    case "record":
      return step.terminators.includes(key) || (step.consent !== undefined && key === agreeKey);
    default:
      return false;
  }
}

/** The key that ends a score before its last digit. */
export const surveyEnd = "#";

function beginsScore({ from, to, maxDigits }: SurveyStep, key: string): boolean {
  if (!/\d/.test(key)) return false;
  // 07 is a seven.
  if (key === "0") return from === 0 || maxDigits > 1;
  for (let low = Number(key), width = 1; low <= to; low *= 10, width *= 10) if (low + width - 1 >= from) return true;
  return false;
}

/**
 * The keys that lead away from a step because they do so everywhere, with the step each leads to. One that leads to the step itself would
 * only begin it anew: where something is asked that is hearing it again, elsewhere somebody would be rung or asked a second time.
 */
export function keysIn(script: Script, name: string, step: Step): ReadonlyMap<string, string> {
  if (passedThrough(step)) return none;
  const asks = step.verb === "menu" || step.verb === "collect" || step.verb === "survey";
  return new Map([...everywhereAt(script, name)].filter(([key, to]) => !takes(step, key) && (asks || to !== name)));
}

const none: ReadonlyMap<string, string> = new Map();

/** The keys that work everywhere and cannot be part of what a step takes; also one of a menu's own that means something else elsewhere. */
export function keysBeside(script: Script, name: string, step: MenuStep | CollectStep | SurveyStep): string {
  const keys = [...everywhereAt(script, name).keys()];
  if (step.verb !== "menu") return keys.filter((key) => !takes(step, key)).join("");
  const longer = [...step.keys.keys()].filter((own) => own.length > 1);
  return keys.filter((key) => !longer.some((own) => own.includes(key))).join("");
}

/** Every step that a person can come to from a step: by itself, and by the keys that work everywhere. */
export function exitsFor(script: Script): (step: Step, name: string) => string[] {
  return (step, name) => [...exitsOf(step), ...keysIn(script, name, step).values()];
}
