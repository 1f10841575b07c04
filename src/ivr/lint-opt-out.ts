import { exitsFor, isPerson, keysIn } from "./everywhere.ts";
import { exitsOf, reachable } from "./exits.ts";
import { isAsking } from "./lint-reach.ts";
import { toldOf } from "./lint-told.ts";
import { type Linter, leadsAway, stepAt } from "./linter.ts";
import { canOptOut, isOptOut, startsOf } from "./opt-out-ways.ts";
import type { Step } from "./script.ts";

const everywhereFix = 'Add `everywhere: { "9": STEP }` to the head of the script, with the step that has `suppress`.';

/**
 * Whoever is asked something, by whatever verdict the call came there, can opt out from there. A person can, also while waiting for
 * somebody or for a webhook, and in what they hear afterwards; and nobody is only talked to. A key by which they can must have been told.
 */
export function lintOptOut(linter: Linter): void {
  const { script, whole, located, report } = linter;
  const can = canOptOut(whole, "person");
  const people = startsOf(whole, isPerson);
  const come = reachable(whole, people, exitsFor(whole));
  const machines = startsOf(whole, (verdict) => !isPerson(verdict));
  const canAlone = canOptOut(whole, "machine");
  const stuck = [...come].filter((name) => !can.has(name));
  const alone = [...reachable(whole, machines)].filter((name) => !canAlone.has(name));
  for (const name of new Set([...stuck, ...alone])) {
    const step = script.steps.get(name);
    if (!step || !isAsking(step)) continue;
    const fix = "Give it a key that leads to a step with `suppress`.";
    report("opt-out-unreachable", stepAt(located, name), `from ${name} a person cannot be sure to get to an opt-out`, fix);
  }
  /** The keys by which a person opts out of a step that asks nothing. */
  const keysAt = (name: string, step: Step): string[] => [...keysIn(whole, name, step)].flatMap(([key, to]) => (can.has(to) ? [key] : []));
  // Whoever has opted out has no need to do so again.
  const unlessOut = (exits: (step: Step, name: string) => readonly string[]) => (step: Step, name: string) =>
    isOptOut(step) ? [] : exits(step, name);
  const free = reachable(whole, people, unlessOut(exitsFor(whole)));
  const elsewhere: { readonly name: string; readonly message: string }[] = [];
  const dependent: { readonly name: string; readonly keys: readonly string[] }[] = [];
  const depends = (name: string, step: Step, message: string, fix: string): void => {
    const keys = keysAt(name, step);
    if (keys.length > 0) dependent.push({ name, keys });
    else if (script.steps.has(name)) report("opt-out-unreachable", stepAt(located, name), message, fix);
    else elsewhere.push({ name, message });
  };
  const asked = [...come].map((name) => whole.steps.get(name)).some((step) => step && (isAsking(step) || leadsAway(step)));
  if (!asked && ![...come].some((name) => keysAt(name, whole.steps.get(name) ?? silent).length > 0)) {
    const message = "a person is never asked anything, and so can never opt out";
    const fix = `Add a menu with a key that leads to a step with \`suppress\`. ${everywhereFix}`;
    report("opt-out-unreachable", located.at("/start/human"), message, fix);
    return;
  }
  // A key that works while they wait also works in what they hear afterwards.
  for (const name of free) {
    const step = whole.steps.get(name);
    if (step?.verb !== "transfer" && step?.verb !== "queue" && step?.verb !== "webhook") continue;
    // Where nothing is heard nobody waits.
    if (step.verb === "queue" && step.holdPrompts.length === 0) continue;
    const whom = { transfer: "for somebody to answer", queue: "for an agent", webhook: "for the webhook" }[step.verb];
    depends(name, step, `whoever waits in ${name} ${whom} cannot opt out`, everywhereFix);
  }
  // In scripts that this one goes to: once for each step that does.
  for (const [own, step] of script.steps) {
    if (step.verb !== "script" || elsewhere.length === 0) continue;
    const come = reachable(whole, [own]);
    const found = elsewhere.find(({ name }) => come.has(name));
    if (found) report("opt-out-unreachable", stepAt(located, own), found.message, everywhereFix);
  }
  // As far as a person comes without being asked anything.
  for (const name of reachable(whole, people, unlessOut(unaskedExits))) {
    const step = script.steps.get(name);
    if (step?.verb !== "play" || step.prompts.length === 0 || isOptOut(step) || !("end" in step.way)) continue;
    const message = `whoever comes to ${name} by the way that asks nothing hears a message and cannot opt out`;
    depends(name, step, message, `Lead through a menu with an opt-out before or after it. ${everywhereFix}`);
  }
  lintUntold(linter, can, people, dependent);
}

const silent: Step = { verb: "play", prompts: [], way: { end: "none" } };

/** Whoever has talked to somebody of ours could tell them. */
function unaskedExits(step: Step): readonly string[] {
  if (step.verb === "transfer") return [step.busy, step.noAnswer, step.failed];
  if (step.verb === "queue") return [step.noAgent, step.nobody];
  return isAsking(step) ? [] : exitsOf(step);
}

/** Keys by which somebody can opt out of a step, of which nobody has told them on some way there. */
function lintUntold(
  { script, whole, located, report }: Linter,
  can: ReadonlySet<string>,
  people: readonly string[],
  dependent: readonly { readonly name: string; readonly keys: readonly string[] }[],
): void {
  const tells = toldOf(whole);
  const untold = new Map<string, ReadonlySet<string>>();
  const untoldOf = (key: string): ReadonlySet<string> => {
    const known = untold.get(key);
    if (known) return known;
    const exits = exitsFor(whole);
    const silentAt = (name: string, step: Step) => !tells(name, step, key, can);
    const come = reachable(whole, people, (step, name) => (silentAt(name, step) ? exits(step, name) : []));
    const found = new Set([...come].filter((name) => silentAt(name, whole.steps.get(name) ?? silent)));
    untold.set(key, found);
    return found;
  };
  const reported = new Set<string>();
  for (const { name, keys } of dependent) {
    const [key] = keys;
    if (key === undefined || reported.has(key) || keys.some((one) => !untoldOf(one).has(name))) continue;
    reported.add(key);
    const message = `key ${key} is the only way to opt out of ${name}, and on some way there nobody has been told of it`;
    const place = script.everywhere.has(key) ? located.keyAt(`/everywhere/${key}`) : located.at("/steps");
    report("key-not-spoken", place, message, `Say “press ${key}” in ${name} or before it.`, "error");
  }
}
