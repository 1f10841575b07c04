import type { Effect } from "../attempt/ports.ts";
import { inRange } from "./number-range.ts";
import type { Place } from "./place.ts";
import { fill, isSecret, knownValue, scopeOf, zoneOf } from "./scope.ts";
import type { BranchStep, CallbackStep, Script, SendStep, SetStep, Step, Way } from "./script.ts";
import { holdsAt } from "./time-branch.ts";
import { instantOf, wallClock } from "./zone-clock.ts";

/** What passing through a step did, and where it leads: to a step, or to the end with an outcome. */
export type Passed = { readonly place: Place; readonly effect?: Effect } & ({ readonly to: string } | { readonly outcome: string });

/**
 * Passes through a step that needs nothing from the line at this moment.
 * @param at epoch ms
 * @throws Fault `template-too-long`, `template-render`
 */
export function pass(script: Script, place: Place, step: Step, at: number): Passed {
  switch (step.verb) {
    case "play":
      return { place, ...along(step.way) };
    case "branch":
      return { place, to: branch(place, step, at) };
    case "set":
      return { place: set(place, step), ...along(step.way) };
    case "send":
      return { place, effect: send(script, place, step), ...along(step.way) };
    case "callback":
      return callback(script, place, step);
    case "switch_language":
      return { place: { ...place, language: step.language }, to: step.next };
    case "script": {
      const to = step.start?.[place.verdict];
      // As at the start of a call: without a step for a machine or a fax it just ends.
      return { place, ...(to === undefined ? { outcome: step.start ? place.verdict : "no_script" } : { to }) };
    }
    default:
      return { place, outcome: "no_step" };
  }
}

function along(way: Way): { to: string } | { outcome: string } {
  return "next" in way ? { to: way.next } : { outcome: way.end };
}

function branch(place: Place, step: BranchStep, at: number): string {
  const { what } = step;
  const zone = what.kind === "time" ? (what.contact ? zoneOf(place, what.zone) : what.zone) : undefined;
  const clock = zone === undefined ? undefined : wallClock(at, zone);
  const value = what.kind === "value" ? knownValue(place, what.name) : what.kind === "language" ? place.language : place.verdict;
  const found = step.cases.find(({ test }) => {
    if ("hours" in test) return clock !== undefined && holdsAt(test.hours, clock.weekday, clock.minute);
    return "range" in test ? inRange(value, test.range) : value === test.equals;
  });
  return found?.to ?? step.otherwise;
}

function set(place: Place, step: SetStep): Place {
  const open = scopeOf(place, "open");
  const answers = new Map(place.answers);
  // What is made of a secret is one.
  for (const [name, template] of step.values) answers.set(name, { value: fill(template, open), secret: isSecret(template, place) });
  return { ...place, answers };
}

function send(script: Script, place: Place, step: SendStep): Effect {
  const scope = scopeOf(place);
  const values = Object.fromEntries([...step.values].map(([key, template]) => [key, fill(template, scope)]));
  const { channel, template, withinS } = step;
  return { kind: "send", channel, template, values, withinS, ...origin(script, place) };
}

function callback(script: Script, place: Place, step: CallbackStep): Passed {
  const { when } = step;
  const effect = (time: { atMs: number } | { inS: number }): Effect => ({ kind: "callback", ...time, ...origin(script, place) });
  if ("inS" in when) return { place, effect: effect({ inS: when.inS }), ...along(step.way) };
  const zone = zoneOf(place, when.zone);
  const atMs = zone === undefined ? undefined : instantOf(fill(when.at, scopeOf(place)), zone);
  if (atMs !== undefined) return { place, effect: effect({ atMs }), ...along(step.way) };
  if (step.unclear !== undefined) return { place, to: step.unclear };
  return { place, effect: effect({ inS: 0 }), ...along(step.way) };
}

function origin(script: Script, place: Place): { key: string; reason: string } {
  return { key: `${place.step}:${place.visits}`, reason: `ivr ${script.name} ${place.step}` };
}
