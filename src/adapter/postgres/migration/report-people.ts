import { Migration } from "@mikro-orm/migrations";
import { deltaColumns as columnsBefore, endedSql, outcomesSql, wordColumns } from "./report-log.ts";

/**
 * People who were reached are counted, each once in a campaign. Of calls that is whoever had not been reached by an earlier one of the campaign, which is asked of the log. Of messages
 * it is who got one of the campaign's own: nothing is asked, for a campaign does not write again to somebody whose message arrived, and what it answers to people is not its own. So it
 * costs messages nothing.
 */
export class ReportPeople extends Migration {
  override up(): void {
    this.addSql(`alter table "report_delta" add column "people" bigint null`);
    this.addSql(`alter table "report_count" add column "people" bigint not null default 0`);
    this.addSql(countedSql(latestSent));
    // What has been counted stays, and those of then are added.
    this.addSql(`insert into report_count as c (at, campaign_id, channel, inbound, via, people)
select at, campaign_id, channel, inbound, via, sum(people) from (${countsSql(rowsSql("attempt", 1), latestSent)}) t (${deltaColumns}) where people <> 0 group by 1, 2, 3, 4, 5
on conflict (at, campaign_id, channel, inbound, via) do update set people = c.people + excluded.people`);
  }
}

const latestSent = "order by e.id desc limit 1";
/** As `latestSql`, which may change. */
export const lastSent = "order by e.id + 0 desc limit 1";

export const deltaColumns = `${columnsBefore}, people`;

const quarter = (at: string) => `date_bin('15 minutes', ${at}, timestamptz 'epoch')`;
const campaign = (of: string) => `coalesce(${of}.campaign_id, ${of}.inbound_campaign_id, 0)`;

/** Seconds that a carrier charges for who charges a first stretch in any case, and further ones when they have begun. */
const charged = (first: number, further: number) => `(${first} + ceil(greatest(s.seconds - ${first}, 0) / ${further}) * ${further})::bigint`;
const chargedColumns = [charged(1, 1), charged(6, 6), charged(30, 6), charged(60, 1), charged(60, 60)]
  .map((text, at) => `case when s.seconds > 0 then ${text} else 0 end as c${at + 1}`)
  .join(", ");

const partsSql = (result: string, n: string, parts: string) =>
  `sum(case when ${result} in ('canceled', 'rejected', 'congestion', 'carrier-fault', 'bad-number') then 0 else ${n} * ${parts} end)`;

const byCall = "('human', 'machine-message', 'dropped')";
const byMessage = "('delivered', 'complained')";

/**
 * Of a call: whether it is the first of its campaign that reached its person. No index takes `is not distinct from`: the person's few attempts are read, whatever
 * is thought of tables that grew a moment ago; by campaign and result it would be everybody whom the campaign reached.
 */
const firstCall = `x.channel = 'voice' and x.result in ${byCall} and not exists (
  select from attempt e where e.contact_id = x.contact_id and e.campaign_id is not distinct from x.campaign_id and e.result in ${byCall} and (e.ended_at, e.id) < (x.ended_at, x.id))`;
const firstMessage = `x.channel <> 'voice' and x.result in ${byMessage}`;

