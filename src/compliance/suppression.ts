import { type ChannelName, channelNames } from "../attempt/result.ts";
import { Fault } from "../kernel/fault.ts";
import { isMailbox } from "../kernel/mailbox.ts";
import { isPhoneNumber } from "../kernel/phone.ts";

/** `replace`: what is not in the file is ended. */
export const loadModes = ["append", "replace"] as const;
export type LoadMode = (typeof loadModes)[number];

/** By what somebody is known who must not be contacted: E.164, a mailbox as kernel/mailbox.ts writes it, or the customer's own id. */
export interface Whom {
  readonly kind: "number" | "mailbox" | "client-id";
  readonly value: string;
}

/** One entry of a file. */
export interface ListedWhom {
  readonly whom: Whom;
  /** Empty: that of the list. */
  readonly reason: string;
  /** Epoch ms; absent: it has no end. */
  readonly expiresAt?: number;
}

/** A list of whom nobody may contact. */
export interface SuppressionList {
  readonly id: string;
  readonly name: string;
  /** Which national list it is; absent for one of the account's own. */
  readonly kind?: string;
  /** Whether every campaign heeds it; otherwise those that name it. */
  readonly mandatory: boolean;
  /** None: every one. */
  readonly channels: readonly ChannelName[];
  /** Of entries that have none of their own. */
  readonly reason: string;
  /** Entries that nobody has ended. */
  readonly entries: number;
  readonly createdAt: number;
  readonly createdBy: string;
  /** What was loaded last. */
  readonly loaded?: { readonly at: number; readonly dated?: string; readonly file?: string; readonly mode: LoadMode };
}

export type NewSuppressionList = Pick<SuppressionList, "name" | "kind" | "mandatory" | "channels" | "reason">;

/** Why somebody must not be contacted: an opt-out, an entry of a list, or what somebody wrote. */
export interface Suppression {
  readonly id: string;
  readonly whom: Whom;
  /** Absent: every campaign. */
  readonly campaignId?: string;
  /** None: every one. */
  readonly channels: readonly ChannelName[];
  readonly reason: string;
  /** `attempt`, `agent`, `mail`, `admin`, `list`, or `moved`: an opt-out, to an address that the person got later. */
  readonly source: string;
  readonly attemptId?: string;
  /** Name of its list. */
  readonly list?: string;
  /** Whether every campaign heeds its list; absent where it is of none. */
  readonly mandatory?: boolean;
  readonly createdAt: number;
  readonly recordedBy?: string;
  /** Epoch ms; past when it has ended. */
  readonly expiresAt?: number;
  readonly endedBy?: string;
  readonly endedReason?: string;
}

export interface NewSuppression {
  readonly whom: Whom;
  readonly listId?: string;
  readonly campaignId?: string;
  /** Absent: every one. Of an entry of a list, those of the list. */
  readonly channel?: ChannelName;
  readonly reason: string;
  readonly expiresAt?: number;
}

const longestName = 100;
const longestReason = 500;
export const longestClientId = 200;

/** @throws Fault `suppression-invalid` */
export function checkSuppressionList({ name, reason, channels }: NewSuppressionList): void {
  if (!isLine(name, longestName)) throw invalid(`Give the list a name of 1 to ${longestName} characters, all of which can be printed.`);
  checkReason(reason);
  const unknown = channels.find((channel) => !channelNames.includes(channel));
  if (unknown !== undefined) throw invalid(`There is no channel ${unknown}; there are ${channelNames.join(", ")}.`);
}

/** @throws Fault `suppression-invalid` */
export function checkReason(reason: string): void {
  if (!isLine(reason, longestReason)) throw invalid(`Say why, in 1 to ${longestReason} characters, all of which can be printed.`);
}

/** @param now epoch ms @throws Fault `suppression-invalid` */
export function checkSuppression({ whom, listId, campaignId, channel, reason, expiresAt }: NewSuppression, now: number): void {
  checkWhom(whom);
  checkReason(reason);
  if (listId !== undefined && (campaignId !== undefined || channel !== undefined))
    throw invalid("An entry of a list has the list's channels and campaigns; leave campaign and channel out, or the list.");
  if (expiresAt !== undefined && !(expiresAt > now)) throw invalid("It would have ended already; let it end in the future, or leave the end out.");
}

/** @throws Fault `suppression-invalid` */
export function checkWhom({ kind, value }: Whom): void {
  if (kind === "number" && !isPhoneNumber(value)) throw invalid(`${shown(value)} is not a number in E.164 form, such as +12125550100.`);
  if (kind === "mailbox" && !isMailbox(value)) throw invalid(`${shown(value)} is not a mailbox such as ann@example.com, in small letters.`);
  if (kind === "client-id" && !isLine(value, longestClientId))
    throw invalid(`A client id has 1 to ${longestClientId} characters, all of which can be printed.`);
}

function isLine(text: string, longest: number): boolean {
  return text.trim() !== "" && text.length <= longest && !/\p{Cc}/u.test(text) && text.isWellFormed();
}

function shown(value: string): string {
  return value.length > 60 ? `${value.slice(0, 60)}…` : value;
}

function invalid(message: string): Fault {
  return new Fault("suppression-invalid", message);
}
