import { Migration } from "@mikro-orm/migrations";
import { charged, measured } from "./report-log.ts";

/**
 * Second legs that took a trunk, and what they come to in quarters of an hour. They are few, beside the calls to people: whoever ends one adds it up.
 */
export class SecondLegs extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

/** What is added up of each that was answered, as of calls to people. */
const sums = measured.filter((name) => name !== "parts");
export const countColumns = `at, campaign_id, trunk, kind, ${sums.join(", ")}`;

const chargedColumns = [charged(1, 1), charged(6, 6), charged(30, 6), charged(60, 1), charged(60, 60)]
  .map((text) => `sum(case when s.seconds > 0 then ${text} else 0 end)::bigint`)
  .join(", ");

/** @param rows second legs */
const countsSql = (rows: string) => `
select date_bin('15 minutes', x.ended_at, timestamptz 'epoch'), x.campaign_id, x.trunk, x.kind, count(*), sum(s.talk_ms)::bigint, ${chargedColumns}
from ${rows} x
cross join lateral (
  select (extract(epoch from greatest(x.ended_at - x.answered_at, interval '0')) * 1000)::bigint as talk_ms,
    extract(epoch from greatest(x.ended_at - x.answered_at, interval '0'))::float8 as seconds) s
where x.ended_at is not null and x.answered_at is not null
group by 1, 2, 3, 4`;

const addSql = (rows: string) => `
  insert into report_second_leg as r (${countColumns}) ${countsSql(rows)} order by 1, 2, 3, 4
  on conflict (at, campaign_id, trunk, kind) do update set ${sums.map((name) => `${name} = r.${name} + excluded.${name}`).join(", ")};`;

/** From the legs themselves. */
export const secondLegsNowSql = countsSql("second_leg");

const statements = [
  `create table "second_leg" ("dialog_id" text not null, "node" text not null, "incarnation" bigint not null, "trunk" text not null, "kind" text not null, "attempt_id" bigint null, "campaign_id" bigint not null, "began_at" timestamptz(3) not null, "answered_at" timestamptz(3) null, "ended_at" timestamptz(3) null, primary key ("dialog_id"))`,
  `alter table "second_leg" add constraint "second_leg_kind_check" check ("kind" in ('transfer', 'phone'))`,
  `alter table "second_leg" add constraint "second_leg_ended_check" check (ended_at is null or answered_at is not null)`,
  "create index second_leg_open_index on second_leg (node) where ended_at is null",
  `create table "report_second_leg" ("at" timestamptz(3) not null, "campaign_id" bigint not null, "trunk" text not null, "kind" text not null, ${sums.map((name) => `"${name}" bigint not null default 0`).join(", ")}, primary key ("at", "campaign_id", "trunk", "kind"))`,
  `create function count_second_leg() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then ${addSql("rows_now")}
  else ${addSql("(select n.* from rows_now n join rows_before b on b.dialog_id = n.dialog_id where b.ended_at is null)")}
  end if;
  return null;
end $$`,
  "create trigger second_leg_counted after insert on second_leg referencing new table as rows_now for each statement execute function count_second_leg()",
  "create trigger second_leg_ended_counted after update on second_leg referencing old table as rows_before new table as rows_now for each statement execute function count_second_leg()",
];
