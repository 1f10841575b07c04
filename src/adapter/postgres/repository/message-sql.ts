import { suppressedSql, timeSql } from "./suppressed.ts";

const ofMessage = { clientId: "p.client_id", campaignId: "coalesce(a.campaign_id, a.inbound_campaign_id)", channel: "a.channel", at: "r.at" };
/** By the number it goes to, or the mailbox. */
const suppressedMessageSql = `case when a.channel = 'email' then ${suppressedSql({ ...ofMessage, mailbox: "a.address" })}
        else ${suppressedSql({ ...ofMessage, number: "a.address" })} end`;

/** An answer to somebody who wrote to us: they get it whatever campaigns do, and also when what they wrote was that they want no more. */
const answerSql = "(a.promised and a.campaign_id is null)";

/**
 * $1: [{id, at, via, from, reference, text, parts}]. The second question to the gate, and the message's row. Returns those that may go out; the others
 * of them are ended. Lateral, so that no plan looks for whatever is reserved first.
 */
export const beginMessageSql = `
with r as (
  select id, ${timeSql("at")} as at, via, "from", reference, "text", parts
  from json_to_recordset($1::json) as r(id bigint, at float8, via text, "from" text, reference int, "text" text, parts smallint)
), asked as (
  select a.id, r.at, r.via, r."from", r.reference, r."text", r.parts, a.campaign_id, a.contact_id, a.waited,
    case
      when a.permit_until < r.at then 'permit ran out'
      when ${answerSql} then null
      when ${suppressedMessageSql} then 'suppressed'
      when c.state is distinct from 'running' and not (a.promised and c.state in ('stopping', 'stopped', 'finished')) and a.campaign_id is not null
        then 'campaign ' || coalesce(c.state, 'unknown')
    end as refused
  from r
  cross join lateral (select * from attempt where id = r.id and state = 'reserved' and not orphaned for update) a
  left join lateral (select state from campaign k where id = a.campaign_id offset 0) c on true
  left join contact p on p.id = a.contact_id
), held as (
  insert into message_unresolved (via, reference, attempt_id)
  select via, reference, id from asked where refused is null and reference is not null order by via, reference
  on conflict do nothing returning attempt_id
), judged as (
  -- "not in" is looked up in a hash also where joins have to go by an index; the ids are never null.
  select q.*, case when q.refused is null and q.reference is not null and q.id not in (select attempt_id from held) then 'its reference still waits for a report' else q.refused end as no
  from asked q
), written as (
  insert into message (attempt_id, via, from_address, reference, text, parts, submitted_at)
  select id, via, "from", reference, "text", parts, at from judged where no is null
), sending as (
  update attempt a set state = 'sending', sending_at = q.at from judged q where a.id = q.id and q.no is null returning a.id, a.permit_until
), withheld as (
  update attempt a set state = 'ended', result = 'canceled', reason = q.no, ended_at = q.at from judged q where a.id = q.id and q.no is not null
), logged as (
  insert into attempt_event (attempt_id, at, kind, detail)
  select id, at, 'ended', jsonb_build_object('result', 'canceled', 'reason', no) from judged where no is not null
), noted as (
  insert into refusal (campaign_id, contact_id, at, rule, retry_at)
  select campaign_id, contact_id, at, 'suppressed', null from judged where no = 'suppressed' and campaign_id is not null
), returned as (
  insert into work (contact_id, campaign_id, due_at) select contact_id, campaign_id, at from judged where no is not null and no <> 'suppressed' and waited
  on conflict do nothing
)
select id, permit_until from sending`;

/**
 * $1: [{id, at, result, reason, again, ids}]. Ends attempts; the first ending stands. The ids that the next server gave are kept in any case: an attempt that was
 * taken over, and counts as interrupted, is found by them when its report comes.
 */
