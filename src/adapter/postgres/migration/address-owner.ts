import { Migration } from "@mikro-orm/migrations";

/** Addresses are written in the transaction that writes their contact, and no contact is ever deleted: to look for it once more for each of a million rows costs an import as much as an index. */
export class AddressOwner extends Migration {
  override up(): void {
    this.addSql(`alter table "address" drop constraint "address_contact_id_foreign"`);
  }
}
