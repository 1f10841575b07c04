import { defineEntity, p } from "@mikro-orm/core";
import { addressKinds } from "../../../contact/contact.ts";
import { identity } from "./identity.ts";

/** A contact list. `contacts` and `columns` (names of the fields its people have) are kept by the imports. */
export const ListEntity = defineEntity({
  name: "List",
  tableName: "list",
  properties: {
    id: identity(),
    name: p.text().unique("list_name_unique"),
    contacts: p.integer().default(0),
    columns: p.array().nullable(),
    createdAt: p.datetime(3),
  },
});

/** A person on a list. */
export const ContactEntity = defineEntity({
  name: "Contact",
  tableName: "contact",
  properties: {
    id: identity(),
    /** Null when they have left it. No foreign key: whoever writes contacts has the list locked. */
    listId: p.bigint("string").nullable(),
    clientId: p.text().nullable(),
    timeZone: p.text().nullable(),
    /** Not jsonb: it is written by the million, read as a whole, and seldom changed; to take it apart while it is written takes longer than the rest of the row. */
    fields: p.json<Record<string, string>>().columnType("json"),
  },
  indexes: [
    { name: "contact_list_id_id_index", properties: ["listId", "id"] },
    // Suppression by client id looks across lists.
    {
      name: "contact_client_id_unique",
      expression: "create unique index contact_client_id_unique on contact (client_id, list_id) where client_id is not null",
    },
  ],
});

/** One number or mailbox of a contact, tried in the order of `position` (from 0); numbers come before mailboxes. */
export const AddressEntity = defineEntity({
  name: "Address",
  tableName: "address",
  properties: {
    /** Of no two the same, from its sequence; without an index, for who asks by it knows whose it is. */
    id: p.bigint("string").autoincrement().generated("by default as identity"),
    /** No foreign key: they are written together, and contacts are never deleted. */
    contactId: p.bigint("string").primary().autoincrement(false),
    listId: p.bigint("string").nullable(),
    position: p.smallint().primary(),
    kind: p.enum(addressKinds),
    /** E.164. Exactly one of these two. */
    number: p.text().nullable(),
    /** As kernel/mailbox.ts writes it. */
    mailbox: p.text().nullable(),
  },
  checks: [{ name: "address_what_check", expression: "num_nonnulls(number, mailbox) = 1 and (kind = 'email') = (mailbox is not null)" }],
  indexes: [
    // Whose number it is, over all lists; and as the first of a contact once on a list.
    {
      name: "address_number_unique",
      expression:
        "create unique index address_number_unique on address (number, list_id, (case when position = 0 then 0 else contact_id end)) where number is not null",
    },
    {
      name: "address_mailbox_unique",
      expression:
        "create unique index address_mailbox_unique on address (mailbox, list_id, (case when position = 0 then 0 else contact_id end)) where mailbox is not null",
    },
  ],
});
