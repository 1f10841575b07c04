import { isMailbox, type Mailbox } from "../kernel/mailbox.ts";
import { attemptOfMessageId, attemptOfReturnPath, campaignOfReplyAddress, splitMailbox } from "./address.ts";
import { automaticBecause } from "./auto-reply.ts";
import { type Bounce, bounceOf, resultOfBounce } from "./bounce.ts";
import { complaintOf, isUnwanted } from "./complaint.ts";
import type { JudgedMail, MailConsequence, ReadMail } from "./inbox-ports.ts";
import { type OptOut, optOutIn } from "./opt-out.ts";
import { ownText } from "./reply.ts";

export interface JudgeOptions {
  /** Of the marks (src/email/mark.ts). */
  readonly key: string;
  /** The domains of our senders and return paths: nobody there is suppressed because of a mail. */
  readonly domains: readonly string[];
  /** Whether people write to us there: a sender's mailbox, or a reply address of one. Nobody there is answered. */
  readonly isOurs: (mailbox: string) => boolean;
}

/** Message-IDs of a returned mail are looked for in its head alone. */
const mostReturnedHead = 65_536;
const mostReferences = 50;
const returnPaths = /\bbounce\+[\w.]{1,60}@[\w.-]{1,255}/gi;

/** What a mail is, which attempt it belongs to, and what follows from it. Only a mark that we signed names an attempt: whatever else is claimed is kept and changes nothing. */
export function judgeMail(mail: ReadMail, options: JudgeOptions): JudgedMail {
  const campaignId = firstOf(mail.recipients, campaignOfReplyAddress);
  const complaint = complaintOf(mail);
  const bounce = complaint ? undefined : bounceOf(mail);
  const attemptId = markedAttempt(mail, options.key, complaint !== undefined || bounce !== undefined);
  const base = { ...(attemptId !== undefined && { attemptId }), ...(campaignId !== undefined && { campaignId }) };
  const isAnswer = Object.keys(base).length > 0;
  const ours = mail.recipients.find(options.isOurs);
  const to = { ...base, ...(ours !== undefined && { ours }) };
  if (complaint) {
    const unwanted = isUnwanted(complaint) && attemptId !== undefined;
    const consequences: readonly MailConsequence[] = unwanted ? [{ do: "move", result: "complained" }, { do: "suppress-person" }] : [];
    return { ...base, kind: "complaint", reason: `${complaint.type}${complaint.reporter === "" ? "" : `, by ${complaint.reporter}`}`, consequences };
  }
  if (bounce) {
    const { enhanced, reason } = bounce;
    const consequences = attemptId === undefined ? [] : consequencesOf(bounce);
    return { ...base, kind: "bounce", ...(enhanced !== "" && { enhanced }), reason: `${bounce.verdict}: ${reason}`, consequences };
  }
  const optOut = (reason: string, asked: OptOut): JudgedMail => ({
    ...to,
    kind: "opt-out",
    reason,
    consequences: optOutOf(mail, base, asked, options),
  });
  // Written by a mail program, whatever its text and its fields say.
  if (isAnswer && /^\s*unsubscribe\s*$/i.test(mail.subject)) return optOut("by the unsubscribe link of a mail program", { all: false, more: false });
  const automatic = automaticBecause(mail);
  if (automatic !== undefined) return { ...to, kind: "automatic", reason: automatic, consequences: [] };
  const asked = optOutIn(ownText(mail.text), mail.subject);
  if (asked) return optOut("the person asks for no more e-mails", asked);
  const hand = handed(mail, options);
  if (isAnswer) return { ...to, kind: "reply", reason: "a person answers", consequences: [{ do: "note-reply" }, ...hand] };
  return { ...to, kind: "other", reason: "it answers nothing that was sent from here", consequences: ours === undefined ? [] : hand };
}

/** By the return path it came to (VERP), else by the Message-ID of what it answers or brings back, else by our return path in what a report says: some servers give mails Message-IDs of their own. */
function markedAttempt({ recipients, references, ...report }: ReadMail, key: string, isReport: boolean): string | undefined {
  const byPath = firstOf(recipients, (recipient) => attemptOfReturnPath(key, recipient));
  if (byPath !== undefined) return byPath;
  const returned = isReport ? (report.returned ?? "").slice(0, mostReturnedHead) : "";
  const byId = firstOf([...messageIdsIn(returned), ...references].slice(0, mostReferences), (id) => attemptOfMessageId(key, id));
  if (byId !== undefined || !isReport) return byId;
  const said = `${report.feedbackReport ?? ""}\n${report.deliveryStatus ?? ""}\n${returned}`;
  return firstOf(said.match(returnPaths)?.slice(0, mostReferences) ?? [], (path) => attemptOfReturnPath(key, path));
}

function messageIdsIn(head: string): readonly string[] {
  return [...head.matchAll(/^Message-ID:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\s]{1,250}>)/gim)].map(([, id = ""]) => id);
}

function consequencesOf(bounce: Bounce): readonly MailConsequence[] {
  const result = resultOfBounce(bounce.verdict);
  if (result === undefined) return [];
  // The mailbox of the attempt, whatever the report names: else whoever has had one mail of ours could have anybody suppressed.
  return result === "bounced-hard" ? [{ do: "move", result }, { do: "suppress-address" }] : [{ do: "move", result }];
}

/** The mailbox it is from, and everything that is known of the person it had been written to. */
function optOutOf(
  mail: ReadMail,
  of: Pick<JudgedMail, "attemptId" | "campaignId">,
  { all, more }: OptOut,
  options: JudgeOptions,
): readonly MailConsequence[] {
  const { from } = mail;
  const mailbox = from === undefined ? undefined : foreign(from, options);
  return [
    { do: "note-reply" },
    ...(mailbox === undefined ? [] : [{ do: "suppress-mailbox" as const, mailbox }]),
    ...(of.attemptId === undefined && of.campaignId === undefined ? [] : [{ do: "suppress-person" as const, ...(all && { all }) }]),
    ...(more ? handed(mail, options) : []),
  ];
}

/** What seems to be from a sender of ours is not given to agents: their answers would come back to us. */
function handed({ from }: ReadMail, { isOurs }: JudgeOptions): readonly MailConsequence[] {
  return from !== undefined && !isOurs(from) ? [{ do: "hand" }] : [];
}

/** The mailbox, unless it is one of ours. */
function foreign(text: string, { domains }: JudgeOptions): Mailbox | undefined {
  if (!isMailbox(text)) return undefined;
  return domains.includes(splitMailbox(text)?.domain ?? "") ? undefined : text;
}

function firstOf<T>(values: readonly string[], find: (value: string) => T | undefined): T | undefined {
  for (const value of values) {
    const found = find(value);
    if (found !== undefined) return found;
  }
  return undefined;
}
