import { Migration } from "@mikro-orm/migrations";

/** Places whose hours a campaign keeps for everybody, wherever they are. */
export class CampaignLaws extends Migration {
  override up(): void {
    this.addSql(`alter table "campaign_safeguard" add column "laws" text[] null`);
  }
}
