import type { Prompt, Script, Step, Way } from "./script.ts";

const wayOf = (way: Way): string[] => ("next" in way ? [way.next] : []);

/** Every step a step can lead to by itself, in the order written; the way out for somebody who left is not among them. */
export function exitsOf(step: Step): string[] {
  switch (step.verb) {
    case "play":
    case "set":
    case "send":
      return wayOf(step.way);
    case "callback":
      return [...wayOf(step.way), ...(step.unclear === undefined ? [] : [step.unclear])];
    case "menu":
      return [...step.keys.values(), step.noInput, step.noMatch];
    case "collect":
    case "survey":
      return [step.next, step.noInput, step.noMatch];
    case "branch":
      return [...step.cases.map((item) => item.to), step.otherwise];
    case "transfer":
      return [step.answered, step.busy, step.noAnswer, step.failed];
    case "queue":
      return [step.answered, step.noAgent, step.nobody];
    case "webhook":
      return [...step.on.values(), step.otherwise, step.timedOut, step.error];
    case "record":
      return [step.next, step.noInput, ...(step.consent ? [step.consent.declined] : [])];
    case "switch_language":
      return [step.next];
    case "script":
      return Object.values(step.start ?? {});
  }
}

/** Everything a step can let be heard by the person, in the order of hearing; but for how far they have come in a queue. */
export function promptsOf(step: Step): readonly Prompt[] {
  switch (step.verb) {
    case "play":
      return step.prompts;
    case "menu":
    case "collect":
    case "survey":
      return [...step.retryPrompts, ...step.prompts];
    case "transfer":
    case "queue":
    case "webhook":
      return step.holdPrompts;
    case "record":
      return [...(step.consent?.prompts ?? []), ...step.prompts];
    case "branch":
    case "set":
    case "send":
    case "callback":
    case "switch_language":
    case "script":
      return [];
  }
}

/** Whether a call does not stand still in a step: nothing is heard or waited for there. */
export function passedThrough(step: Step): boolean {
  return (
    ["branch", "set", "send", "callback", "switch_language", "script"].includes(step.verb) || (step.verb === "play" && step.prompts.length === 0)
  );
}

/** The steps that can be reached from these, themselves included. */
export function reachable(script: Script, from: readonly string[], exits: (step: Step, name: string) => readonly string[] = exitsOf): Set<string> {
  const seen = new Set<string>();
  const open = [...from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const step = script.steps.get(name);
    if (!step || seen.has(name)) continue;
    seen.add(name);
    open.push(...exits(step, name));
  }
  return seen;
}

/** The answers a step gives a value, on whichever of its ways. */
export function answersOf(step: Step): readonly string[] {
  switch (step.verb) {
    case "collect":
    case "record":
      return [step.into];
    case "survey":
      return [step.question];
    case "set":
      return [...step.values.keys()];
    case "webhook":
      return [...step.save.keys()];
    default:
      return [];
  }
}
