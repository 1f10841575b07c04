import { Migration } from "@mikro-orm/migrations";

/** How far the starts of campaigns over long lists are. */
export class CampaignStarts extends Migration {
  override up(): void {
    this.addSql(
      `create table "campaign_start" ("campaign_id" bigint not null, "done" int not null, "total" int not null, "seen_at" timestamptz(3) not null, primary key ("campaign_id"))`,
    );
    this.addSql(
      `alter table "campaign_start" add constraint "campaign_start_campaign_id_foreign" foreign key ("campaign_id") references "campaign" ("id") on update cascade on delete cascade`,
    );
  }
}
