import { Migration } from "@mikro-orm/migrations";

/** How many calls of a campaign are in flight at most: while that leaves room, a claim need not count them. Of campaigns that are there it is not known, and so they are counted first. */
export class PaceLines extends Migration {
  override up(): void {
    this.addSql(`alter table "pace" add column "lines_at_most" int not null default 2147483647`);
  }
}
