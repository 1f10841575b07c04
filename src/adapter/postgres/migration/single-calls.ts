import { Migration } from "@mikro-orm/migrations";

/** Calls that an agent asks for one by one, and what the agents of a campaign may do. */
export class SingleCalls extends Migration {
  override up(): void {
    this.addSql(
      `create table "campaign_desk" ("campaign_id" bigint not null, "rules" jsonb not null, "changed_at" timestamptz(3) not null, primary key ("campaign_id"))`,
    );
    // Constants, so that no row of a long table is written anew.
    this.addSql(`alter table "attempt" add column "waited" boolean not null default true`);
    this.addSql(`alter table "attempt" add column "promised" boolean not null default false`);
  }
}
