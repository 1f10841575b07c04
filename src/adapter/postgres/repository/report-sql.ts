import { dueSql, followSql, goneOnInsteadSql, nextCampaignSql } from "./follow-sql.ts";
import { latestSql } from "./latest-sql.ts";
import { timeSql } from "./suppressed.ts";

/** How long a report may take at most: twice what SMSCs keep a message for. */
const longestReport = "interval '7 days'";

/**
 * $1: [{at, place, via, id, alternates, reference, to}]. Which message each report belongs to: by its id, by its id in the other notation where the number called is the
 * same, by our reference. Locks their attempts, so that reports of parts that come to several nodes at once are added up one after the other.
 */
export const matchSql = `
with r as (
  select * from json_to_recordset($1::json) as r(place int, at float8, via text, id text, alternates text[], reference int, "to" text)
)
select r.place, a.id::text as attempt_id, f.part, f.how, a.result = 'interrupted' as unknown,
  (select count(*)::int from message_part c where c.attempt_id = a.id) as known
from r cross join lateral (
  select * from (select p.attempt_id, p.part, 'id' as how from message_part p where p.via = r.via and p.remote_id = r.id ${latestSql("p.attempt_id")}) by_id
  union all
  select * from (
    select p.attempt_id, p.part, 'id' from message_part p join attempt x on x.id = p.attempt_id
    where p.via = r.via and p.remote_id = any(r.alternates) and x.address = r."to" ${latestSql("p.attempt_id")}) by_other
  union all
  select u.attempt_id, null, 'reference' from message_unresolved u join message m on m.attempt_id = u.attempt_id join attempt x on x.id = u.attempt_id
  where u.via = r.via and u.reference = r.reference and x.address = r."to" and m.submitted_at > ${timeSql("r.at")} - ${longestReport}
  limit 1
) f
join attempt a on a.id = f.attempt_id
where a.state = 'ended'
order by a.id
for update of a`;

/**
 * $1 via, $2 number, $3 epoch ms: the message a report without any id of ours belongs to, when there is exactly one it can be. Nothing while another one to that number is
 * on its way over that bind.
 */
export const onlyCandidateSql = `
select min(x.id)::text as attempt_id, coalesce(max(n.parts), 0)::int as known from attempt x
join message m on m.attempt_id = x.id
left join lateral (select count(*) as parts from message_part c where c.attempt_id = x.id) n on true
where x.address = $2 and m.via = $1 and m.submitted_at <= ${timeSql("$3")} and m.submitted_at > ${timeSql("$3")} - ${longestReport}
  and (x.ended_at is null or (select true from message_unresolved u where u.via = m.via and u.reference = m.reference and u.attempt_id = x.id))
having count(*) = 1 and bool_and(x.state = 'ended')`;

/** By the database's clock: whoever waits after a report that comes late waits from then on. */
const nowSql = timeSql("(extract(epoch from clock_timestamp()) * 1000)");

/** Lateral: when the contact of attempt `o` is due again by the retries of its campaign, if that did not come to an end well. @param failed null or the result it comes to */
const againSql = (failed: string) => `(
      select ${nowSql} + (c.retries->${failed}->>'afterS')::float8 * interval '1 s' as again_at
      from campaign c where ${failed} is not null and c.id = o.campaign_id and o.waited and o.again_at is null and c.state in ('running', 'paused') and c.retries ? ${failed}
        and (c.retries->${failed}->>'atMost')::int > (
          select count(*) from attempt e where e.campaign_id = o.campaign_id and e.contact_id = o.contact_id and e.again_at is not null and e.result = ${failed})
      offset 0)`;

/** Where attempt `o` leads when its report comes to a result, and where it had led to. */
const ledSql = (result: string) =>
  `case when o.waited then ${followSql("o", result)} end as onward, o.follows->o.result as led, ${nowSql} as from_at`;

/**
 * CTEs from `moved` on: attempts get the result that a report comes to, once, and what follows. @param reported the rows: attempt_id, result, why, again_at, onward, led, from_at
 * What was reported is kept with the part and nowhere else: there the first final state stands.
 * The attempts are looked up so that no index of results serves: by that one all messages without a report would be read for each batch of reports.
 */
