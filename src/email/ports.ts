/*
 * What the room of e-mail wants of whoever speaks SMTP (RFC 5321). Implemented by adapter/smtp, and driven against a mail exchanger on a socket.
 */

/** A message as it leaves. */
export interface Mail {
  /** The return path: MAIL FROM. */
  readonly from: string;
  /** One mailbox: RCPT TO. */
  readonly to: string;
  /** The whole message (RFC 5322): header, empty line, body; lines end in CRLF and none begins with a dot that is doubled already. */
  readonly raw: Uint8Array;
}

/** How far a transaction had come; `connection` stands for everything before MAIL FROM. */
export type SmtpStage = "connection" | "mail" | "rcpt" | "data" | "sent";

/** What became of a message. */
export type MailEnd =
  /** The next server has taken it. */
  | { readonly end: "accepted"; readonly response: string }
  /** It was answered, with a no. `code` 400 to 599; `enhanced` as `5.1.1` (RFC 3463) where the answer has it. */
  | { readonly end: "refused"; readonly stage: SmtpStage; readonly code: number; readonly enhanced?: string; readonly text: string }
  /** The connection was lost after the whole of it had been given away and before the answer: it may have been taken. */
  | { readonly end: "unknown"; readonly why: string }
  /** It never left. `connected`: a connection was there, and lost before the message was given away. */
  | { readonly end: "unsent"; readonly connected: boolean; readonly why: string };

/** Leave to send one message soon, within the limits of its pool and domain. To be used or given back. */
export interface MailPlace {
  /** Settles with what became of it; never rejects. */
  send(mail: Mail): Promise<MailEnd>;
  /** Nothing will be sent. */
  release(): void;
}

export interface PoolState {
  readonly name: string;
  /** False after a connection or a log-in has failed, until the next one succeeds. */
  readonly up: boolean;
  /** How many messages may be in hand for it at once, some seconds' worth where there is a rate; 0 while it is down or closing. */
  readonly capacity: number;
  /** Why it is not up, for people. */
  readonly note?: string;
}

/** Moments one after the other over all nodes, by one clock. */
export interface MailMoments {
  /**
   * Takes the next `count` moments of what has this name.
   * @param notBeforeMs from now
   * @returns in how many ms the first is, and how far they are apart
   */
  starts(name: string, perSecond: number, count: number, notBeforeMs: number): Promise<{ readonly firstInMs: number; readonly stepMs: number }>;
}

/** The servers that take our e-mail, each with its connections. */
export interface MailPools {
  readonly all: readonly PoolState[];
  /**
   * Waits for its turn.
   * @param pool by name
   * @param domain of the mailbox it goes to
   * @returns undefined when the pool is closing, is not there, or its turn does not come within `withinMs`
   */
  place(pool: string, domain: string, withinMs: number): Promise<MailPlace | undefined>;
  /** Messages per second that may go to that domain over the pool, where that is limited. */
  rate(pool: string, domain: string): number | undefined;
  /** Called when a pool came up or went down, and when a place was left. */
  onChange(listener: (pool: string) => void): void;
  /** No new ones; those under way get their time, then QUIT. */
  close(): Promise<void>;
}

/** What people follow. */
export interface ClickStore {
  /**
   * Somebody followed a link of that attempt's message. @param click `at` in epoch ms, `program` as it calls itself
   * @returns false when that link of it was followed before, or there is no such attempt
   */
  clicked(click: { readonly attemptId: string; readonly target: string; readonly at: number; readonly program: string }): Promise<boolean>;
}

/** Where mailboxes that are gone are kept, so that nobody writes to them again. */
export interface MailSuppression {
  /** The attempt's mailbox was refused for good. Said again, nothing more happens. @param at epoch ms */
  bounced(attemptId: string, at: number, reason: string): Promise<void>;
}
