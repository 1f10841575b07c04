import type { AnswerAction, AnsweredBy } from "../../attempt/answering.ts";
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
}

/** How an answered call is written down. */
export interface AnsweredEnding {
  readonly result: Result;
  readonly reason: string;
  readonly told?: Pick<ScriptEnd, "outcome" | "answers">;
  /** The contact is not called again, whatever the campaign wants after this result. */
  readonly final?: true;
}

/**
 * @param verdict none when nobody listened, or when it was hung up on us before there was one: then it was a person
 * @param end how the script ended; none when the call was ended instead, or something broke
 * @param trouble what broke
 */
export function endingOf(verdict: Verdict | undefined, end: ScriptEnd | undefined, trouble: string | undefined, seen: Witnessed): AnsweredEnding {
  const who = verdict ? answererOf(verdict.outcome) : "human";
  const result = resultOf(who, end, trouble !== undefined || (end?.end === "lost" && !isThrough(end)), seen);
  if (trouble !== undefined) return { result, reason: trouble };
  const why = verdict && who !== "human" ? `${verdict.outcome}, ${verdict.cause}` : undefined;
  const reason = [why, end?.end].filter((part) => part !== undefined).join("; ");
  return { result, reason, told: end ?? { outcome: who, answers: {} } };
}

/** Whether the script had come to an end of its own: who is lost during its last words has heard what there was to say. */
export function isThrough({ outcome }: Pick<ScriptEnd, "outcome">): boolean {
  return outcome !== "lost";
}

function resultOf(who: AnsweredBy | "human", end: ScriptEnd | undefined, lost: boolean, { told, responded, talked, abandoned }: Witnessed): Result {
  switch (who) {
    case "machine":
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
export function describeAnswerer({ outcome, cause, atMs }: Verdict, place: MessagePlace | undefined): string {
  return `${outcome}, ${cause}, after ${atMs} ms${place ? `; a message may begin after ${place.atMs} ms (${place.by})` : ""}`;
}