const movedSql = (reported: string) => `moved as (
  update attempt a set result = x.result, reason = x.why,
    again_at = case when x.onward is null then coalesce(x.again_at, a.again_at) else ${dueSql("x.onward", "x.from_at")} end,
    next_campaign_id = case when x.onward is null then a.next_campaign_id else ${nextCampaignSql("x.onward", "a")} end
  from (${reported}) x
  where a.id = x.attempt_id and a.state = 'ended' and coalesce(a.result, '') in ('sent', 'interrupted')
  returning a.id, a.campaign_id, a.contact_id, a.result, x.again_at, x.onward, x.led, x.from_at
), returned as (
  insert into work (contact_id, campaign_id, due_at) select contact_id, campaign_id, again_at from moved where again_at is not null on conflict do nothing
), ${goneOnInsteadSql("moved")}`;

/**
 * Columns $1 to $7: place, at, via, id, state, result, error. The usual report, in one statement: the end of a message in one part, under the id that its SMSC gave it. Gives the places of those
 * that it was for, also when they said nothing new; the others are for `matchSql`. Each message once. Who writes the part moves the attempt: of two that come to two nodes at once
 * the first final state stands for both. Attempts are locked as by `matchSql`.
 */
export const wholeReportSql = `
with r as (
  select * from unnest($1::int[], $2::float8[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) as r(place, at, via, id, state, result, error)
), hit as materialized (
  select r.place, o.id, ${timeSql("r.at")} as at, r.state, r.result, r.error, case when r.result = 'delivered' then 'delivered' else concat_ws(' ', r.state, r.error) end as why,
    b.again_at, ${ledSql("r.result")}
  from r
  cross join lateral (select attempt_id, part from message_part where via = r.via and remote_id = r.id ${latestSql("attempt_id")}) p
  join message m on m.attempt_id = p.attempt_id and coalesce(m.parts, 1) = 1
  join attempt o on o.id = p.attempt_id and o.state = 'ended' and o.result <> 'interrupted'
  left join lateral ${againSql("nullif(r.result, 'delivered')")} b on true
  where p.part = 1
  order by o.id
  for update of o
), written as (
  update message_part p set state = h.state, result = h.result, error = h.error, reported_at = h.at
  from hit h where p.attempt_id = h.id and p.part = 1 and p.result is null
  returning p.attempt_id, h.result, h.why, h.again_at, h.onward, h.led, h.from_at
), ${movedSql("select * from written")}
select place from hit`;

/**
 * $1: [{id, part, via, remote_id, state, result, error, at}], each part once. The first final state of a part stands. A message is delivered when all its parts are, and is not as
 * soon as one of them is not; then it comes to the result of that one.
 */
export const reportSql = `
with r as (
  select * from json_to_recordset($1::json) as r(id bigint, part smallint, via text, remote_id text, state text, result text, error text, at float8, known boolean)
), written as (
  insert into message_part as p (attempt_id, part, via, remote_id, state, result, error, reported_at)
  select id, part, via, remote_id, state, result, error, ${timeSql("at")} from r
  on conflict (attempt_id, part) do update
    set state = excluded.state, result = excluded.result, error = excluded.error, reported_at = excluded.reported_at
    where p.result is null
  returning p.attempt_id, p.part, p.result, p.state, p.error
), parts as (
  select attempt_id, result, state, error from written
  union all
  select p.attempt_id, p.result, p.state, p.error from (select distinct id from r) d join message_part p on p.attempt_id = d.id
  where (p.attempt_id, p.part) not in (select attempt_id, part from written)
), totals as (
  select attempt_id, count(*) filter (where result = 'delivered') as delivered, min(result) filter (where result <> 'delivered') as failed,
    min(concat_ws(' ', state, error)) filter (where result <> 'delivered') as why
  from parts group by attempt_id
), ${movedSql(`
    select t.attempt_id, coalesce(t.failed, 'delivered') as result, coalesce(t.why, 'delivered') as why, b.again_at, ${ledSql("coalesce(t.failed, 'delivered')")}
    from totals t
    join message m on m.attempt_id = t.attempt_id
    join attempt o on o.id = t.attempt_id
    left join lateral ${againSql("t.failed")} b on true
    where t.failed is not null or t.delivered >= coalesce(m.parts, 1)`)}, resolved as (
  delete from message_unresolved u using (select distinct id from r where not known) d join message m on m.attempt_id = d.id
  where u.via = m.via and u.reference = m.reference and u.attempt_id = d.id
)
select id::text, result from moved`;

/** References of messages whose report is not to be expected any more. */
export const forgetReferencesSql = `
delete from message_unresolved u using message m, attempt a
where m.attempt_id = u.attempt_id and a.id = u.attempt_id and a.state = 'ended' and m.submitted_at < clock_timestamp() - ${longestReport}`;
