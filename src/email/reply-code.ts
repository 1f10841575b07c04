import type { Result } from "../attempt/result.ts";
import { verdictOf, verdictOfStatus } from "./bounce-phrases.ts";
import type { MailEnd } from "./ports.ts";

/** What a refusal means for the attempt. */
export interface Refusal {
  readonly result: Result;
  /** Whether the mailbox is to be written to no more. */
  readonly hard: boolean;
}

/** What a refusal of the whole message says about whose fault it is: words that are about it, and not about the mailbox. */
const aboutTheMessage = /\b(?:header|sender|from|content|attachment|body)\b/i;

/**
 * Says what a server's no comes to: as a report of it would be judged, and where that says nothing by its code. What concerns us and not the mailbox (log-in,
 * our address, our reputation) costs nobody their message: it is put back where the campaign says so.
 */
export function readRefusal({ stage, code, enhanced, text }: Extract<MailEnd, { end: "refused" }>): Refusal {
  const told = (result: Result, hard = false): Refusal => ({ result, hard });
  // Other 4.2.x are also said of whoever is not known yet (greylisting), or sends too much.
  if (code < 500) return told(enhanced === "4.2.2" ? "bounced-soft" : "congestion");
  if (stage === "connection" || stage === "mail") return told("carrier-fault");
  const verdict = verdictOf(enhanced ?? "", text);
  if (verdict === "soft") return told("bounced-soft");
  if (verdict === "policy") return told("rejected");
  if (verdict === "hard") {
    const certain = stage === "rcpt" || (enhanced !== undefined && verdictOfStatus(enhanced) === "hard") || !aboutTheMessage.test(text);
    return certain ? told("bounced-hard", true) : told("rejected");
  }
  if (stage !== "rcpt") return told(code === 552 ? "bounced-soft" : "rejected");
  if (enhanced !== undefined) return told("bounced-soft");
  // RFC 5321 §4.2.3: 550 and 553 of a recipient speak of the mailbox; 552 of its room.
  if (code === 550 || code === 551 || code === 553) return told("bounced-hard", true);
  return told(code === 552 ? "bounced-soft" : "rejected");
}
