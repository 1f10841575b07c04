import type { Mailbox } from "../kernel/mailbox.ts";

/*
 * What the room of e-mail wants of whoever takes mail in (IMAP, SMTP), reads it, and keeps it.
 */

/** A mail as it was taken in. */
export interface RawMail {
  /** Name of the inbox it came by. */
  readonly inbox: string;
  /** Epoch ms. */
  readonly at: number;
  /** The beginning of it, at most `mostReadOctets`. */
  readonly raw: Uint8Array;
  /** Octets in all. */
  readonly size: number;
  /** MAIL FROM, empty for the null sender, and RCPT TOs; left out where the mail was read out of a mailbox. */
  readonly envelope?: { readonly from: string; readonly to: readonly string[] };
}

/** Of a larger mail the rest (attachments) is not looked at: reports and the words of a person stand at the beginning. */
export const mostReadOctets = 1024 * 1024;

/** Something that hangs on a mail. Named, and never opened. */
export interface MailAttachment {
  /** As its sender calls it, on one line. */
  readonly filename: string;
  /** What its sender says it is, such as image/png. */
  readonly type: string;
  /** As far as it was read. */
  readonly octets: number;
}

/** A mail taken apart. Whatever it holds was written by somebody else. */
export interface ReadMail {
  /** With its angle brackets. */
  readonly messageId?: string;
  readonly from?: Mailbox;
  /** Empty: the null sender. Undefined: not known. */
  readonly returnPath?: string;
  /** Whom it reached: of the envelope, Delivered-To, X-Original-To, To, Cc; small letters. */
  readonly recipients: readonly string[];
  readonly subject: string;
  /** Message-IDs, the nearest first. */
  readonly references: readonly string[];
  /** First value of the fields that tell machines from people, by name in small letters. */
  readonly fields: Readonly<Record<string, string>>;
  /** Of a multipart/report (RFC 6522): its report-type. */
  readonly reportType?: string;
  /** What the person reads, at most `mostTextLength`. */
  readonly text: string;
  /** Of message/delivery-status (RFC 3464). */
  readonly deliveryStatus?: string;
  /** Of message/feedback-report (RFC 5965). */
  readonly feedbackReport?: string;
  /** The mail that comes back, or its header. */
  readonly returned?: string;
  /** At most `mostAttachments`. */
  readonly attachments: readonly MailAttachment[];
}

export const mostAttachments = 20;

export const mostTextLength = 65_536;

/** What cannot be taken apart has what could be read of it. @throws Fault `mail-reader` (retryable) when nothing can be read at the moment */
export type MailReader = (mail: RawMail) => Promise<ReadMail>;

/** What a mail is. */
export const mailKinds = ["bounce", "complaint", "automatic", "reply", "opt-out", "other"] as const;
export type MailKind = (typeof mailKinds)[number];

/** What to do because of a mail, besides keeping it. */
export type MailConsequence =
  /** A later report: moves `sent` and `interrupted` on, and nothing else. */
  | { readonly do: "move"; readonly result: "bounced-hard" | "bounced-soft" | "rejected" | "undelivered" | "delivered" | "complained" }
  /** No e-mail to the mailbox of the attempt any more. */
  | { readonly do: "suppress-address" }
  /** No e-mail to this mailbox any more. */
  | { readonly do: "suppress-mailbox"; readonly mailbox: Mailbox }
  /** No e-mail to the person of the attempt any more; `all`: and nothing on any other channel. */
  | { readonly do: "suppress-person"; readonly all?: boolean }
  /** The person has written back. */
  | { readonly do: "note-reply" }
  /** Agents answer it, where there is a group for it. */
  | { readonly do: "hand" };

/** What was made of a mail. */
export interface JudgedMail {
  readonly kind: MailKind;
  /** The attempt that its signed mark names. */
  readonly attemptId?: string;
  /** By the reply address it was sent to. */
  readonly campaignId?: string;
  /** The mailbox of ours that a person wrote to: a sender's, or a reply address. */
  readonly ours?: string;
  /** RFC 3463. */
  readonly enhanced?: string;
  /** Why it was judged so, for people. */
  readonly reason: string;
  readonly consequences: readonly MailConsequence[];
}

export interface IncomingMail extends RawMail {
  readonly read: ReadMail;
  readonly judged: JudgedMail;
  /** Name of the group whose agents answer it, where its campaign names none. */
  readonly agentGroup?: string;
}

export interface KeptMail {
  readonly id: string;
  /** The attempt it belongs to, when there is one: by its mark, or the latest one of the campaign to the mailbox it is from. */
  readonly attemptId?: string;
  /** Whether agents have it to answer. */
  readonly handed: boolean;
  /** The group that was to have it, and is not there. */
  readonly groupUnknown?: string;
}

/** Where incoming mails are kept. */
export interface MailStore {
  /**
   * Keeps a mail and does what follows from it, in one transaction.
   * @returns undefined when the mail had been kept before, and nothing was done
   * @throws Fault `database-unreachable` (retryable)
   */
  keep(mail: IncomingMail): Promise<KeptMail | undefined>;
  /** How far a mailbox has been read. */
  progress(inbox: string): Promise<MailboxProgress | undefined>;
  setProgress(inbox: string, progress: MailboxProgress): Promise<void>;
}

/** RFC 3501 §2.3.1.1: UIDs are good for as long as UIDVALIDITY stays. */
export interface MailboxProgress {
  readonly uidValidity: string;
  /** The last one that was kept. */
  readonly uid: number;
}

/** How an inbox is. */
export interface InboxState {
  readonly name: string;
  readonly up: boolean;
  readonly note?: string;
}

/** Keeps a mail. Resolves when it is committed; rejects when it is not, and then the mail is to be offered again. */
export type TakeMail = (mail: RawMail) => Promise<void>;
