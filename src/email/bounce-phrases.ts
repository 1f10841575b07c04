/** What a failure means for the mailbox. */
export type BounceVerdict =
  /** There is no such mailbox, and will be none. */
  | "hard"
  /** It cannot take mail now. */
  | "soft"
  /** Our mail, or our server, is not wanted there. */
  | "policy"
  /** It failed, and nothing is said about the mailbox. */
  | "other";

/*
 * How servers put it, beside or instead of an enhanced status. Short phrases of what Postfix, Exim, Sendmail, qmail, Exchange, Gmail, Yahoo, Outlook.com, Lotus Domino,
 * GMX, Mail.ru and others are known to say. The first that fits counts: what is about our mail comes before what is about the mailbox, since "rejected" stands in both.
 */
const phrases: readonly (readonly [BounceVerdict, RegExp])[] = [
  // Servers that ask ours whether the return path is there, and quote what they heard of it.
  ["policy", /\b(?:sender (?:address )?(?:rejected|verif(?:y|ication) failed)|(?:callout )?verification failed\b|invalid sender|anti-?spoof)/i],
  ["policy", /\b(?:spam|spamhaus|blacklist(?:ed)?|block ?list(?:ed)?|blocklist|dnsbl|rbl|poor reputation|low reputation|unsolicited|bulk mail)\b/i],
  ["policy", /\b(?:dmarc|spf|dkim)\b[^\n]{0,60}\b(?:fail|reject|policy|pass)/i],
  [
    "policy",
    /\b(?:policy (?:reasons|violation|rejection|restrictions?)|local policy|content (?:rejected|filter)|virus|administrative prohibition|message (?:was )?blocked|not authorized to send)\b/i,
  ],
  ["policy", /\b(?:relay(?:ing)? (?:access )?denied|relaying not permitted|unable to relay|access denied|banned sending ip)\b/i],
  [
    "soft",
    /\b(?:mailbox|quota|inbox|account|user|recipient|storage)\b[^\n]{0,40}\b(?:is full|full|over ?quota|exceeded|over its|out of (?:storage|space)|exceeds)/i,
  ],
  [
    "soft",
    /\b(?:over ?quota|quota exceeded|insufficient (?:disk|system) (?:space|storage)|mailbox size limit|not enough (?:storage|space)|exceed(?:s|ed)? (?:storage|disk|mailbox)|\w*QuotaExceeded\b)/i,
  ],
  [
    "soft",
    /\b(?:grey ?list|try again later|temporar(?:y|ily) (?:failure|unavailable|deferred|rejected|local)|too many (?:connections|messages|recipients)|rate limit|throttl|frequency limited|receiving mail (?:at a rate|too quickly))/i,
  ],
  [
    "soft",
    /\b(?:connection (?:timed out|refused|reset)|connect to [^\n]{1,200}timed out|delivery time expired|retry (?:time|timeout) exceeded|no longer retry|message (?:expired|too old))/i,
  ],
  ["soft", /\b(?:message (?:is )?too (?:large|big)|message size exceeds|exceeds (?:maximum|the) (?:message )?size)/i],
  [
    "hard",
    /\b(?:user|recipient|mailbox|account|address|addressee|alias)\b[^\n]{0,40}\b(?:unknown|not found|does ?n[o']t exist|no longer (?:exists|available|valid)|not exist|invalid|unavailable permanently)/i,
  ],
  [
    "hard",
    /\b(?:unknown|invalid|non-?existent|no such|nonexisting|undeliverable) (?:local[- ]part|user|recipient|mailbox|address|account|alias|person)/i,
  ],
  [
    "hard",
    /\b(?:user|recipient|mailbox|account)\b[^\n]{0,40}\b(?:disabled|inactive|suspended|deactivated|discontinued|closed|terminated|not listed|is not active)/i,
  ],
  [
    "hard",
    /\bno mailbox here by that name|\bdoes ?n[o']t have (?:a|an) [\w.-]{1,80} account|\bmailbox (?:is )?not available|\bnot a (?:valid|known) (?:user|recipient|mailbox)|\bno such (?:address|person)/i,
  ],
  [
    "hard",
    /\b(?:unrouteable|unroutable) address|\bhost (?:or domain name )?not found|\b(?:mail )?domain (?:not found|[^\s]{0,255} ?(?:does ?n[o']t|does not) exist)|\bunrouteable mail domain|\bpoint to non-existent hosts?|\bname or service not known|\bbad destination mailbox|\bnull mx/i,
  ],
  [
    "hard",
    /\bthe email account that you tried to reach|\bdirectory of known users|\bResolver\.ADR\.(?:Ex)?(?:RecipNotFound|RecipientNotFound)|\bnot our customer|\bunknown or illegal alias/i,
  ],
  [
    "hard",
    /Benutzer unbekannt|Empf(?:ä|ae)nger (?:unbekannt|existiert nicht)|utilisateur inconnu|adresse inconnue|usuario desconocido|no existe el usuario|utente sconosciuto/i,
  ],
  // RFC 5321 has the same words for "not now" (450) and "not there" (550).
  ["hard", /\b55\d\b[^\n]{0,40}\bmailbox unavailable/i],
  ["soft", /Postfach (?:ist )?voll|bo[iî]te (?:de r[ée]ception )?pleine|buz[óo]n (?:est[áa] )?lleno|casella piena/i],
];

/** What the words of a server mean; undefined when none of them is known. Reads the first 8000 characters. */
export function verdictOfWords(text: string): BounceVerdict | undefined {
  const read = text.slice(0, 8000);
  return phrases.find(([, phrase]) => phrase.test(read))?.[0];
}

/**
 * What an enhanced status means (RFC 3463 §3, with the IANA registry of enhanced status codes). Undefined for those that leave it open, as 5.0.0 does.
 */
export function verdictOfStatus(enhanced: string): BounceVerdict | undefined {
  const [kind, subject = "", detail = ""] = enhanced.split(".");
  if (kind === "4") return "soft";
  if (kind !== "5") return undefined;
  const code = `${Number(subject)}.${Number(detail)}`;
  // Bad destination mailbox, system, syntax, ambiguous, moved, null MX; disabled; no route to the host.
  if (["1.1", "1.2", "1.3", "1.4", "1.6", "1.10", "2.1", "4.4"].includes(code)) return "hard";
  // Full, too large for it, mailing list expansion; time expired, congestion, loop; system full, not accepting now.
  if (["2.2", "2.3", "3.1", "3.2", "3.4", "4.1", "4.2", "4.5", "4.7"].includes(code)) return "soft";
  // Sender's own address refused: nothing is wrong with theirs.
  if (["1.7", "1.8", "1.9"].includes(code)) return "policy";
  if (Number(subject) === 7) return "policy";
  return undefined;
}

/**
 * The verdict of a status and of the words beside it. A status that leaves nothing open counts, but for what servers are known to misuse: 5.1.1 and 5.2.1 for full mailboxes,
 * 5.7.1 for unknown ones, 5.4.1 (no answer from host) for those that Exchange Online does not know. There the words decide.
 * What says it is no temporary failure and no more is taken for a failure, never for proof that the mailbox is not there.
 */
export function verdictOf(enhanced: string, words: string): BounceVerdict {
  const [status, said] = [verdictOfStatus(enhanced), verdictOfWords(words)];
  if (enhanced === "5.4.1" && /\brecipient address rejected\b/i.test(words)) return "hard";
  if (status === undefined) return said ?? (/\b4[0-5]\d[ -]/.test(words) ? "soft" : "other");
  if (status === "policy" && said === "hard" && enhanced.startsWith("5.7")) return "hard";
  if (status === "hard" && (said === "soft" || said === "policy")) return said;
  return status;
}
