import { reportGroups, typedValue } from "./delivery-report.ts";
import type { ReadMail } from "./inbox-ports.ts";

/** A report that somebody takes our mail for unwanted (RFC 5965). */
export interface Complaint {
  /** `abuse`, `fraud`, `virus`, `other`, `not-spam`, `opt-out` …: RFC 5965 §7.3 and the registry. */
  readonly type: string;
  /** Whom our mail was for; small letters, empty where the reporter hides it. */
  readonly recipient: string;
  readonly reporter: string;
}

/** Undefined when it is no such report. */
export function complaintOf(mail: ReadMail): Complaint | undefined {
  if (mail.feedbackReport === undefined) return undefined;
  const fields = new Map(reportGroups(mail.feedbackReport).flatMap((group) => [...group]));
  const type = (fields.get("feedback-type") ?? "").toLowerCase().slice(0, 40);
  if (!/^[a-z-]+$/.test(type)) return undefined;
  const recipient = typedValue(fields.get("original-rcpt-to")).replace(/^<|>$/g, "").toLowerCase().slice(0, 320);
  return { type, recipient, reporter: (fields.get("user-agent") ?? "").slice(0, 200) };
}

/** Whether it says that the mail was not wanted: the others are about the ways of mail (authentication failures), or take a complaint back. */
export function isUnwanted({ type }: Complaint): boolean {
  return ["abuse", "fraud", "virus", "other", "opt-out", "opt-out-list", "miscategorized"].includes(type);
}
