import { Migration } from "@mikro-orm/migrations";

/** How far each kind has been looked through: what was, is not read again. */
export class Retention extends Migration {
  override up(): void {
    this.addSql(`alter table "retention_tally" add column "place" bigint not null default 0`);
  }
}
