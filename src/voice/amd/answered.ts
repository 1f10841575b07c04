import type { AnswerAction, AnsweredBy } from "../../attempt/answering.ts";
import type { HeldOut } from "../../attempt/ports.ts";
import type { Result } from "../../attempt/result.ts";
import type { Verdict as StartVerdict } from "../../ivr/script.ts";
import type { ScriptEnd } from "../ports.ts";
import type { Detection } from "./campaign.ts";
import type { MessagePlace, Outcome, Verdict } from "./verdict.ts";

/* What a verdict comes to: what is done, and what it is called afterwards. */

/** `machine-beep` is a machine that is listening already. */
export function answererOf(outcome: Outcome): AnsweredBy | "human" {
  return outcome === "machine-beep" ? "machine" : outcome;
}

/** A person is connected, whatever the campaign says. */
export function actionFor(outcome: Outcome, { actions }: Detection): AnswerAction {
  const who = answererOf(outcome);
  return who === "human" ? "connect" : actions[who];
}

/** The step of a script with which it begins; none where the call is ended instead. */
export function stepFor(outcome: Outcome, action: AnswerAction): StartVerdict | undefined {
  if (action === "hang-up") return undefined;
  const who = answererOf(outcome);
  if (who === "silence" || who === "unknown") return "unknown";
  if (action === "connect" || who === "human") return "human";
  return who === "machine" || who === "fax" ? who : undefined;
}

/** What can be told from a script that has run. */
export interface Witnessed {
  /** Something was played to its end. */
  readonly told: boolean;
  /** Somebody pressed a key or spoke. */
  readonly responded: boolean;
  /** Somebody else was called for them, and the two were connected. */
  readonly talked?: boolean;
  /** They were called for agents, and none was there in time. */
  readonly abandoned?: boolean;
  /** It is a machine that was treated as a person, to learn whether it is one. */
  readonly heldOut?: boolean;
}

/** How an answered call is written down. */
export interface AnsweredEnding {
  readonly result: Result;
  readonly reason: string;
  readonly told?: Pick<ScriptEnd, "outcome" | "answers">;
  /** The contact is not called again, whatever the campaign wants after this result. */
  readonly final?: true;
  /** A machine was heard: it was given to an agent all the same, or was not. */
  readonly machine?: "heeded" | HeldOut;
}

/**
 * @param verdict none when nobody listened, or when it was hung up on us before there was one: then it was a person
 * @param end how the script ended; none when the call was ended instead, or something broke
 * @param trouble what broke
 */
export function endingOf(verdict: Verdict | undefined, end: ScriptEnd | undefined, trouble: string | undefined, seen: Witnessed): AnsweredEnding {
  const who = verdict ? answererOf(verdict.outcome) : "human";
  const result = resultOf(who, end, trouble !== undefined || (end?.end === "lost" && !isThrough(end)), seen);
  const machine = who === "machine" && { machine: seen.heldOut ? { responded: seen.responded } : ("heeded" as const) };
  if (trouble !== undefined) return { result, reason: trouble, ...machine };
  const why = verdict && who !== "human" ? `${verdict.outcome}, ${verdict.cause}` : undefined;
  const reason = [why, seen.heldOut ? "held out" : undefined, end?.end].filter((part) => part !== undefined).join("; ");
  return { result, reason, told: end ?? { outcome: who, answers: {} }, ...machine };
}

/** Whether the script had come to an end of its own: who is lost during its last words has heard what there was to say. */
export function isThrough({ outcome }: Pick<ScriptEnd, "outcome">): boolean {
  return outcome !== "lost";
}

function resultOf(who: AnsweredBy | "human", end: ScriptEnd | undefined, lost: boolean, seen: Witnessed): Result {
  const { told, responded, talked, abandoned, heldOut } = seen;
  switch (who) {
    case "machine":
      // Who talked with an agent, or should have, is a person for all that comes after, until the agent says otherwise; of the others nobody knows better.
      if (heldOut && (abandoned || talked || responded)) return resultOf("human", end, lost, { ...seen, heldOut: false });
      return told && end?.end === "completed" ? "machine-message" : "machine";
    case "fax":
    case "sit":
      return who;
    default:
      if (abandoned) return "abandoned";
      if (lost) return "dropped";
      return who === "silence" && !responded && !talked ? "silence" : "human";
  }
}

/** Who answered, why and when, for people. */
export function describeAnswerer({ outcome, cause, atMs }: Verdict, place: MessagePlace | undefined, heldOut = false): string {
  const what = `${outcome}, ${cause}, after ${atMs} ms`;
  if (heldOut) return `${what}; held out: an agent is asked for all the same`;
  return place ? `${what}; a message may begin after ${place.atMs} ms (${place.by})` : what;
}
