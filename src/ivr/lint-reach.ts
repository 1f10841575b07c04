import { inCircles } from "./circles.ts";
import { exitsFor } from "./everywhere.ts";
import { exitsOf, reachable } from "./exits.ts";
import { type Linter, leadsAway, stepAt } from "./linter.ts";
import type { Script, Step } from "./script.ts";

/** Steps nobody comes to, and calls that never come to an end. */
export function lintReach({ script, whole, located, report }: Linter): void {
  const exits = exitsFor(whole);
  // With those for somebody who left while waiting.
  const everyExit = (step: Step, name: string) => [...exits(step, name), ...("hungUp" in step ? [step.hungUp ?? ""] : [])];
  const reached = reachable(whole, Object.values(whole.start), everyExit);
  const ending = stepsThatEnd(whole);
  for (const name of script.steps.keys()) {
    if (!reached.has(name)) {
      report("step-unreachable", stepAt(located, name), `no way leads to the step ${name}`, "Lead to it from another step, or remove it.");
    } else if (!ending.has(name)) {
      report("loop-without-exit", stepAt(located, name), `from ${name} the call never comes to an end`, "Lead to a step with `end: OUTCOME`.");
    }
  }
  // A circle in which nobody is asked anything goes round by itself.
  const byItself = (step: Step): string[] => (isAsking(step) ? [] : exitsOf(step));
  const circles = inCircles(whole, byItself);
  for (const name of script.steps.keys()) {
    if (!circles.has(name)) continue;
    const message = `${name} comes back to itself without asking anything`;
    report("loop-without-input", stepAt(located, name), message, "Put a menu into the circle, or lead out of it.");
  }
}

/** A step in which the person says or presses something, or is silent for a time. */
export function isAsking(step: Step): boolean {
  return step.verb === "menu" || step.verb === "collect" || step.verb === "survey" || step.verb === "record";
}

/** The steps from which there is a way to the end of the call. */
function stepsThatEnd(script: Script): ReadonlySet<string> {
  const exits = exitsFor(script);
  const before = new Map<string, string[]>();
  const ends: string[] = [];
  for (const [name, step] of script.steps) {
    // A script of which nothing is known is looked at by itself, and one without a step for this verdict ends.
    if (("way" in step && "end" in step.way) || leadsAway(step)) ends.push(name);
    for (const next of isAsking(step) ? exits(step, name) : exitsOf(step)) {
      const known = before.get(next);
      if (known) known.push(name);
      else before.set(next, [name]);
    }
  }
  const found = new Set<string>();
  for (let name = ends.pop(); name !== undefined; name = ends.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    ends.push(...(before.get(name) ?? []));
  }
  return found;
}
