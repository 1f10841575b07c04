import { valueAt } from "../kernel/pointer.ts";
import { exitsFor, isPerson } from "./everywhere.ts";
import { exitsOf, passedThrough, reachable } from "./exits.ts";
import { type Linter, stepAt, within } from "./linter.ts";
import { startsOf } from "./opt-out-ways.ts";
import { mostSilentMs } from "./read-outside.ts";
import { anyGroup, type Script } from "./script.ts";

/**
 * People who would wait for an agent in silence. Without `play` is right only what an agents' campaign begins with: it calls when an agent is free,
 * and whoever is not connected at once hears a message (47 CFR 64.1200(a)(7)).
 */
export function lintQueues({ script, whole, located, report }: Linter): void {
  const late = reachedLater(whole);
  for (const [name, step] of script.steps) {
    if (step.verb !== "queue" || step.holdPrompts.length > 0) continue;
    const why =
      step.group !== anyGroup
        ? `whoever waits for group ${step.group} in ${name} hears nothing`
        : late.has(name)
          ? `whoever comes to ${name} later in the call waits there and hears nothing`
          : step.maxWaitMs > mostSilentMs && `whoever waits in ${name} for longer than ${mostSilentMs / 1000} s hears nothing`;
    if (why !== false) {
      report("queue-silent", stepAt(located, name), why, 'Add `play: [{ say: "Please wait." }]`.');
      continue;
    }
    for (const end of ["no_agent", "nobody"] as const) {
      const to = end === "no_agent" ? step.noAgent : step.nobody;
      if (!endsUnheard(whole, to)) continue;
      const message = `whoever is called by ${name} and finds no agent is hung up on without a word`;
      const place = located.at(within(name, "on", valueAt(located.value, within(name, "on", end)) === undefined ? "no_agent" : end));
      report("queue-no-message", place, message, "Lead to a step that says who called, on which number they can be reached, and how to opt out.");
      break;
    }
  }
}

/** Whether a call can come from a step to its end without anything being heard. */
function endsUnheard(script: Script, from: string): boolean {
  const silent = reachable(script, [from], (step) => (passedThrough(step) ? exitsOf(step) : []));
  return [...silent].map((name) => script.steps.get(name)).some((step) => step?.verb === "play" && passedThrough(step) && "end" in step.way);
}

/** The steps that a person can come to when something has been heard or waited for before. */
function reachedLater(script: Script): ReadonlySet<string> {
  const exits = exitsFor(script);
  const people = startsOf(script, isPerson);
  // As far as a call gets by itself before anything is heard, with the first steps in which it stands still.
  const first = reachable(script, people, (step) => (passedThrough(step) ? exitsOf(step) : []));
  const onward = [...first].flatMap((name) => {
    const step = script.steps.get(name);
    return step && !passedThrough(step) ? exits(step, name) : [];
  });
  return reachable(script, onward, exits);
}
