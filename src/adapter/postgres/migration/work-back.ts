import { Migration } from "@mikro-orm/migrations";

/** Who waits to be tried again, or for a time that was named: where they go first they are found without reading the list that waits with them. */
export class WorkBack extends Migration {
  override up(): void {
    this.addSql(`alter table "work" add column "back" boolean not null default false`);
    this.addSql(`create index work_back_index on work (campaign_id, due_at, contact_id) where back`);
  }
}
