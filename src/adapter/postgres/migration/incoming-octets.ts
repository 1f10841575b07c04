import { Migration } from "@mikro-orm/migrations";

/** Parts of long messages wait as the octets they came as: a character may be cut in two between them. */
export class IncomingOctets extends Migration {
  override up(): void {
    this.addSql(`delete from "incoming_part"`);
    this.addSql(`alter table "incoming_part" drop column "text", add column "text" bytea not null, add column "data_coding" smallint not null`);
  }
}
