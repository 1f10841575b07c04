import { Migration } from "@mikro-orm/migrations";

/** Which starts of campaigns over long lists are taken up when their server dies: those of which somebody was told that they go on. */
export class PromisedStarts extends Migration {
  override up(): void {
    this.addSql(`alter table "campaign_start" add column "promised" boolean not null default false`);
  }
}
