import { exitsOf, reachable } from "./exits.ts";
import { chosenExits } from "./lint-chosen.ts";
import { isAsking } from "./lint-reach.ts";
import { type Linter, leadsAway, stepAt } from "./linter.ts";
import type { Script, Step } from "./script.ts";

/**
 * Whoever is asked something, by whatever verdict the call came there, can opt out from there; and nobody is only talked to. What a
 * person decides (keys, digits, scores) they may decide so that it leads to the opt-out; what others decide (columns, the time, a
 * webhook, whether somebody takes a transferred call) must lead there however it falls.
 */
export function lintOptOut({ script, whole, located, report }: Linter): void {
  const can = canOptOut(whole);
  const starts = Object.values(whole.start);
  const fix = "Give it a key that leads to a step with `suppress`.";
  for (const name of reachable(whole, starts)) {
    const step = whole.steps.get(name);
    if (!step || !isAsking(step) || can.has(name) || !script.steps.has(name)) continue;
    report("opt-out-unreachable", stepAt(located, name), `from ${name} a person cannot be sure to get to an opt-out`, fix);
  }
  // As far as a person comes without being asked anything. A voicemail drop is for a machine.
  const people = [whole.start.human, whole.start.unknown].flatMap((name) => name ?? []);
  const unasked = reachable(whole, people, unaskedExits);
  const asked = [...reachable(whole, people)].map((name) => whole.steps.get(name)).some((step) => step && (isAsking(step) || leadsAway(step)));
  if (!asked) {
    const message = "a person is never asked anything, and so can never opt out";
    report("opt-out-unreachable", located.at("/start/human"), message, "Add a menu with a key that leads to a step with `suppress`.");
    return;
  }
  for (const name of unasked) {
    const step = script.steps.get(name);
    if (step?.verb !== "play" || step.prompts.length === 0 || step.suppress || !("end" in step.way)) continue;
    const message = `whoever comes to ${name} by the way that asks nothing hears a message and cannot opt out`;
    report("opt-out-unreachable", stepAt(located, name), message, "Lead through a menu with an opt-out before or after it.");
  }
}

/** Whoever has talked to somebody of ours could tell them. */
function unaskedExits(step: Step): readonly string[] {
  if (step.verb === "transfer") return [step.busy, step.noAnswer, step.failed];
  return isAsking(step) ? [] : exitsOf(step);
}

/** The steps from which a person is sure to get to an opt-out if they want to. */
function canOptOut(script: Script): ReadonlySet<string> {
  const chosen = chosenExits(script);
  const can = new Set<string>();
  for (let before = -1; before !== can.size; ) {
    before = can.size;
    // Backwards first: most ways lead down the file.
    for (const [name, step] of [...script.steps].reverse()) {
      if (!can.has(name) && leadsToOptOut(step, can, chosen.get(name))) can.add(name);
    }
  }
  return can;
}

/** @param chosen where a person can choose to go, if it is a branch on what they said */
function leadsToOptOut(step: Step, can: ReadonlySet<string>, chosen: readonly string[] | undefined): boolean {
  if (leadsAway(step) || (step.verb === "play" && step.suppress)) return true;
  if (chosen) return chosen.some((name) => can.has(name));
  const exits = step.verb === "script" ? [step.start?.human, step.start?.unknown].flatMap((name) => name ?? []) : exitsOf(step);
  return isAsking(step) ? exits.some((name) => can.has(name)) : exits.length > 0 && exits.every((name) => can.has(name));
}
