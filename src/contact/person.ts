import type { CountryCode } from "libphonenumber-js/max";
import { type Static, Type } from "typebox";
import { readMailbox } from "../kernel/mailbox.ts";
import { pointerTo } from "../kernel/pointer.ts";
import { columnName, maxColumns, maxPhoneColumns } from "./columns.ts";
import { type Address, numberKinds } from "./contact.ts";
import { isZone, readNumber } from "./normalise.ts";
import { maxCellChars, maxClientIdChars } from "./row.ts";

const clientId = Type.String({ minLength: 1, maxLength: maxClientIdChars, description: "The customer's own id of the person; once on a list." });
const addresses = Type.Array(
  Type.Object(
    {
      number: Type.Optional(
        Type.String({ minLength: 1, maxLength: 50, description: "As people write it; without + it is of the configured country." }),
      ),
      kind: Type.Optional(Type.Enum([...numberKinds], { description: "Of a number whose kind its numbering plan does not tell." })),
      mailbox: Type.Optional(Type.String({ minLength: 1, maxLength: 320 })),
    },
    { additionalProperties: false, description: "A number or a mailbox." },
  ),
  { minItems: 1, maxItems: 2 * maxPhoneColumns, description: `In the order in which they are tried; at most ${maxPhoneColumns} of either sort.` },
);
const fieldText = Type.String({ maxLength: maxCellChars });

/** One person, as somebody adds them by themselves. */
export const newPersonSchema = Type.Object(
  {
    clientId: Type.Optional(clientId),
    timeZone: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: "IANA zone of the person." })),
    addresses,
    fields: Type.Optional(
      Type.Record(Type.String({ minLength: 1, maxLength: 200 }), fieldText, { description: "What scripts and templates may use." }),
    ),
    enter: Type.Optional(Type.Boolean({ description: "Whether they come into the campaigns that run on the list, which is usual." })),
  },
  { additionalProperties: false },
);

/** What becomes known of a person; what is not named stays. */
export const personChangeSchema = Type.Object(
  {
    timeZone: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 100 }), Type.Null()])),
    addresses: Type.Optional(addresses),
    fields: Type.Optional(
      Type.Record(Type.String({ minLength: 1, maxLength: 200 }), Type.Union([fieldText, Type.Null()]), { description: "Null takes a field away." }),
    ),
  },
  { additionalProperties: false },
);

export type NewPerson = Static<typeof newPersonSchema>;
export type PersonChange = Static<typeof personChangeSchema>;

/** What is wrong with one place of what was written. */
export interface PersonFault {
  /** JSON Pointer (RFC 6901). */
  readonly pointer: string;
  readonly message: string;
}

/** What was written of a person, in the form in which it is stored. Undefined is what was not named. */
export interface ReadPerson {
  readonly timeZone: string | null | undefined;
  readonly addresses: readonly Address[] | undefined;
  /** By normalised name; null takes it away. */
  readonly fields: Readonly<Record<string, string | null>>;
}

/** Reads what somebody has written of a person, or says all that is wrong with it. */
export function readPerson(written: PersonChange, country: CountryCode): ReadPerson | { readonly faults: readonly PersonFault[] } {
  const faults: PersonFault[] = [];
  const { timeZone } = written;
  if (typeof timeZone === "string" && !isZone(timeZone))
    faults.push({ pointer: "/timeZone", message: "is not a zone of the IANA database, such as America/Chicago" });
  const read = written.addresses?.flatMap((address, index) => {
    const found = readAddress(address, country);
    if (!("message" in found)) return [found];
    faults.push({ pointer: `/addresses/${index}/${found.at}`, message: found.message });
    return [];
  });
  // Numbers before mailboxes, as everywhere; each once.
  const sorted = [...new Map(read?.map((address) => [address.kind === "email" ? address.mailbox : address.number, address])).values()];
  sorted.sort((one, other) => Number(one.kind === "email") - Number(other.kind === "email"));
  const mailboxes = sorted.filter(({ kind }) => kind === "email").length;
  if (Math.max(mailboxes, sorted.length - mailboxes) > maxPhoneColumns)
    faults.push({ pointer: "/addresses", message: `holds more than ${maxPhoneColumns} numbers, or mailboxes` });
  const fields: Record<string, string | null> = {};
  for (const [text, value] of Object.entries(written.fields ?? {})) {
    const name = columnName(text);
    const pointer = pointerTo("/fields", text);
    if (name === "") faults.push({ pointer, message: "has a name without a letter or digit" });
    else if (name in fields) faults.push({ pointer, message: `is ${name}, as another one is` });
    else fields[name] = value === null ? null : value.replaceAll("\0", "").toWellFormed();
  }
  if (Object.keys(fields).length > maxColumns) faults.push({ pointer: "/fields", message: `are more than ${maxColumns}` });
  return faults.length > 0 ? { faults } : { timeZone, addresses: read && sorted, fields };
}

type Written = NewPerson["addresses"][number];

function readAddress({ number, kind, mailbox }: Written, country: CountryCode): Address | { readonly at: string; readonly message: string } {
  if ((number === undefined) === (mailbox === undefined)) return { at: "", message: "must have either a number or a mailbox" };
  if (mailbox !== undefined) {
    const read = readMailbox(mailbox.trim());
    return "reason" in read ? { at: "mailbox", message: read.reason } : { kind: "email", mailbox: read.mailbox };
  }
  const read = readNumber((number ?? "").trim(), country);
  if ("reason" in read) return { at: "number", message: read.reason };
  return { number: read.number, kind: read.kind === "unknown" ? (kind ?? "unknown") : read.kind };
}
