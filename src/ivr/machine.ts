import type { Effect } from "../attempt/ports.ts";
import { Fault } from "../kernel/fault.ts";
import type { Fields } from "../template/template.ts";
import { actionOf } from "./act.ts";
import { isPerson, keysBeside, keysIn } from "./everywhere.ts";
import { agreeKey } from "./keys.ts";
import { languageAtStart } from "./language.ts";
import { pass } from "./pass.ts";
import type { Action, CallEvent, Move, Place, WebhookEvent } from "./place.ts";
import type { Broken, QueueEnd, Recorded, TransferEnd } from "./ports.ts";
import type { CollectStep, MenuStep, QueueStep, RecordStep, Script, Step, SurveyStep, TransferStep, Verdict, WebhookStep } from "./script.ts";

export { type Action, type CallEvent, type Move, openAnswers, type Place, type WalkEnd } from "./place.ts";

/*
 * The pure walker: given where a call is in its script and what just happened, it says where the call is now, what must be
 * written down, and what to do on the line. It knows no telephone, no clock and no audio.
 */

/**
 * More steps than any honest call enters in an hour; a script that goes in circles without anybody pressing anything ends
 * here at once, whatever its time limit.
 */
export const maxVisits = 500;

const tooLong: Action = { kind: "end", end: "too-long", outcome: "too_long" };

/**
 * The first move of a call that was answered by whom the verdict says.
 * @param at epoch ms
 */
export function begin(script: Script, fields: Fields, verdict: Verdict, at: number): Move {
  const language = languageAtStart(script, fields);
  const place: Place = { step: "", agreed: false, tries: 0, visits: 0, begun: false, verdict, language, fields, answers: new Map() };
  const first = script.start[verdict];
  if (first === undefined) return stay(place, { kind: "end", end: "completed", outcome: verdict });
  return enter(script, place, first, at);
}

/** The move that follows an event at `at` (epoch ms). An event that does not fit the step is taken as the end of what was going on. */
export function next(script: Script, place: Place, event: CallEvent, at: number): Move {
  const step = script.steps.get(place.step);
  if (!step) return stay(place, { kind: "end", end: "completed", outcome: "no_step" });
  if (event.kind === "left") return leave(script, keep(place, step, event.said), step, event.how, at);
  const begun = { ...place, begun: true };
  const pressed = event.kind === "key" ? keyed(script, place, step, event.key) : undefined;
  if (event.kind === "key" && pressed !== undefined) return enter(script, keep(begun, step, event.said), pressed, at);
  switch (step.verb) {
    case "play":
      return "next" in step.way ? enter(script, begun, step.way.next, at) : stay(begun, { kind: "end", end: "completed", outcome: step.way.end });
    case "menu":
    case "collect":
    case "survey":
      return heard(script, begun, step, event.kind === "digits" ? event.digits : event.kind === "key" ? event.key : "", at);
    case "transfer":
      return enter(script, begun, afterTransfer(step, event.kind === "transferred" ? event.end : "failed"), at);
    case "queue":
      return enter(script, begun, afterQueue(step, event.kind === "queued" ? event.end : "no-agent"), at);
    case "webhook":
      return answered(script, begun, step, event, at);
    case "record":
      return recorded(script, begun, step, event, at);
    default:
      // No call stands still in a step that is only passed through.
      return stay(begun, { kind: "end", end: "completed", outcome: "no_step" });
  }
}

function stay(place: Place, action: Action): Move {
  return { place, entered: [], effects: [], action };
}

/** Enters a step and passes through those that need nothing from the line. */
function enter(script: Script, from: Place, name: string, at: number): Move {
  const entered: string[] = [];
  const effects: Effect[] = [];
  let place = from;
  let target = name;
  const move = (action: Action): Move => ({ place, entered, effects, action });
  for (;;) {
    const step = script.steps.get(target);
    place = { ...place, step: target, agreed: false, tries: 0, visits: place.visits + 1 };
    if (!step || place.visits > maxVisits) return move(tooLong);
    entered.push(target);
    if (step.verb === "play" && step.suppress) effects.push({ kind: "suppress", ...step.suppress, reason: `ivr ${script.name} ${target}` });
    const action = within(() => actionOf(script, place, step));
    if (action) return move(action);
    const passed = within(() => pass(script, place, step, at));
    if ("kind" in passed) return move(passed);
    if (passed.effect) effects.push(passed.effect);
    place = passed.place;
    if ("outcome" in passed) return move({ kind: "end", end: "completed", outcome: passed.outcome });
    target = passed.to;
  }
}

/** What the work gives; a text that cannot be filled in, because answers made it too long, ends the call with the goodbye. */
function within<T>(work: () => T): T | Action {
  try {
    return work();
  } catch (error) {
    if (error instanceof Fault) return tooLong;
    throw error;
  }
}

/** Where a key leads that leads there from everywhere; undefined where it has another meaning, or none. */
function keyed(script: Script, place: Place, step: Step, key: string): string | undefined {
  return isPerson(place.verdict) ? keysIn(script, place.step, step).get(key) : undefined;
}

