import type { Result } from "../attempt/result.ts";
import type { MailEnd } from "./ports.ts";

/** What a refusal means for the attempt. */
export interface Refusal {
  readonly result: Result;
  /** Whether the mailbox is to be written to no more. */
  readonly hard: boolean;
}

/** Mailboxes that are not there, by the class and detail of RFC 3463 §3: no such mailbox, no such domain, bad syntax, moved without trace, disabled. */
const gone = /^5\.(1\.[0-36]|1\.10|2\.1|4\.4)$/;
/** Full, too large for it, or its system busy. */
const cannotNow = /^[45]\.(2\.[0-4]|3\.[14])$/;

/**
 * Says what a server's no comes to. What concerns us and not the mailbox (log-in, our address, our reputation) costs nobody their message:
 * it is put back where the campaign says so.
 */
export function readRefusal({ stage, code, enhanced }: Extract<MailEnd, { end: "refused" }>): Refusal {
  const told = (result: Result, hard = false): Refusal => ({ result, hard });
  if (code < 500) return told(enhanced !== undefined && /^4\.2\./.test(enhanced) ? "bounced-soft" : "congestion");
  if (stage === "connection" || stage === "mail") return told("carrier-fault");
  if (enhanced === undefined) {
    // RFC 5321 §4.2.3: 550 and 553 of a recipient speak of the mailbox; 552 of its room; after the message of what was in it.
    if (stage === "rcpt" && (code === 550 || code === 551 || code === 553)) return told("bounced-hard", true);
    return told(code === 552 ? "bounced-soft" : "rejected");
  }
  if (gone.test(enhanced)) return told("bounced-hard", true);
  if (cannotNow.test(enhanced)) return told("bounced-soft");
  return told(/^5\.7\./.test(enhanced) || stage !== "rcpt" ? "rejected" : "bounced-soft");
}
