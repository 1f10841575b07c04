import type { EmailTemplate } from "../template/ports.ts";
import { compileTemplate } from "../template/template.ts";
import { campaignOfReplyAddress, splitMailbox } from "./address.ts";
import type { MailThread } from "./form.ts";
import { answerSubject } from "./thread.ts";

interface OwnSender {
  readonly name: string;
  readonly mailbox: string;
  readonly replyDomain?: string;
}

/** Whether people write to one of these senders there: its own mailbox, or a campaign's reply address at its domain. Case does not matter. */
export function isOwnMailbox(mailbox: string, senders: readonly OwnSender[]): boolean {
  return senders.some((sender) => writtenTo(mailbox, sender));
}

/** Whom an answer is from, in words that were written to that mailbox of ours: the sender of its campaign where it is one of those. Undefined when it is no sender's any more. */
export function answeringSender<Sender extends OwnSender>(ours: string, senders: Iterable<Sender>, campaignSender?: string): Sender | undefined {
  const able = [...senders].filter((sender) => writtenTo(ours, sender));
  return able.find(({ name }) => name === campaignSender) ?? able[0];
}

/** What an answer stands in. @param answered the mail that it answers, where that is still known */
export function threadTo(ours: string, answered: { readonly subject: string; readonly thread: readonly string[] } | undefined): MailThread {
  const { subject = "", thread = [] } = answered ?? {};
  return {
    references: thread,
    ...(subject.trim() !== "" && { subject: answerSubject(subject) }),
    ...(campaignOfReplyAddress(ours) !== undefined && { replyTo: ours }),
  };
}

/** An agent's own words as a message. Nothing in them is a field. */
export function wordsTemplate(text: string): EmailTemplate {
  const written = text.replace(/[{}\\]/g, "\\$&");
  return {
    ...{ channel: "email", name: "", versionId: "0", version: 0, attachments: [] },
    subject: compileTemplate("Re:", "line"),
    text: compileTemplate(written, "text"),
  };
}

function writtenTo(mailbox: string, { mailbox: own, replyDomain }: OwnSender): boolean {
  const plain = mailbox.toLowerCase();
  return plain === own.toLowerCase() || (campaignOfReplyAddress(plain) !== undefined && splitMailbox(plain)?.domain === replyDomain);
}
