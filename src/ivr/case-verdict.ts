import type { Effect } from "../attempt/ports.ts";
import type { ScriptCase } from "./case.ts";
import type { WrittenEffect } from "./case-schema.ts";
import type { CaseWalk, Seen } from "./case-walk.ts";

/** Whoever mends these will see the others; and a call may have said so much that nobody reads it. */
const mostFaults = 20;
const longestFault = 2_000;

/** What a call did otherwise than its test expects, a line each; empty when it passed. */
export function faultsOf(one: ScriptCase, seen: CaseWalk): string[] {
  return everyFaultOf(one, seen)
    .slice(0, mostFaults)
    .map((fault) => (fault.length > longestFault ? `${fault.slice(0, longestFault)}…` : fault));
}

function everyFaultOf({ expected }: ScriptCase, seen: CaseWalk): string[] {
  const faults: string[] = [];
  const differ = (what: string, wanted: unknown, got: unknown) => faults.push(`${what}: expected ${shown(wanted)}, saw ${shown(got)}`);
  if (expected.path && !same(expected.path, seen.path)) faults.push(pathFault(expected.path, seen.path));
  if (seen.stuck !== undefined) faults.push(seen.stuck);
  else {
    if (seen.outcome !== expected.outcome) differ("outcome", expected.outcome, seen.outcome);
    const end = expected.end?.replace("_", "-");
    if (end !== undefined && seen.end !== end) differ("end", expected.end, seen.end?.replace("-", "_"));
  }
  faults.push(...heardFaults(expected.says ?? [], expected.never_says ?? [], seen));
  if (expected.effects) {
    const fits = expected.effects.length === seen.effects.length && expected.effects.every((wanted, index) => isEffect(wanted, seen.effects[index]));
    if (!fits) differ("effects", expected.effects, seen.effects.map(writtenEffect));
  }
  for (const [name, value] of Object.entries(expected.answers ?? {})) {
    const got = Object.hasOwn(seen.answers, name) ? seen.answers[name]?.value : undefined;
    if (got !== value) differ(`answer ${name}`, value, got);
  }
  return faults;
}

/** Where the two ways part, rather than two long lists. */
function pathFault(expected: readonly string[], seen: readonly string[]): string {
  const parting = expected.findIndex((step, index) => step !== seen[index]);
  const at = parting < 0 ? expected.length : parting;
  const from = at === 0 ? "at the start" : `after ${expected[at - 1]}`;
  return `path: ${from} expected ${expected.slice(at).join(", ") || "the end"}, saw ${seen.slice(at).join(", ") || "the end"}`;
}

function heardFaults(says: readonly string[], never: readonly string[], { heard }: Seen): string[] {
  const faults: string[] = [];
  let from = 0;
  for (const text of says) {
    const found = heard.findIndex((line, index) => index >= from && line.includes(text));
    if (found >= 0) {
      // Two texts may be parts of one prompt.
      from = found;
      continue;
    }
    const after = from === 0 ? "" : ` after “${heard[from]}”`;
    faults.push(`says: “${text}” is not heard${after}; heard: ${heard.map((line) => `“${line}”`).join(" ") || "nothing"}`);
  }
  for (const text of never) {
    const found = heard.find((line) => line.includes(text));
    if (found !== undefined) faults.push(`never_says: “${text}” is heard in “${found}”`);
  }
  return faults;
}

function isEffect(wanted: WrittenEffect, got: Effect | undefined): boolean {
  if (!got) return false;
  const written = writtenEffect(got);
  return Object.entries(wanted).every(([kind, detail]) => {
    const has = (written as Readonly<Record<string, unknown>>)[kind];
    if (has === undefined) return false;
    return Object.entries(detail ?? {}).every(([key, value]) => same((has as Readonly<Record<string, unknown>>)[key], value));
  });
}

/** An effect in the words of a test. */
export function writtenEffect(effect: Effect): WrittenEffect {
  switch (effect.kind) {
    case "suppress":
      return { suppress: { scope: effect.scope, channels: [...effect.channels] } };
    case "send":
      return { send: { channel: effect.channel, template: effect.template, with: { ...effect.values } } };
    case "callback":
      return { callback: "inS" in effect ? { in_s: effect.inS } : { at: new Date(effect.atMs).toISOString().replace(".000Z", "Z") } };
  }
}

/** Whether two plain values are the same; the order of keys does not matter. */
export function same(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const keys = Object.keys(a);
  const of = (value: object, key: string) => (value as Readonly<Record<string, unknown>>)[key];
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(of(a, key), of(b, key)));
}

export function shown(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
}
