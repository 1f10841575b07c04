import { Migration } from "@mikro-orm/migrations";

/** What a campaign does about machines that answer. */
export class CampaignAmd extends Migration {
  override up(): void {
    this.addSql(`alter table "campaign" add column "amd" jsonb null`);
  }
}
