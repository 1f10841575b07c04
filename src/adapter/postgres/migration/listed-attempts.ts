import { Migration } from "@mikro-orm/migrations";

/**
 * To end a message writes into no index of attempts any more: each of them got a second entry for it, because some tell what has ended from what has not, or its result, and that was a third of what it
 * took PostgreSQL to end one. What these tell is in columns of its own now, which the usual ending of a message leaves as they are. The table of attempts is written anew for it.
 */
export class ListedAttempts extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const of = (kind: string) => `create index attempt_${kind}`;

const statements = [
  // Where unfinished messages of a campaign are looked for from now on; while an index still knows them.
  `update pace set oldest_id = coalesce(
     (select a.id from attempt a where a.campaign_id = pace.campaign_id and a.ended_at is null order by a.campaign_id, a.id limit 1),
     (select a.id + 1 from attempt a where a.campaign_id = pace.campaign_id order by a.campaign_id desc, a.id desc limit 1), oldest_id)
   from campaign c where c.id = pace.campaign_id and c.channel <> 'voice'`,
  ...[
    "campaign_id_result_index",
    "inbound_unfinished_address_index",
    "inbound_unfinished_contact_id_index",
    "unfinished_index",
    "abandoned_address_ended_at_index",
    "abandoned_contact_id_ended_at_index",
  ].map((name) => `drop index "attempt_${name}"`),
  // In one statement: the table is written anew once.
  `alter table "attempt"
     add column "listed_unfinished" boolean null generated always as (case when channel = 'voice' or campaign_id is null then state <> 'ended' end) stored,
     add column "listed_result" text null generated always as (nullif(result, 'delivered')) stored,
     add column "abandoned_at" timestamptz(3) null generated always as (case when result = 'abandoned' then ended_at end) stored`,
  `${of("campaign_id_result_index")} on attempt (campaign_id, listed_result, id) where listed_result is not null`,
  `${of("inbound_unfinished_address_index")} on attempt (address) where address is not null and called_number is not null and listed_unfinished`,
  `${of("inbound_unfinished_contact_id_index")} on attempt (contact_id) where contact_id is not null and called_number is not null and listed_unfinished`,
  `${of("unfinished_index")} on attempt (campaign_id, id, node) where listed_unfinished and (campaign_id is not null or node is not null)`,
  `${of("abandoned_address_index")} on attempt (address, abandoned_at) where abandoned_at is not null`,
  `${of("abandoned_contact_id_index")} on attempt (contact_id, abandoned_at) where abandoned_at is not null`,
];
