import { Migration } from "@mikro-orm/migrations";

/**
 * Fewer indexes on what imports write, and each good for two things: found by number, mailbox or client id over all lists, and there once on a list. The
 * foreign key of contact's list goes: whoever writes contacts has the list locked in the same transaction, and asking again for each of a million rows takes as long as two indexes.
 */
export class ImportIndexes extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = [
  `create unique index address_number_unique on address (number, list_id, (case when position = 0 then 0 else contact_id end)) where number is not null`,
  `drop index "address_number_index"`,
  `drop index address_first_number_unique`,
  `create unique index address_mailbox_unique on address (mailbox, list_id, (case when position = 0 then 0 else contact_id end)) where mailbox is not null`,
  `drop index address_mailbox_index`,
  `drop index address_first_mailbox_unique`,
  `create unique index contact_client_id_unique on contact (client_id, list_id) where client_id is not null`,
  `drop index contact_client_id_index`,
  `alter table "contact" drop constraint "contact_list_id_client_id_unique"`,
  `alter table "contact" drop constraint "contact_list_id_foreign"`,
];