export const handedSql = `
with r as (
  select * from json_to_recordset($1::json) as r(id bigint, at float8, result text, reason text, again float8, ids text[])
), ended as (
  update attempt a set state = 'ended', result = r.result, reason = r.reason, ended_at = ${timeSql("r.at")},
    again_at = case when a.waited then ${timeSql("r.again")} end
  from r where a.id = r.id and a.state in ('reserved', 'sending') and not a.orphaned
  returning a.id, a.campaign_id, a.contact_id, a.ended_at, a.again_at, r.result, r.reason
), taken as (
  insert into message_part (attempt_id, part, via, remote_id)
  select m.attempt_id, i.part, m.via, i.id
  from r cross join lateral unnest(r.ids) with ordinality as i(id, part) join message m on m.attempt_id = r.id where i.id <> ''
  on conflict do nothing
), resolved as (
  delete from message_unresolved u using r join message m on m.attempt_id = r.id
  where u.via = m.via and u.reference = m.reference and u.attempt_id = r.id and r.result <> 'interrupted'
), logged as (
  insert into attempt_event (attempt_id, at, kind, detail)
  select id, ended_at, 'ended', jsonb_build_object('result', result, 'reason', reason) from ended where result <> 'sent'
)
insert into work (contact_id, campaign_id, due_at) select contact_id, campaign_id, again_at from ended where again_at is not null on conflict do nothing`;

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
  select * from (select p.attempt_id, p.part, 'id' as how from message_part p where p.via = r.via and p.remote_id = r.id order by p.attempt_id desc limit 1) by_id
  union all
  select * from (
    select p.attempt_id, p.part, 'id' from message_part p join attempt x on x.id = p.attempt_id
    where p.via = r.via and p.remote_id = any(r.alternates) and x.address = r."to" order by p.attempt_id desc limit 1) by_other
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
select min(u.attempt_id)::text as attempt_id, coalesce(max(n.parts), 0)::int as known from message_unresolved u
join message m on m.attempt_id = u.attempt_id join attempt x on x.id = u.attempt_id
left join lateral (select count(*) as parts from message_part c where c.attempt_id = x.id) n on true
where u.via = $1 and x.address = $2 and m.submitted_at <= ${timeSql("$3")} and m.submitted_at > ${timeSql("$3")} - ${longestReport}
having count(*) = 1 and bool_and(x.state = 'ended')`;

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
  returning p.attempt_id, p.part, p.result, p.state, p.error, p.reported_at
), parts as (
  select attempt_id, result, state, error, reported_at from written
  union all
  select p.attempt_id, p.result, p.state, p.error, p.reported_at from (select distinct id from r) d join message_part p on p.attempt_id = d.id
  where (p.attempt_id, p.part) not in (select attempt_id, part from written)
), totals as (
  select attempt_id, count(*) filter (where result = 'delivered') as delivered, min(result) filter (where result <> 'delivered') as failed,
    min(concat_ws(' ', state, error)) filter (where result <> 'delivered') as why, max(reported_at) as at
  from parts group by attempt_id
), moved as (
  update attempt a set result = x.result, reason = x.why, again_at = x.again_at
  from (
    select t.attempt_id, t.at, coalesce(t.failed, 'delivered') as result, coalesce(t.why, 'delivered') as why, b.again_at
    from totals t
    join message m on m.attempt_id = t.attempt_id
    join attempt o on o.id = t.attempt_id
    left join lateral (
      select ${timeSql("(extract(epoch from clock_timestamp()) * 1000)")} + (c.retries->t.failed->>'afterS')::float8 * interval '1 s' as again_at
      from campaign c where c.id = o.campaign_id and o.waited and o.again_at is null and c.state in ('running', 'paused') and c.retries ? t.failed
        and (c.retries->t.failed->>'atMost')::int > (
          select count(*) from attempt e where e.campaign_id = o.campaign_id and e.contact_id = o.contact_id and e.again_at is not null and e.result = t.failed)
      offset 0) b on true
    where t.failed is not null or t.delivered >= coalesce(m.parts, 1)
  ) x
  -- Written so that no index of results serves: by that one all messages without a report would be read for each batch of reports.
  where a.id = x.attempt_id and a.state = 'ended' and coalesce(a.result, '') in ('sent', 'interrupted')
  returning a.id, a.campaign_id, a.contact_id, x.at, a.result, a.reason, a.again_at
), logged as (
  insert into attempt_event (attempt_id, at, kind, detail) select id, at, 'report', jsonb_build_object('result', result, 'reason', reason) from moved
), resolved as (
  delete from message_unresolved u using (select distinct id from r where not known) d join message m on m.attempt_id = d.id
  where u.via = m.via and u.reference = m.reference and u.attempt_id = d.id
), returned as (
  insert into work (contact_id, campaign_id, due_at) select contact_id, campaign_id, again_at from moved where again_at is not null on conflict do nothing
)
select id::text, result from moved`;

/** References of messages whose report is not to be expected any more. */
export const forgetReferencesSql = `
delete from message_unresolved u using message m, attempt a
where m.attempt_id = u.attempt_id and a.id = u.attempt_id and a.state = 'ended' and m.submitted_at < clock_timestamp() - ${longestReport}`;
