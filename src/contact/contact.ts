import type { PhoneNumber } from "../kernel/phone.ts";

/** What an address is. `unknown` until somebody tells us better. */
export const addressKinds = ["mobile", "landline", "unknown"] as const;
export type AddressKind = (typeof addressKinds)[number];

/** One way to reach a contact. */
export interface Address {
  readonly kind: AddressKind;
  readonly number: PhoneNumber;
}

/** A person on a list, as it comes out of an import row that could be used. */
export interface NewContact {
  /** The customer's own id of the person; unique within a list. Absent when the file has none. */
  readonly clientId?: string;
  /** IANA zone of the person, e.g. America/Chicago; absent when the file does not say. */
  readonly timeZone?: string;
  /** In the order in which they are to be tried; at least one, at most 10. */
  readonly addresses: readonly Address[];
  /** Every other column, by its normalised name (lower case, _ for spaces). */
  readonly fields: Readonly<Record<string, string>>;
}
