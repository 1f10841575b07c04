import type { Mailbox } from "../kernel/mailbox.ts";
import type { PhoneNumber } from "../kernel/phone.ts";

/** What a number is. `unknown` until somebody tells us better. */
export const numberKinds = ["mobile", "landline", "unknown"] as const;
export type NumberKind = (typeof numberKinds)[number];

/** What an address is: a number of some kind, or a mailbox. */
export const addressKinds = [...numberKinds, "email"] as const;
export type AddressKind = (typeof addressKinds)[number];

/** By what a person can be reached. */
export const reaches = ["voice", "sms", "email"] as const;
export type Reach = (typeof reaches)[number];

/** Whether an address of that kind serves: a number that is no landline may be written to. */
export function serves(reach: Reach, kind: AddressKind): boolean {
  return reach === "email" ? kind === "email" : reach === "sms" ? kind === "mobile" || kind === "unknown" : kind !== "email";
}

/** One way to reach a contact. */
export type Address = { readonly kind: NumberKind; readonly number: PhoneNumber } | { readonly kind: "email"; readonly mailbox: Mailbox };

/** A person on a list, as it comes out of an import row that could be used. */
export interface NewContact {
  /** The customer's own id of the person; unique within a list. Absent when the file has none. */
  readonly clientId?: string;
  /** IANA zone of the person, e.g. America/Chicago; absent when the file does not say. */
  readonly timeZone?: string;
  /** In the order in which they are to be tried, the numbers before the mailboxes; at least one, at most 10 of each. */
  readonly addresses: readonly Address[];
  /** Every other column, by its normalised name (lower case, _ for spaces). */
  readonly fields: Readonly<Record<string, string>>;
}
