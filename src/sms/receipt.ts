import type { Result } from "../attempt/result.ts";
import type { BindOptions } from "./options.ts";
import type { MessageState, Receipt } from "./ports.ts";

/** A report of delivery, read: which ids its message may have, and what it comes to. */
export interface ReadReceipt {
  readonly receipt: Receipt;
  /** The id in the form in which ids are compared; undefined when it has none. */
  readonly id: string | undefined;
  /** The same number in other notations: good only for a message to the same number. */
  readonly alternates: readonly string[];
  /** Undefined while nothing is decided. */
  readonly result: Result | undefined;
}

/**
 * The end that each state is (SMPP 3.4 §5.2.28). `accepted` is a final state by the book ("manually read on behalf of the subscriber"); carriers send it on the way
 * for what they have taken over, and never after that, so it decides nothing. Neither does `unknown`.
 */
const ends: Readonly<Partial<Record<MessageState, Result>>> = {
  delivered: "delivered",
  expired: "expired",
  deleted: "undelivered",
  undeliverable: "undelivered",
  rejected: "rejected",
  skipped: "undelivered",
};

/** Longer than any id (65 octets, SMPP 3.4 §5.3.2.12). */
const longestId = 100;
/** A number of 64 bits and a little more, in either notation: longer ones are no numbers. */
const longestNumber = 24;

/** An id as it is stored and looked for: capitals and leading zeros tell nothing apart. */
export function comparableId(id: string): string {
  return id
    .trim()
    .slice(0, longestId)
    .toLowerCase()
    .replace(/^0+(?=.)/, "");
}

/** @param messageIds how the bind writes ids in reports */
export function readReceipt(receipt: Receipt, messageIds: BindOptions["messageIds"]): ReadReceipt {
  const { remoteId, state } = receipt;
  const result = ends[state];
  if (remoteId === undefined || remoteId.trim() === "") return { receipt, id: undefined, alternates: [], result };
  const same = comparableId(remoteId);
  const asHex = inHex(same);
  const asDecimal = inDecimal(same);
  const meant = (messageIds === "decimal-receipts" ? asHex : messageIds === "hex-receipts" ? asDecimal : same) ?? same;
  const others = new Set([same, asHex, asDecimal].filter((id) => id !== undefined));
  others.delete(meant);
  return { receipt, id: meant, alternates: [...others], result };
}

function inHex(decimal: string): string | undefined {
  return /^\d+$/.test(decimal) && decimal.length <= longestNumber ? BigInt(decimal).toString(16) : undefined;
}

function inDecimal(hex: string): string | undefined {
  return /^[0-9a-f]+$/.test(hex) && hex.length <= longestNumber ? BigInt(`0x${hex}`).toString() : undefined;
}
