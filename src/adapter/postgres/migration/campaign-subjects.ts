import { Migration } from "@mikro-orm/migrations";

/** What campaigns are about, where laws count by subject. */
export class CampaignSubjects extends Migration {
  override up(): void {
    this.addSql(`alter table "campaign_safeguard" add column "subject" text null`);
  }
}
