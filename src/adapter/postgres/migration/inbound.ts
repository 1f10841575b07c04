import { Migration } from "@mikro-orm/migrations";

/** Numbers of ours that may be called, and attempts that are calls from outside. */
export class Inbound extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = [
  `create table "own_number" ("number" text not null, "name" text not null, "campaign_id" bigint null, "script_id" bigint null, "message" text null, "created_at" timestamptz(3) not null, primary key ("number"))`,
  `alter table "own_number" add constraint "own_number_campaign_id_foreign" foreign key ("campaign_id") references "campaign" ("id") on delete set null`,
  `alter table "own_number" add constraint "own_number_script_id_foreign" foreign key ("script_id") references "script" ("id") on delete set null`,
  `create index "own_number_campaign_id_index" on "own_number" ("campaign_id")`,
  `alter table "campaign" add column "inbound_script_id" bigint null`,
  `alter table "campaign" add constraint "campaign_inbound_script_id_foreign" foreign key ("inbound_script_id") references "script" ("id") on delete set null`,
  `create index "campaign_caller_id_index" on "campaign" ("caller_id")`,
  `alter table "attempt" alter column "campaign_id" drop not null, alter column "contact_id" drop not null, alter column "address_id" drop not null`,
  `alter table "attempt" add column "called_number" text null, add column "inbound_campaign_id" bigint null`,
  `alter table "attempt" add constraint "attempt_inbound_check" check ((campaign_id is null) = (called_number is not null)) not valid`,
  `alter table "attempt" validate constraint "attempt_inbound_check"`,
  `create index attempt_inbound_campaign_id_id_index on attempt (inbound_campaign_id, id) where called_number is not null`,
  // Asked about everybody who is about to be called. Each says that its own column is not null: while few call, PostgreSQL would take either for both questions, and keep to
  // a plan that reads all of it.
  `create index attempt_inbound_unfinished_address_index on attempt (address) where address is not null and called_number is not null and ended_at is null`,
  `create index attempt_inbound_unfinished_contact_id_index on attempt (contact_id) where contact_id is not null and called_number is not null and ended_at is null`,
];
