import { isPerson, keysIn } from "./everywhere.ts";
import { exitsOf } from "./exits.ts";
import { chosenExits } from "./lint-chosen.ts";
import { isAsking } from "./lint-reach.ts";
import { leadsAway } from "./linter.ts";
import type { Script, Step, Verdict } from "./script.ts";

/** Where calls that such a one answered begin. */
export function startsOf(script: Script, who: (verdict: Verdict) => boolean): string[] {
  return Object.entries(script.start).flatMap(([verdict, name]) => (who(verdict as Verdict) ? [name] : []));
}

export const isOptOut = (step: Step): boolean => step.verb === "play" && step.suppress !== undefined;

/**
 * The steps from which somebody is sure to get to an opt-out if they want to. What they decide (keys, digits, scores) they may decide so
 * that it leads there; what others decide (columns, the time, a webhook, whether somebody takes a call) must lead there however it falls.
 * @param whose a person may press the keys that work everywhere; whoever a machine's keys come from may not
 */
export function canOptOut(script: Script, whose: "person" | "machine"): ReadonlySet<string> {
  const chosen = chosenExits(script);
  const keys = new Map([...script.steps].map(([name, step]) => [name, whose === "person" ? [...keysIn(script, name, step).values()] : []]));
  const can = new Set<string>();
  for (let before = -1; before !== can.size; ) {
    before = can.size;
    // Backwards first: most ways lead down the file.
    for (const [name, step] of [...script.steps].reverse()) {
      if (can.has(name)) continue;
      if (keys.get(name)?.some((to) => can.has(to)) || leadsToOptOut(step, can, chosen.get(name))) can.add(name);
    }
  }
  return can;
}

/** @param chosen where a person can choose to go, if it is a branch on what they said */
function leadsToOptOut(step: Step, can: ReadonlySet<string>, chosen: readonly string[] | undefined): boolean {
  if (leadsAway(step) || isOptOut(step)) return true;
  if (chosen) return chosen.some((name) => can.has(name));
  const exits = step.verb === "script" ? startsIn(step.start ?? {}) : exitsOf(step);
  return isAsking(step) ? exits.some((name) => can.has(name)) : exits.length > 0 && exits.every((name) => can.has(name));
}

function startsIn(start: Script["start"]): string[] {
  return Object.entries(start).flatMap(([verdict, name]) => (isPerson(verdict as Verdict) ? [name] : []));
}
