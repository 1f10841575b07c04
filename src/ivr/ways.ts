import type { Step, Way } from "./script.ts";

/** `left`: the way of somebody who hung up. `again`: after silence or a wrong key. */
export type WayKind = "way" | "left" | "again";

/** A way out of a step. */
export interface StepWay {
  readonly way: Way;
  /** What makes it be taken, in a word or some, listed with commas; empty when nothing decides. */
  readonly label: string;
  readonly kind: WayKind;
}

/** Every way out of a step, in the order written; ways of one kind to the same place are one. */
export function waysOf(step: Step): StepWay[] {
  return together(eachWay(step));
}

/** Ways to the same place as one, its labels listed. */
function together(outs: readonly StepWay[]): StepWay[] {
  const merged = new Map<string, StepWay>();
  for (const out of outs) {
    const key = `${out.kind} ${JSON.stringify(out.way)}`;
    const known = merged.get(key);
    merged.set(key, known ? { ...known, label: [known.label, out.label].filter(Boolean).join(", ") } : out);
  }
  return [...merged.values()];
}

const to = (next: string, label: string, kind: WayKind = "way"): StepWay => ({ way: { next }, label, kind });

function eachWay(step: Step): StepWay[] {
  switch (step.verb) {
    case "play":
    case "set":
    case "send":
      return [{ way: step.way, label: "", kind: "way" }];
    case "callback":
      return [{ way: step.way, label: "", kind: "way" }, ...(step.unclear === undefined ? [] : [to(step.unclear, "unclear")])];
    case "menu":
      return [...[...step.keys].map(([key, name]) => to(name, key)), to(step.noInput, "silence", "again"), to(step.noMatch, "wrong key", "again")];
    case "collect":
      return [to(step.next, "digits"), to(step.noInput, "silence", "again"), to(step.noMatch, "too short", "again")];
    case "survey":
      return [to(step.next, `${step.from}–${step.to}`), to(step.noInput, "silence", "again"), to(step.noMatch, "wrong key", "again")];
    case "branch":
      return [...step.cases.map(({ key, to: name }) => to(name, key)), to(step.otherwise, "else")];
    case "transfer":
      return [
        to(step.answered, "answered"),
        to(step.busy, "busy"),
        to(step.noAnswer, "no answer"),
        to(step.failed, "failed"),
        ...(step.hungUp === undefined ? [] : [to(step.hungUp, "hung up", "left")]),
      ];
    case "queue":
      return [
        to(step.answered, "answered"),
        to(step.noAgent, "no agent"),
        to(step.nobody, "nobody"),
        ...(step.hungUp === undefined ? [] : [to(step.hungUp, "hung up", "left")]),
      ];
    case "webhook":
      return [
        ...[...step.on].map(([value, name]) => to(name, value)),
        to(step.otherwise, "else"),
        to(step.timedOut, "timeout"),
        to(step.error, "error"),
      ];
    case "record":
      return [to(step.next, "recorded"), to(step.noInput, "silence", "again"), ...(step.consent ? [to(step.consent.declined, "declined")] : [])];
    case "switch_language":
      return [to(step.next, "")];
    case "script":
      return Object.entries(step.start ?? {}).map(([verdict, name]) => to(name, verdict));
  }
}
