import { Migration } from "@mikro-orm/migrations";

/** Lines that people who are on the line wait for, which go before those of new calls on every node. */
export class TrunkNeed extends Migration {
  override up(): void {
    this.addSql(`alter table "trunk_line" add column "needed" int not null default 0`);
  }
}
