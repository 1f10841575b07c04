import type { Result } from "../attempt/result.ts";
import { verdictOf, verdictOfStatus } from "./bounce-phrases.ts";
import type { MailEnd } from "./ports.ts";

/** What a refusal means for the attempt. */
export interface Refusal {
  readonly result: Result;
  /** Whether the mailbox is to be written to no more. */
  readonly hard: boolean;
  /** It would be said of every message: it is about our sender, or how we are set up. */
  readonly standing: boolean;
}

/** Words of our own mail server about us: we have not logged in, may not relay or send as that, or have sent as much as we may. */
const aboutUs = new RegExp(
  [
    "relay(?:ing)? (?:access )?(?:is )?(?:not (?:permitted|allowed)|denied|prohibited)|unable to relay|not (?:permitted|allowed) to (?:relay|send)|rcpthosts",
    "authentication (?:is )?required|smtp auth|not authenticated|unauthenticated senders?|starttls|(?:tls|encryption) (?:is )?required",
    "(?:sending|outgoing|outbound) (?:quota|limit)|(?:daily|hourly) (?:sending )?(?:quota|limit)|max(?:imum)? (?:emails|messages|credits)\\b[^\\n]{0,20}(?:exceed|per)|exceeded the max",
    "(?:address|domain|identit(?:y|ies)|sender)\\b[^\\n]{0,30}\\b(?:is |are )?not (?:been )?verified|verified sender|sender (?:is )?not (?:allowed|authori[sz]ed)|sender'?s account|your account|not owned by user",
  ]
    .map((words) => `\\b(?:${words})`)
    .join("|"),
  "i",
);
/** What a refusal of the whole message says about whose fault it is: words that are about it, and not about the mailbox. */
const aboutTheMessage = /\b(?:header|sender|from|content|attachment|body)\b/i;

/**
 * Says what a server's no comes to: as a report of it would be judged, and where that says nothing by its code. What concerns us and not the mailbox (log-in,
 * our address, our reputation) costs nobody their message: it is put back where the campaign says so.
 */
export function readRefusal({ stage, code, enhanced, text }: Extract<MailEnd, { end: "refused" }>): Refusal {
  const told = (result: Result, hard = false, standing = stage === "mail"): Refusal => ({ result, hard, standing });
  // Other 4.2.x are also said of whoever is not known yet (greylisting), or sends too much.
  if (code < 500) return told(enhanced === "4.2.2" ? "bounced-soft" : "congestion");
  if (stage === "connection" || stage === "mail") return told("carrier-fault");
  // RFC 4954 §6: 530 wants a log-in, 535 says that it was wrong.
  if (code === 530 || code === 535 || aboutUs.test(text)) return told("carrier-fault", false, true);
  const verdict = verdictOf(enhanced ?? "", text);
  if (verdict === "soft") return told("bounced-soft");
  if (verdict === "policy") return told("rejected");
  if (verdict === "hard") {
    const certain = stage === "rcpt" || (enhanced !== undefined && verdictOfStatus(enhanced) === "hard") || !aboutTheMessage.test(text);
    return certain ? told("bounced-hard", true) : told("rejected");
  }
  if (stage !== "rcpt") return told(code === 552 ? "bounced-soft" : "rejected");
  if (enhanced !== undefined) return told("bounced-soft");
  // RFC 5321 §4.2.3: 550 and 553 of a recipient speak of the mailbox; 552 of its room. Beside words that nobody knows they may speak of us as well, and nobody is suppressed for that.
  const bare = !/[a-z]{2}/i.test(text.replace(/<[^>]*>|\S+@\S+/g, ""));
  if (bare && (code === 550 || code === 551 || code === 553)) return told("bounced-hard", true);
  return told(code === 552 ? "bounced-soft" : "rejected");
}
