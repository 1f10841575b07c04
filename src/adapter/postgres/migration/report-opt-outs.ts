import { Migration } from "@mikro-orm/migrations";
import { endedSql, outcomesSql, wordColumns, words } from "./report-log.ts";

/**
 * The suppressions that e-mails bring are counted by their kind alone: what stands behind it is the far side's text, which names people. A mailbox that does not exist is no opt-out.
 */
export class ReportOptOuts extends Migration {
  override up(): void {
    this.addSql(`create or replace function count_suppression() returns trigger language plpgsql as $$
begin
  insert into report_word_delta (${wordColumns}) ${optOutsSql("rows_now")};
  return null;
end $$`);
    for (const table of ["report_word", "report_word_delta"]) this.addSql(`delete from ${table} where kind = 'opt-out'`);
    this.addSql(`insert into report_word_delta (${wordColumns}) ${optOutsSql("suppression")}`);
  }
}

/** @param rows suppressions */
function optOutsSql(rows: string): string {
  return `
select 'opt-out', coalesce(s.campaign_id, a.campaign_id, a.inbound_campaign_id, 0), coalesce(a.channel, case s.source when 'mail' then 'email' else 'voice' end), 0,
  s.how, '', date_bin('15 minutes', s.created_at, timestamptz 'epoch'), count(*)::int, 0::float8
from (
  select distinct source, campaign_id, attempt_id, created_at, case source when 'mail' then split_part(reason, ':', 1) else source end as how
  from ${rows} r where list_id is null and (source in ('attempt', 'agent') or source = 'mail' and reason not like 'bounce%')) s
left join attempt a on a.id = s.attempt_id group by 2, 3, 5, 7`;
}

/** From the log itself. */
export const wordsNowSql = [
  outcomesSql(endedSql("attempt", 1)),
  ...Object.entries({ ...words, suppression: optOutsSql }).map(([table, textOf]) => textOf(table)),
].join("\nunion all\n");
