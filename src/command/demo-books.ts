import { attemptOfMessageId } from "../email/address.ts";
import type { MailRecord, RefusedRecipient } from "../lab/mailbox/books.ts";
import type { DeliverEntry, SubmitEntry } from "../lab/smsc/sms-books.ts";

/* What the SMSC and the mail exchanger wrote down beside what we say of each message. */

/** A message of ours: an attempt, and what left. */
export interface SentMessage {
  readonly id: string;
  readonly channel: "sms" | "email";
  /** E.164, or a mailbox. */
  readonly address: string;
  readonly result: string | null;
  readonly reference: number | null;
}

export interface SmsBooksView {
  readonly submits: readonly SubmitEntry[];
  readonly delivers: readonly DeliverEntry[];
}

export interface MailBooksView {
  readonly mails: readonly MailRecord[];
  readonly refused: readonly RefusedRecipient[];
  readonly answers: readonly { readonly atMs: number; readonly kind: string; readonly to: string; readonly reply: string }[];
}

/** As the report says it, and as we do. Written apart from sms/outcome.ts, or both would err alike. */
const ends: Readonly<Record<string, string>> = {
  DELIVRD: "delivered",
  UNDELIV: "undelivered",
  EXPIRED: "expired",
  REJECTD: "rejected",
  DELETED: "undelivered",
};
/** Nothing was taken then. */
const notOut: readonly (string | null)[] = ["canceled", "bad-number", "rejected", "congestion", "carrier-fault", "bounced-hard", "bounced-soft"];

/** Text by text: whether the SMSC took it, once, for the same number, and what it reported of it. One line for each disagreement. */
export function compareTexts(messages: readonly SentMessage[], { submits, delivers }: SmsBooksView): readonly string[] {
  const faults: string[] = [];
  const taken = Map.groupBy(
    submits.filter(({ id }) => id !== ""),
    ({ reference }) => reference,
  );
  const reported = new Map<string, string>();
  for (const { kind, id, stat, status } of delivers) {
    const end = ends[stat];
    if (kind === "report" && status === 0 && end !== undefined && !reported.has(id)) reported.set(id, end);
  }
  for (const { id, address, result, reference } of messages.filter(({ channel }) => channel === "sms")) {
    const name = `text ${id} to ${address}`;
    const own = reference === null ? [] : (taken.get(reference) ?? []);
    taken.delete(reference);
    const [first] = own;
    if (!first) {
      if (!notOut.includes(result)) faults.push(`${name}: we say ${result ?? "nothing"}, the SMSC never took it`);
      continue;
    }
    const parts = first.part?.total ?? 1;
    if (own.length !== parts) faults.push(`${name}: taken ${own.length} times, of ${parts} parts`);
    if (`+${first.to}` !== address) faults.push(`${name}: the SMSC was asked for +${first.to}`);
    const end = reported.get(first.id) ?? "sent";
    if (result !== end) faults.push(`${name}: we say ${result ?? "nothing"}, the SMSC ${end}`);
  }
  for (const [reference, own] of taken) faults.push(`the SMSC took ${own.length} texts with reference ${reference}, which we know nothing of`);
  return faults;
}

/** Mail by mail, by its Message-ID: whether it was taken, once, for the same mailbox. */
export function compareMails(messages: readonly SentMessage[], { mails, refused }: MailBooksView, key: string): readonly string[] {
  const faults: string[] = [];
  const taken = Map.groupBy(
    mails.filter((mail) => mail.taken),
    ({ messageId = "" }) => attemptOfMessageId(key, messageId) ?? messageId,
  );
  for (const { id, address, result } of messages.filter(({ channel }) => channel === "email")) {
    const name = `mail ${id} to ${address}`;
    const own = taken.get(id) ?? [];
    taken.delete(id);
    if (own.length > 1) faults.push(`${name}: taken ${own.length} times`);
    if (own.some(({ to }) => to.length !== 1 || to[0] !== address)) faults.push(`${name}: taken for ${own[0]?.to.join(", ")}`);
    const says = own.length > 0 ? "took it" : refused.some(({ to }) => to === address) ? "refused it" : "never saw it";
    if (own.length > 0 ? notOut.includes(result) : !notOut.includes(result))
      faults.push(`${name}: we say ${result ?? "nothing"}, the mail exchanger ${says}`);
  }
  for (const [id, own] of taken) faults.push(`the mail exchanger took ${own.length} mails for "${id}", which we know nothing of`);
  return faults;
}
