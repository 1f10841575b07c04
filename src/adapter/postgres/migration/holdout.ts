import { Migration } from "@mikro-orm/migrations";

/** Machines that were heard, those of them that were given to agents to learn how many are people, and what agents said they were. */
export class Holdout extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = [
  `alter table "live_answer" add column "machines" int not null default 0`,
  `alter table "disposition" add column "answered_by" text null`,
  `create table "held_out" ("attempt_id" bigint not null, "campaign_id" bigint not null, "contact_id" bigint not null, "at" timestamptz(3) not null, "responded" boolean not null, primary key ("attempt_id"))`,
  `create index "held_out_campaign_id_at_index" on "held_out" ("campaign_id", "at")`,
];