/** @param rows attempts that ended, each with n: 1 for one more, -1 for one less. Over which trunk, bind or pool it went is asked of the log. */
const countsSql = (rows: string, latest: string) => `
select x.campaign_id, x.inbound, x.channel, coalesce(v.via, ''), ${quarter("x.ended_at")}, x.result, sum(x.n)::int,
  (sum(x.n) filter (where x.answered_at is not null))::int, sum(x.n * s.talk_ms)::bigint,
  sum(x.n * s.c1)::bigint, sum(x.n * s.c2)::bigint, sum(x.n * s.c3)::bigint, sum(x.n * s.c4)::bigint, sum(x.n * s.c5)::bigint,
  ${partsSql("x.result", "x.n", "v.parts")}::int,
  sum(case when not x.own then 0 when ${firstMessage} then x.n when ${firstCall} then x.n else 0 end)::int
from (${rows}) x
left join lateral (
  select e.detail->>'trunk' as via, 0 as parts from attempt_event e where x.channel = 'voice' and not x.inbound and e.attempt_id = x.id and e.kind = 'sent'
  ${latest}) w on true
left join lateral (select m.via, coalesce(m.parts, 1) as parts from message m where x.channel <> 'voice' and m.attempt_id = x.id) m on true
cross join lateral (select coalesce(w.via, m.via) as via, coalesce(m.parts, 0) as parts) v
cross join lateral (
  select s.talk_ms, ${chargedColumns}
  from (
    select coalesce(extract(epoch from greatest(x.ended_at - x.answered_at, interval '0')) * 1000, 0)::bigint as talk_ms,
      coalesce(extract(epoch from greatest(x.ended_at - x.answered_at, interval '0')), 0)::float8 as seconds) s) s
group by 1, 2, 3, 4, 5, 6`;

const rowsSql = (
  rows: string,
  n: number,
) => `select ${n} as n, a.id, ${campaign("a")} as campaign_id, a.called_number is not null as inbound, a.channel, a.contact_id,
  a.campaign_id is not null as own, a.answered_at, a.ended_at, a.result from ${rows} a where a.result is not null`;

/** What became another thing of each call in one statement; who is now what they were before is left out. */
const changedSql = `select id, campaign_id, inbound, channel, contact_id, own, answered_at, ended_at, result, sum(n)::int as n
  from (${rowsSql("rows_now", 1)} and a.channel = 'voice' union all ${rowsSql("rows_before", -1)} and a.channel = 'voice') y
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9 having sum(n) <> 0`;

const messageSql = (rows: string, n: number) =>
  `select ${n} as n, a.id, a.campaign_id, a.inbound_campaign_id, a.channel, a.ended_at, a.result from ${rows} a where a.result is not null and a.channel <> 'voice'`;

/** The same as `countsSql` of messages, and a third as dear: a statement ends many, thousands of times a minute. */
const messagesChangedSql = `
select ${campaign("x")}, false, x.channel, coalesce(m.via, ''), ${quarter("x.ended_at")}, x.result, sum(x.n),
  ${partsSql("x.result", "x.n", "coalesce(m.parts, case when m.via is null then 0 else 1 end)")},
  sum(case when x.campaign_id is not null and x.result in ${byMessage} then x.n else 0 end)
from (${messageSql("rows_now", 1)} union all ${messageSql("rows_before", -1)}) x left join message m on m.attempt_id = x.id
group by 1, 3, 4, 5, 6 having sum(x.n) <> 0`;

/** From the log itself. */
export const countsNowSql = countsSql(rowsSql("attempt", 1), lastSent);

/** The trigger's function. @param latest SQL: of the INVITEs of a call the last one */
export const countedSql = (latest: string): string => `create or replace function count_ended_attempts() returns trigger language plpgsql as $$
begin
  -- Most statements end nothing.
  if not exists (select from rows_now where result is not null) then return null; end if;
  if exists (select from rows_now where result is not null and channel <> 'voice') then
    insert into report_delta (campaign_id, inbound, channel, via, at, result, n, parts, people) ${messagesChangedSql};
  end if;
  if not exists (select from rows_now where result is not null and channel = 'voice') then return null; end if;
  insert into report_delta (${deltaColumns}) ${countsSql(changedSql, latest)}
  having sum(x.n) <> 0 or coalesce(sum(x.n) filter (where x.answered_at is not null), 0) <> 0 or sum(x.n * s.talk_ms) <> 0;
  if exists (select from rows_now where outcome is not null and result is not null) then
    insert into report_word_delta (${wordColumns}) ${outcomesSql(`${endedSql("rows_now", 1)} union all ${endedSql("rows_before", -1)}`)} having sum(n) <> 0;
  end if;
  return null;
end $$`;
