import { Migration } from "@mikro-orm/migrations";

/** Ids of addresses say nothing but which is which: each connection takes a hundred of them at once, which an import notices. Those that it has left over are nobody's. */
export class AddressIds extends Migration {
  override up(): void {
    this.addSql(`alter sequence "address_id_seq" cache 100`);
  }
}
