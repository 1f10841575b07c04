import { Migration } from "@mikro-orm/migrations";

/** After which results a campaign calls again, and which attempts have put their contact back. */
export class Retries extends Migration {
  override up(): void {
    this.addSql(`alter table "campaign" add column "retries" jsonb null`);
    this.addSql(`alter table "attempt" add column "again_at" timestamptz(3) null`);
    this.addSql(`create index attempt_again_campaign_id_contact_id_index on attempt (campaign_id, contact_id) where again_at is not null`);
  }
}