function heard(script: Script, place: Place, step: MenuStep | CollectStep | SurveyStep, digits: string, at: number): Move {
  // Whatever was keyed in before it, a key that cannot be part of it leads away.
  const key = isPerson(place.verdict) ? [...digits].find((one) => keysBeside(script, place.step, step).includes(one)) : undefined;
  const away = key === undefined ? undefined : keyed(script, place, step, key);
  if (away !== undefined) return enter(script, place, away, at);
  const way = wayOut(place, step, digits);
  if (way) return enter(script, way.place, way.to, at);
  const again = { ...place, tries: place.tries + 1 };
  if (again.tries >= step.tries) return enter(script, again, digits === "" ? step.noInput : step.noMatch, at);
  return stay(again, within(() => actionOf(script, again, step)) ?? tooLong);
}

/** Where keys lead that fit, with what they say kept. */
function wayOut(place: Place, step: MenuStep | CollectStep | SurveyStep, digits: string): { place: Place; to: string } | undefined {
  switch (step.verb) {
    case "menu": {
      const to = step.keys.get(digits);
      return to === undefined ? undefined : { place, to };
    }
    case "collect":
      return digits.length < step.minDigits ? undefined : { place: know(place, step.into, digits, step.secret), to: step.next };
    case "survey": {
      const score = /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
      return score >= step.from && score <= step.to ? { place: know(place, step.question, String(score), false), to: step.next } : undefined;
    }
  }
}

function know(place: Place, name: string, value: string, secret: boolean): Place {
  return { ...place, answers: new Map(place.answers).set(name, { value, secret }) };
}

/** Keeps what was said, if the step records. */
function keep(place: Place, step: Step, said: Recorded | undefined): Place {
  if (step.verb !== "record" || !said) return place;
  const answer = { value: said.recording, secret: false, durationMs: said.durationMs, ...(step.consent && place.agreed && { agreed: true }) };
  return { ...place, answers: new Map(place.answers).set(step.into, answer) };
}

function answered(script: Script, place: Place, step: WebhookStep, event: CallEvent, at: number): Move {
  if (event.kind !== "webhook") return enter(script, place, step.error, at);
  if (event.end !== "answered") return enter(script, place, event.end === "timeout" ? step.timedOut : step.error, at);
  const to = event.value === undefined ? undefined : step.on.get(event.value);
  return enter(script, answeredLate(place, event), to ?? step.otherwise, at);
}

/** What a webhook saves, kept. That is all that comes of an answer for which somebody did not wait, wherever they are by now. */
export function answeredLate(place: Place, event: WebhookEvent): Place {
  if (event.end !== "answered") return place;
  const answers = new Map(place.answers);
  // What takes the place of a secret may well be the same thing sent back.
  for (const [name, value] of event.saved) answers.set(name, { value, secret: answers.get(name)?.secret ?? false });
  return { ...place, answers };
}

function recorded(script: Script, place: Place, step: RecordStep, event: CallEvent, at: number): Move {
  if (step.consent && !place.agreed) {
    const away = event.kind === "digits" ? keyed(script, place, step, event.digits) : undefined;
    if (away !== undefined) return enter(script, place, away, at);
    if (event.kind !== "digits" || event.digits !== agreeKey) return enter(script, place, step.consent.declined, at);
    const agreed = { ...place, agreed: true };
    return stay(agreed, within(() => actionOf(script, agreed, step)) ?? tooLong);
  }
  const said = event.kind === "recorded" ? event.said : undefined;
  return enter(script, keep(place, step, said), said ? step.next : step.noInput, at);
}

function afterTransfer(step: TransferStep, end: Exclude<TransferEnd, Broken | "withdrawn">): string {
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

function afterQueue(step: QueueStep, end: Exclude<QueueEnd, Broken | "withdrawn">): string {
  switch (end) {
    case "talked":
      return step.answered;
    case "no-agent":
      return step.noAgent;
    case "nobody":
      return step.nobody;
  }
}

/**
 * The person is gone. Who leaves during the last words of a script has still come to that end, and its outcome stands,
 * unless those words were also the first: then nothing has been conveyed. An opt-out stands in any case.
 */
function leave(script: Script, place: Place, step: Step, how: Broken, at: number): Move {
  const outcome = how === "hung-up" ? "hung_up" : "lost";
  if (step.verb === "play" && "end" in step.way && (place.begun || step.suppress)) {
    return stay(place, { kind: "end", end: how, outcome: step.way.end });
  }
  if ((step.verb === "transfer" || step.verb === "queue") && step.hungUp !== undefined && how === "hung-up") {
    const move = enter(script, place, step.hungUp, at);
    return move.action.kind === "end" ? { ...move, action: { ...move.action, end: how } } : stay(place, { kind: "end", end: how, outcome });
  }
  return stay(place, { kind: "end", end: how, outcome });
}
