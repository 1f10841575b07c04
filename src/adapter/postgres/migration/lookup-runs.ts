import { Migration } from "@mikro-orm/migrations";

/** Imports have their people looked up, passes name look-ups of their own, and it is known whether some server has a look-up still. */
export class LookupRuns extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = [
  `alter table "lookup" add column "seen_at" timestamptz(3) null`,
  `alter table "lookup_run" add column "people" int null, add column "last" bigint null, add column "chosen" boolean not null default false`,
  `alter table "lookup_run" drop constraint "lookup_run_state_check"`,
  `alter table "lookup_run" add constraint "lookup_run_state_check" check ("state" in ('running', 'done', 'canceled'))`,
  `create table "lookup_run_contact" ("run_id" bigint not null, "contact_id" bigint not null, primary key ("run_id", "contact_id"))`,
  `alter table "campaign" add column "lookups" text[] null`,
];
