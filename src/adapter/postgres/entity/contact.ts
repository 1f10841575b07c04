import { defineEntity, p } from "@mikro-orm/core";
import { addressKinds } from "../../../contact/contact.ts";
import { belongsTo, identity } from "./identity.ts";

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
    listId: belongsTo(ListEntity, "list_id"),
    clientId: p.text().nullable(),
    timeZone: p.text().nullable(),
    fields: p.json<Record<string, string>>(),
  },
  indexes: [
    { name: "contact_list_id_id_index", properties: ["listId", "id"] },
    // Suppression by client id looks across lists.
    {
      name: "contact_client_id_index",
      expression: "create index contact_client_id_index on contact (client_id) where client_id is not null",
    },
  ],
  uniques: [{ name: "contact_list_id_client_id_unique", properties: ["listId", "clientId"] }],
});

/** One number or mailbox of a contact, tried in the order of `position` (from 0); numbers come before mailboxes. */
export const AddressEntity = defineEntity({
  name: "Address",
  tableName: "address",
  properties: {
    id: identity(),
    contactId: belongsTo(ContactEntity, "contact_id").deleteRule("cascade"),
    listId: p.bigint("string"),
    position: p.smallint(),
    kind: p.enum(addressKinds),
    /** E.164. Exactly one of these two. */
    number: p.text().nullable(),
    /** As kernel/mailbox.ts writes it. */
    mailbox: p.text().nullable(),
  },
  checks: [{ name: "address_what_check", expression: "num_nonnulls(number, mailbox) = 1 and (kind = 'email') = (mailbox is not null)" }],
  indexes: [
    { name: "address_number_index", properties: ["number"] },
    { name: "address_mailbox_index", expression: "create index address_mailbox_index on address (mailbox) where mailbox is not null" },
    {
      name: "address_first_mailbox_unique",
      expression: "create unique index address_first_mailbox_unique on address (list_id, mailbox) where position = 0 and mailbox is not null",
    },
    {
      name: "address_first_number_unique",
      expression: "create unique index address_first_number_unique on address (list_id, number) where position = 0",
    },
  ],
  uniques: [{ name: "address_contact_id_position_unique", properties: ["contactId", "position"] }],
});
