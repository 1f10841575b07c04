import type { Result } from "../attempt/result.ts";
import type { Failure } from "./ports.ts";

/** What else is known of an INVITE that was not answered. */
export interface Circumstances {
  /** A 180 or 183 was seen: somebody could have picked up. */
  readonly rang: boolean;
  /** Why we sent CANCEL, if we did. */
  readonly canceled?: Cancellation;
}

/** Why we took a call back: `media`, because our own end broke while it rang; `sit` and `busy-tone`, because that was heard and nobody will answer. */
export type Cancellation = "ring-timeout" | "withdrawn" | "media" | "sit" | "busy-tone";

/** Final SIP statuses that say it all by themselves (RFC 3261 §21, RFC 8197 for 607, RFC 8688 for 608). */
const byStatus: Readonly<Record<number, Result>> = {
  404: "bad-number",
  410: "bad-number",
  484: "bad-number",
  486: "busy",
  487: "no-answer",
  503: "congestion",
  600: "busy",
  603: "rejected",
  604: "bad-number",
  607: "rejected",
  608: "rejected",
};

/** ITU-T Q.850 (05/2018) causes that a gateway's Reason header carries and that tell more than the status does. */
const byCause: Readonly<Record<number, Result>> = {
  1: "bad-number", // unallocated number
  2: "carrier-fault", // no route to transit network
  3: "bad-number", // no route to destination
  17: "busy", // user busy
  18: "no-answer", // no user responding
  19: "no-answer", // user alerted, no answer
  20: "no-answer", // subscriber absent
  21: "rejected", // call rejected
  22: "bad-number", // number changed
  27: "carrier-fault", // destination out of order
  28: "bad-number", // invalid number format
  34: "congestion", // no circuit available
  38: "carrier-fault", // network out of order
  41: "congestion", // temporary failure
  42: "congestion", // switching equipment congestion
  44: "congestion", // requested circuit not available
  47: "congestion", // resource unavailable
};

/** Statuses with which the person, or who acts for them, has spoken: no cause of a gateway overrules them. */
const spoken = new Set([486, 600, 603, 607, 608]);

/**
 * What an INVITE that was not answered means for the attempt: one table from SIP status and Q.850 cause to a result.
 * 408 and 480 say "nobody" only when it rang; without ringing they say that the far side is not there.
 */
export function resultOf(failure: Failure, circumstances: Circumstances): Result {
  const { status, q850, reasonSip } = failure;
  if (failure.lost) return "interrupted";
  if (status === 487) {
    if (circumstances.canceled === "media") return "carrier-fault";
    if (circumstances.canceled === "withdrawn") return "canceled";
    if (circumstances.canceled === "ring-timeout") return "no-answer";
    if (circumstances.canceled === "sit") return "sit";
    if (circumstances.canceled === "busy-tone") return "busy";
  }
  if (spoken.has(status)) return byStatus[status] ?? "rejected";
  const caused =
    (q850 !== undefined ? byCause[q850] : undefined) ?? (reasonSip !== undefined && spoken.has(reasonSip) ? byStatus[reasonSip] : undefined);
  if (caused) return caused;
  if (status === 408) return circumstances.rang ? "no-answer" : "carrier-fault";
  if (status === 480) return "no-answer";
  return byStatus[status] ?? "carrier-fault";
}

/** Reason phrases are the far side's text and may be of any length. */
const maxPhrase = 80;

/** The reason as people read it: `486 Busy Here; Q.850 17`. */
export function describeFailure({ status, phrase, q850 }: Failure): string {
  return `${status} ${phrase.slice(0, maxPhrase)}`.trim() + (q850 === undefined ? "" : `; Q.850 ${q850}`);
}

/** Why we took it back, where that tells more than how it ended then. */
export function describeCancellation(canceled: Cancellation | undefined): string | undefined {
  if (canceled === "ring-timeout") return "ring time-out";
  if (canceled === "sit") return "special information tones before the answer";
  return canceled === "busy-tone" ? "busy tone before the answer" : undefined;
}
