import type { Result } from "../attempt/result.ts";
import type { PartEnd } from "./ports.ts";
import { comparableId } from "./receipt.ts";
import { readStatus } from "./status.ts";

/** What a submission comes to. */
export interface Outcome {
  readonly result: Result;
  readonly reason: string;
  /** One for each part that was taken, in the form in which ids are compared; empty for a part that was not. */
  readonly remoteIds: readonly string[];
  /** Nothing of it was taken, through no fault of the number: it may be sent again, over whatever bind there is then, and counts for nothing. */
  readonly again: boolean;
  /** The SMSC would refuse every message so. */
  readonly standing: boolean;
}

/**
 * - every part taken: `sent`;
 * - of any part nobody knows: `interrupted`, and never sent again;
 * - nothing taken: what the SMSC said, or, when it only had no room or nothing left at all, again later;
 * - some taken and others not: `undelivered`. The person may have half a message, so it counts, and is sent again only where the campaign says so.
 */
export function outcomeOf(ends: readonly PartEnd[]): Outcome {
  const remoteIds = ends.map((part) => (part.end === "accepted" ? comparableId(part.remoteId) : ""));
  const taken = ends.filter(({ end }) => end === "accepted").length;
  const failed = ends.find(({ end }) => end !== "accepted");
  if (!failed) return { result: "sent", reason: "taken by the SMSC", remoteIds, ...one };
  const unknown = ends.find((part) => part.end === "unknown");
  if (unknown) return { result: "interrupted", reason: `the SMSC did not answer: ${unknown.why}`, remoteIds, ...one };
  const refused = ends.find((part) => part.end === "refused");
  const said = refused && readStatus(refused.status);
  if (taken > 0) {
    const why = said?.name ?? "the bind went down";
    return { result: "undelivered", reason: `${taken} of ${ends.length} parts were taken, then ${why}`, remoteIds, ...one };
  }
  if (!refused || !said) return { result: "canceled", reason: "it did not leave: the bind went down", remoteIds, ...one, again: true };
  if (refused.again) return { result: "canceled", reason: `${said.name}: the SMSC took nothing of it`, remoteIds, ...one, again: true };
  return { result: said.result, reason: said.name, remoteIds, again: false, standing: said.standing };
}

const one = { again: false, standing: false };
