import type { Effect } from "../attempt/ports.ts";
import type { Broken, TransferEnd } from "./ports.ts";
import type { CollectStep, MenuStep, Prompt, Script, Step, TransferStep, Verdict } from "./script.ts";

/**
 * The pure walker: given where a call is in its script and what just happened, it says where the call is now, what must be
 * written down, and what to do on the line. It knows no telephone, no clock and no audio.
 */

/** Where a call is. Never changed, only replaced. */
export interface Place {
  readonly step: string;
  /** How often the present step has asked in vain. */
  readonly tries: number;
  /** Steps entered so far. */
  readonly visits: number;
  /** Whether the person has already heard something to its end or pressed a key. */
  readonly begun: boolean;
  /** Contact fields, for branches. */
  readonly fields: Readonly<Record<string, string>>;
  readonly answers: ReadonlyMap<string, { readonly digits: string; readonly secret: boolean }>;
}

/** What happened on the line. */
export type CallEvent =
  | { readonly kind: "played" }
  /** Keys arrived; empty: silence. */
  | { readonly kind: "digits"; readonly digits: string }
  | { readonly kind: "transferred"; readonly end: Exclude<TransferEnd, Broken> }
  /** The person left, or we lost them. */
  | { readonly kind: "left"; readonly how: Broken };

/** How the walk ended. `too-long`: the script went round too often. */
export type WalkEnd = "completed" | Broken | "too-long";

/** What to do on the line next. */
export type Action =
  | { readonly kind: "play"; readonly prompts: readonly Prompt[] }
  | { readonly kind: "collect"; readonly step: MenuStep | CollectStep; readonly prompts: readonly Prompt[] }
  | { readonly kind: "transfer"; readonly step: TransferStep }
  | { readonly kind: "end"; readonly end: WalkEnd; readonly outcome: string };

export interface Move {
  readonly place: Place;
  /** Steps entered by this move, in order. */
  readonly entered: readonly string[];
  /** To be committed before the action begins. */
  readonly effects: readonly Effect[];
  readonly action: Action;
}

/**
 * More steps than any honest call enters in an hour; a script that goes in circles without anybody pressing anything ends
 * here at once, whatever its time limit.
 */
export const maxVisits = 500;

/** The first move of a call that was answered by whom the verdict says. */
export function begin(script: Script, fields: Readonly<Record<string, string>>, verdict: Verdict): Move {
  const place: Place = { step: "", tries: 0, visits: 0, begun: false, fields, answers: new Map() };
  const first = script.start[verdict];
  if (first === undefined) return { place, entered: [], effects: [], action: { kind: "end", end: "completed", outcome: verdict } };
  return enter(script, place, first);
}

/** The move that follows an event. An event that does not fit the step is taken as the end of what was going on. */
export function next(script: Script, place: Place, event: CallEvent): Move {
  const step = script.steps.get(place.step);
  if (!step) return stay(place, { kind: "end", end: "completed", outcome: "no_step" });
  if (event.kind === "left") return leave(script, place, step, event.how);
  const begun = { ...place, begun: true };
  switch (step.verb) {
    case "play":
      return "next" in step.way ? enter(script, begun, step.way.next) : stay(begun, { kind: "end", end: "completed", outcome: step.way.end });
    case "menu":
    case "collect":
      return heard(script, begun, step, event.kind === "digits" ? event.digits : "");
    case "transfer":
      return enter(script, begun, afterTransfer(step, event.kind === "transferred" ? event.end : "failed"));
    case "branch":
      return enter(script, begun, step.otherwise);
  }
}

function stay(place: Place, action: Action): Move {
  return { place, entered: [], effects: [], action };
}

/** Enters a step and passes through those that need nothing from the line. */
function enter(script: Script, from: Place, name: string): Move {
  const entered: string[] = [];
  const effects: Effect[] = [];
  let place = from;
  let target = name;
  for (;;) {
    const step = script.steps.get(target);
    place = { ...place, step: target, tries: 0, visits: place.visits + 1 };
    if (!step || place.visits > maxVisits) return { place, entered, effects, action: { kind: "end", end: "too-long", outcome: "too_long" } };
    entered.push(target);
    switch (step.verb) {
      case "play": {
        if (step.suppress) effects.push({ kind: "suppress", ...step.suppress, reason: `ivr ${script.name} ${target}` });
        if (step.prompts.length > 0) return { place, entered, effects, action: { kind: "play", prompts: step.prompts } };
        if ("end" in step.way) return { place, entered, effects, action: { kind: "end", end: "completed", outcome: step.way.end } };
        target = step.way.next;
        break;
      }
      case "branch":
        target = step.on.get(fieldValue(place, step.field)) ?? step.otherwise;
        break;
      case "menu":
      case "collect":
        return { place, entered, effects, action: { kind: "collect", step, prompts: step.prompts } };
      case "transfer":
        return { place, entered, effects, action: { kind: "transfer", step } };
    }
  }
}

function fieldValue(place: Place, field: string): string {
  const answer = place.answers.get(field);
  if (answer) return answer.digits;
  return Object.hasOwn(place.fields, field) ? (place.fields[field] ?? "") : "";
}

function heard(script: Script, place: Place, step: MenuStep | CollectStep, digits: string): Move {
  if (step.verb === "menu") {
    const target = step.keys.get(digits);
    if (target !== undefined) return enter(script, place, target);
  } else if (digits.length >= step.minDigits) {
    const answers = new Map(place.answers).set(step.into, { digits, secret: step.secret });
    return enter(script, { ...place, answers }, step.next);
  }
  const tries = place.tries + 1;
  if (tries >= step.tries) return enter(script, place, digits === "" ? step.noInput : step.noMatch);
  return stay({ ...place, tries }, { kind: "collect", step, prompts: [...step.retryPrompts, ...step.prompts] });
}

function afterTransfer(step: TransferStep, end: Exclude<TransferEnd, Broken>): string {
  switch (end) {
    case "talked":
      return step.answered;
    case "busy":
      return step.busy;
    case "no-answer":
      return step.noAnswer;
    case "failed":
      return step.failed;
  }
}

/**
 * The person is gone. Who leaves during the last words of a script has still come to that end, and its outcome stands,
 * unless those words were also the first: then nothing has been conveyed. An opt-out stands in any case.
 */
function leave(script: Script, place: Place, step: Step, how: Broken): Move {
  const outcome = how === "hung-up" ? "hung_up" : "lost";
  if (step.verb === "play" && "end" in step.way && (place.begun || step.suppress)) {
    return stay(place, { kind: "end", end: how, outcome: step.way.end });
  }
  if (step.verb === "transfer" && step.hungUp !== undefined && how === "hung-up") {
    const move = enter(script, place, step.hungUp);
    return move.action.kind === "end" ? { ...move, action: { ...move.action, end: how } } : stay(place, { kind: "end", end: how, outcome });
  }
  return stay(place, { kind: "end", end: how, outcome });
}

/** What the person has keyed in, secrets left out. */
export function openAnswers(place: Place): Record<string, string> {
  return Object.fromEntries([...place.answers].filter(([, answer]) => !answer.secret).map(([name, answer]) => [name, answer.digits]));
}
