import type { Answer, Effect } from "../attempt/ports.ts";
import { lacking } from "../template/fields.ts";
import type { CaseEvent, ScriptCase } from "./case.ts";
import { keysOf } from "./keys.ts";
import { type Action, answeredLate, begin, type CallEvent, type Move, next, openAnswers } from "./machine.ts";
import type { WebhookAction } from "./place.ts";
import type { PromptRef } from "./ports.ts";
import { anyGroup, type Script } from "./script.ts";
import { webhookEvent } from "./webhook-answer.ts";

/** What was seen of a call, walked or real. */
export interface Seen {
  readonly path: readonly string[];
  /** Everything that was said or played to the person, in order; texts as they are, recordings as `file:NAME`. */
  readonly heard: readonly string[];
  readonly effects: readonly Effect[];
  readonly answers: Readonly<Record<string, Answer>>;
  /** Absent when it did not come to an end. */
  readonly end?: "completed" | "hung-up" | "lost" | "too-long";
  readonly outcome?: string;
}

export interface CaseWalk extends Seen {
  /** Everything that is heard by anybody, as prompts: what a call of this case needs. */
  readonly prompts: readonly PromptRef[];
  /** What kept the walk from following the test; undefined when nothing did. */
  readonly stuck?: string;
}

/** A recording of a test has no sound; this stands for it. */
export const unheard = "recording";
/** Plays that follow each other without anything that a test could say; a script has at most 500 steps, and loops are limited by the walker. */
const maxPlays = 2_000;

/** Takes a case through a script, without a telephone. */
export function walkCase(script: Script, one: ScriptCase): CaseWalk {
  const missing = lacking(script.needs, one.contact);
  const walk = new Walk(script, one);
  if (missing.length > 0)
    return { ...walk.seen(), stuck: `the contact has no ${missing.join(", ")}, which the script needs, and would not be called` };
  return walk.run();
}

class Walk {
  readonly #script: Script;
  readonly #case: ScriptCase;
  readonly #path: string[] = [];
  readonly #heard: string[] = [];
  readonly #effects: Effect[] = [];
  readonly #prompts: PromptRef[] = [];
  #move: Move;
  /** A webhook that somebody led away from by a key; its answer may stand in the next line. */
  #unawaited: WebhookAction | undefined;

  constructor(script: Script, one: ScriptCase) {
    this.#script = script;
    this.#case = one;
    this.#move = begin(script, one.contact, one.verdict, one.at);
    this.#note();
  }

  run(): CaseWalk {
    const events = [...this.#case.events];
    for (let turns = 0; turns < maxPlays; turns++) {
      const { action, place } = this.#move;
      const event = events[0];
      if (event?.kind === "webhook" && this.#unawaited) {
        events.shift();
        this.#move = { ...this.#move, place: answeredLate(place, webhookEvent(this.#unawaited, event.answer)) };
      }
      if (this.#unawaited) {
        this.#unawaited = undefined;
        continue;
      }
      if (action.kind === "end") {
        return event ? this.#stuck(`the script is at its end (${action.outcome}), and ${describe(event)} is still to happen`) : this.seen();
      }
      const here = event?.at === undefined || event.at === place.step;
      // What is only heard waits for nothing: who presses a key there says where.
      if (action.kind === "play" && !(here && (event?.kind === "hang-up" || (event?.kind === "keys" && event.at !== undefined)))) {
        this.#step({ kind: "played" });
        continue;
      }
      if (!event) return this.#stuck(`the script waits in ${place.step} for ${wanted(action)}, and the test says nothing about it`);
      if (!here) return this.#stuck(`${describe(event)} should happen in ${event.at}, but the script waits in ${place.step} for ${wanted(action)}`);
      const happened = this.#happened(event, action);
      if (!happened) return this.#stuck(`${describe(event)} cannot happen in ${place.step}, where the script waits for ${wanted(action)}`);
      events.shift();
      if (action.kind === "webhook" && happened.kind === "key") this.#unawaited = action;
      this.#step(happened);
    }
    return this.#stuck("the script goes on and on without anything happening");
  }

  seen(): CaseWalk {
    const { action, place } = this.#move;
    const end = action.kind === "end" ? { end: action.end, outcome: action.outcome } : {};
    return { path: this.#path, heard: this.#heard, effects: this.#effects, answers: openAnswers(place), prompts: this.#prompts, ...end };
  }

  #stuck(stuck: string): CaseWalk {
    return { ...this.seen(), stuck };
  }

  #step(event: CallEvent): void {
    this.#move = next(this.#script, this.#move.place, event, this.#case.at);
    this.#note();
  }

  #note(): void {
    const { entered, effects, action } = this.#move;
    this.#path.push(...entered);
    this.#effects.push(...effects);
    this.#heard.push(...promptsOf(action).map(spoken));
    this.#prompts.push(...promptsOf(action), ...("whisperPrompts" in action ? action.whisperPrompts : []));
  }

  /** The event as the walker wants it; undefined when it cannot happen during the action. */
  #happened(event: CaseEvent, action: Action): CallEvent | undefined {
    switch (event.kind) {
      case "hang-up":
        return { kind: "left", how: "hung-up" };
      case "keys":
        if (action.kind === "collect") return { kind: "digits", digits: keysOf(event.keys, action) };
        return action.kind !== "end" && action.keys.includes(event.keys) ? { kind: "key", key: event.keys } : undefined;
      case "silence":
        if (action.kind === "record") return { kind: "recorded" };
        return action.kind === "collect" ? { kind: "digits", digits: "" } : undefined;
      case "webhook":
        return action.kind === "webhook" ? webhookEvent(action, event.answer) : undefined;
      case "transfer":
        return action.kind === "transfer" ? { kind: "transferred", end: event.end } : undefined;
      case "queue":
        return action.kind === "queue" ? { kind: "queued", end: event.end } : undefined;
      case "speak":
        return action.kind === "record" ? { kind: "recorded", said: { recording: unheard, durationMs: event.durationMs } } : undefined;
    }
  }
}

function promptsOf(action: Action): readonly PromptRef[] {
  if (action.kind === "end") return [];
  // Whoever waits in a test is the first.
  if (action.kind === "queue") return [...(action.positions[0] ?? []), ...action.holdPrompts];
  return "prompts" in action ? action.prompts : action.holdPrompts;
}

/** A prompt as it stands in tests: its text, or `file:NAME`. */
export function spoken(ref: PromptRef): string {
  return "say" in ref ? ref.say : `file:${ref.file}`;
}

/** An event in the words of a message. */
export function describe(event: CaseEvent): string {
  switch (event.kind) {
    case "keys":
      return `keys ${event.keys}`;
    case "silence":
      return "silence";
    case "hang-up":
      return "hang_up";
    case "webhook":
      return "the answer of a webhook";
    case "transfer":
      return `the transfer's end ${event.end}`;
    case "queue":
      return `the queue's end ${event.end}`;
    case "speak":
      return "speaking";
  }
}

function wanted(action: Exclude<Action, { kind: "end" }>): string {
  switch (action.kind) {
    case "play":
      return "its prompt to be heard";
    case "collect":
      return action.asks === "consent" ? "a key that agrees to being recorded" : "keys";
    case "transfer":
      return "the end of a transfer";
    case "queue":
      return `an agent of ${action.group === anyGroup ? "the campaign" : action.group}`;
    case "webhook":
      return `the answer of the webhook ${action.webhook}`;
    case "record":
      return "somebody to speak";
  }
}
