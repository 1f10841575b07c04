import { type MessageState, messageStates } from "../../sms/ports.ts";
import type { Delivered } from "./deliver-sm.ts";
import { printable, tag } from "./pdu.ts";

/** What a report of delivery says of the message. */
export interface ReceiptFacts {
  readonly remoteId?: string;
  readonly reference?: number;
  readonly state: MessageState;
  readonly error?: string;
  readonly doneAt?: number;
}

/** Message type bits of esm_class in a deliver_sm (SMPP 3.4 §5.2.12). */
const messageType = 0x3c;
const deliveryReceipt = 0x04;
const intermediateNotification = 0x20;

/**
 * The words of `stat:` (SMPP 3.4 Appendix B), cut to what tells them apart: SMSCs write UNDELIV, UNDELIVERED, UNDELIVRD, Delivered, EXPIRD, REJECT …
 */
const words: readonly (readonly [start: string, state: MessageState])[] = [
  ["UNDEL", "undeliverable"],
  ["FAIL", "undeliverable"],
  ["DELIV", "delivered"],
  ["DELVRD", "delivered"],
  ["DLVR", "delivered"],
  ["DELET", "deleted"],
  ["EXPI", "expired"],
  ["ACCEP", "accepted"],
  ["ACK", "accepted"],
  ["BUFF", "enroute"],
  ["ENROUTE", "enroute"],
  ["REJ", "rejected"],
  ["SKIP", "skipped"],
  ["SCHED", "scheduled"],
];

/** The whole form of Appendix B, from its beginning on. */
const form = /^\s*id:\S{1,65}\s+(?:sub:\d{1,4}\s+)?(?:dlvrd:\d{1,4}\s+)?submit date:\d{10,14}\s+done date:\d{10,14}\s+stat:[a-z]{4,13}\b/i;

/** How the reports of a bind are told from messages, and what their dates mean. */
export interface ReceiptRules {
  /** Of the clock that their dates are by. */
  readonly utcOffsetMinutes: number;
  /** Whether a text in the form of a report is one, though nothing else says so. */
  readonly unmarked: boolean;
}

/** Whether a text is written as reports are. */
export function isInFormOfReceipt({ dataCoding, text }: Pick<Delivered, "dataCoding" | "text">): boolean {
  return form.test(plain(text, dataCoding));
}

/** @returns undefined when it is no report but a message of somebody */
export function readReceipt(delivered: Delivered, { utcOffsetMinutes, unmarked }: ReceiptRules): ReceiptFacts | undefined {
  const { esmClass, dataCoding, text, tlvs } = delivered;
  const type = esmClass & messageType;
  // Some SMSCs leave esm_class 0 and say it by both parameters, which no message of a person has.
  const byParameters = tlvs.has(tag.receiptedMessageId) && tlvs.has(tag.messageState);
  const marked = type === deliveryReceipt || type === intermediateNotification || byParameters;
  if (!marked && !(unmarked && isInFormOfReceipt(delivered))) return undefined;

  // What was sent stands at the end and may say anything.
  const written = plain(text, dataCoding).split(/\btext\s*:/i)[0] ?? "";
  const remoteId = parameterText(tlvs.get(tag.receiptedMessageId)) || field(written, /\bid\s*[:=]\s*([^\s:=]{1,65})/i);
  const reference = tlvs.get(tag.userMessageReference);
  const doneAt = dateOf(field(written, /\bdone[ _-]?date\s*[:=]\s*(\d{10,14})/i), utcOffsetMinutes);
  const error = field(written, /\berr(?:or)?\s*[:=]\s*([^\s:=]{1,20})/i) || networkError(tlvs.get(tag.networkErrorCode));
  return {
    ...(remoteId !== "" && { remoteId }),
    ...(reference?.length === 2 && { reference: reference.readUInt16BE(0) }),
    state: stateOf(tlvs.get(tag.messageState), field(written, /\bstat(?:e|us)?\s*[:=]\s*([A-Za-z_ ]{2,20})/i), type === intermediateNotification),
    ...(error !== "" && { error }),
    ...(doneAt !== undefined && { doneAt }),
  };
}

function stateOf(parameter: Buffer | undefined, word: string, underWay: boolean): MessageState {
  const byNumber = parameter?.length === 1 ? messageStates[parameter[0] ?? -1] : undefined;
  if (byNumber !== undefined) return byNumber;
  const bare = word.toUpperCase().replace(/[_ ]/g, "");
  return words.find(([start]) => bare.startsWith(start))?.[1] ?? (underWay ? "enroute" : "unknown");
}

/** Reports are written in ASCII, or in the same as UCS-2. */
function plain(text: Buffer, dataCoding: number): string {
  if (dataCoding !== 8) return printable(text);
  const octets: number[] = [];
  for (let at = 0; at + 1 < text.length; at += 2) octets.push(text[at] === 0 ? (text[at + 1] ?? 0) : 0x3f);
  return printable(Uint8Array.from(octets));
}

function field(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[1]?.trim() ?? "";
}

function parameterText(value: Buffer | undefined): string {
  return value === undefined ? "" : printable(value.subarray(0, 65)).trim();
}

/** network_error_code (§5.3.2.31): what kind of network, and its code. */
function networkError(value: Buffer | undefined): string {
  return value?.length === 3 ? String(value.readUInt16BE(1)) : "";
}

/** YYMMDDhhmm, with seconds or without, or with a year of four digits. @returns epoch ms */
function dateOf(digits: string, utcOffsetMinutes: number): number | undefined {
  const long =
    digits.length === 14 || (digits.length === 12 && digits.startsWith("20") && Number(digits.slice(4, 6)) <= 12 && Number(digits.slice(2, 4)) > 12);
  const rest = long ? digits.slice(4) : digits.slice(2);
  const year = long ? Number(digits.slice(0, 4)) : 2000 + Number(digits.slice(0, 2));
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = (rest.match(/\d\d/g) ?? []).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second) - utcOffsetMinutes * 60_000;
}
