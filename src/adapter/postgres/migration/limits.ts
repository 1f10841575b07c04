import { Migration } from "@mikro-orm/migrations";

/** What holds a campaign's limits over all nodes, and the answers that are kept for requests sent twice. */
export class Limits extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = [
  `create table "pace" ("campaign_id" bigint not null, "next_at" timestamptz(6) not null, "oldest_id" bigint not null, primary key ("campaign_id"))`,
  `insert into pace (campaign_id, next_at, oldest_id) select id, to_timestamp(0), 0 from campaign where state <> 'draft'`,
  // Written with every claim: room for the next version in the same page, so that each is a HOT update.
  `alter table "pace" set (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0)`,
  `drop index "attempt_unfinished_campaign_id_index"`,
  `create index attempt_unfinished_campaign_id_id_index on attempt (campaign_id, id) where ended_at is null`,
  `create table "kept_answer" ("api_key_id" bigint not null, "key" text not null, "request" text not null, "node" text not null, "incarnation" bigint not null, "asked_at" timestamptz(3) not null, "answer" jsonb null, primary key ("api_key_id", "key"))`,
  `create index "kept_answer_asked_at_index" on "kept_answer" ("asked_at")`,
];
