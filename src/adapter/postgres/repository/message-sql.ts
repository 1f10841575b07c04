import { noConsentSql } from "./consented.ts";
import { dueSql, followedSql, followSql, keptAddressSql, nextCampaignSql } from "./follow-sql.ts";
import { cappedAttemptSql, cappedRefusalSql } from "./frequency-sql.ts";
import { clockSetBackSql, type Suppressible, suppressedSql, timeSql } from "./suppressed.ts";

const ofMessage = { clientId: "p.client_id", campaignId: "coalesce(a.campaign_id, a.inbound_campaign_id)", channel: "a.channel", at: "r.at" };
/** By the number it goes to, or the mailbox. */
const byAddressSql = (whether: (of: Suppressible) => string) =>
  `case when a.channel = 'email' then ${whether({ ...ofMessage, mailbox: "a.address" })} else ${whether({ ...ofMessage, number: "a.address" })} end`;

/** An answer to somebody who wrote to us: they get it whatever campaigns do, and also when what they wrote was that they want no more. */
const answerSql = "(a.promised and a.campaign_id is null)";

const takenSql = "(select true from message_unresolved u where u.via = r.via and u.reference = r.reference limit 1)";

/**
 * Columns $1 to $7: id, at (epoch ms), via, from, reference, text, parts. The second question to the gate, and the message's row. Returns those that may go out; the others
 * of them are ended. Lateral, so that no plan looks for whatever is reserved first. Nobody is locked for the question: whoever is not reserved any more when it is answered, because an
 * opt-out came meanwhile, is left as they are.
 */
export const beginMessageSql = `
with r as (
  select id, ${timeSql("at")} as at, via, "from", reference, "text", parts
  from unnest($1::bigint[], $2::float8[], $3::text[], $4::text[], $5::int[], $6::text[], $7::smallint[]) as r(id, at, via, "from", reference, "text", parts)
), asked as materialized (
  select a.id, r.at, r.via, r."from", r.reference, r."text", r.parts, ${keptAddressSql("a")} as kept_address,
    case
      when a.permit_until < r.at then 'permit ran out'
      when ${clockSetBackSql} then 'the clock was set back'
      when ${answerSql} then null
      when ${byAddressSql(suppressedSql)} then 'suppressed'
      when not a.promised and ${byAddressSql(noConsentSql)} then 'no-consent'
      when c.state is distinct from 'running' and not (a.promised and c.state in ('stopping', 'stopped', 'finished')) and a.campaign_id is not null
        then 'campaign ' || coalesce(c.state, 'unknown')
      when k.rule is not null then k.rule
      when r.reference is not null and ${takenSql} then 'its reference still waits for a report'
    end as refused, k.until as capped_until
  from r
  cross join lateral (select * from attempt where id = r.id and state = 'reserved' and not orphaned offset 0) a
  left join lateral (select state from campaign k where id = a.campaign_id offset 0) c on true
  left join contact p on p.id = a.contact_id
  left join lateral (${cappedAttemptSql}) k on true
), sending as (
  update attempt a set state = 'sending', sending_at = q.at from asked q
  where a.id = q.id and q.refused is null and a.state = 'reserved' and not a.orphaned
  returning a.id, a.permit_until, q.at, q.via, q."from", q.reference, q."text", q.parts
), written as (
  insert into message (attempt_id, via, from_address, reference, text, parts, submitted_at)
  select id, via, "from", reference, "text", parts, at from sending
), withheld as (
  update attempt a set state = 'ended', result = 'canceled', reason = q.refused, ended_at = q.at from asked q
  where a.id = q.id and q.refused is not null and a.state = 'reserved' and not a.orphaned
  returning a.id, a.campaign_id, a.contact_id, a.waited, q.at, q.refused, q.capped_until, q.kept_address
), logged as (
  insert into attempt_event (attempt_id, at, kind, detail)
  select id, at, 'ended', jsonb_build_object('result', 'canceled', 'reason', refused) from withheld
), noted as (
  insert into refusal (campaign_id, contact_id, at, rule, retry_at)
  select campaign_id, contact_id, at, refused, null from withheld where refused in ('suppressed', 'no-consent') and campaign_id is not null
  union all select campaign_id, contact_id, at, refused, capped_until from withheld where ${cappedRefusalSql}
), returned as (
  insert into work (contact_id, campaign_id, due_at, address_id)
  select contact_id, campaign_id, case when ${cappedRefusalSql} then capped_until else at end, kept_address
  from withheld where refused not in ('suppressed', 'no-consent') and waited
  on conflict do nothing
)
select id, (extract(epoch from permit_until) * 1000)::float8 as until from sending`;

/** What a report that was there before its message was written down comes to; null without one. */
const reportedSql = "case when r.state is not null then 'delivered' end";
/** Where it leads: by the report, or else by having been sent. */
const byReportSql = followSql("a", reportedSql);
const handedOnward = `case when r.again is null and a.waited then coalesce(case when r.state is not null then ${byReportSql} end, ${followSql("a", "r.result")}) end`;
/** From when on that counts: from the report by the database's clock, as for every report. */
const fromSql = `case when r.state is not null and ${byReportSql} is not null then clock_timestamp() else ${timeSql("r.at")} end`;

/**
 * Columns $1 to $8: id, at, result, reason, again, via and reference as they were begun with, and of a message in one part whose report was there by then, which said that it is
 * delivered, the state in it. Columns $9 to $15: of each part that the next server gave an id: attempt, number, via, that id, and of such a report state, error and time. Ends attempts; the first ending stands. The ids are kept in any case: an attempt that was taken over, and counts as
 * interrupted, is found by them when its report comes. Gives those whose report is written with them.
 */
export const handedSql = `
with r as (
  select id, at, result, reason, again, via, reference, state
  from unnest($1::bigint[], $2::float8[], $3::text[], $4::text[], $5::float8[], $6::text[], $7::int[], $8::text[]) as r(id, at, result, reason, again, via, reference, state)
), ended as (
  update attempt a set state = 'ended', result = coalesce(${reportedSql}, r.result), reason = coalesce(${reportedSql}, r.reason), ended_at = ${timeSql("r.at")},
    again_at = case when a.waited then coalesce(${timeSql("r.again")}, ${dueSql(handedOnward, fromSql)}) end,
    next_campaign_id = ${nextCampaignSql(handedOnward, "a")}
  from r where a.id = r.id and a.state in ('reserved', 'sending') and not a.orphaned
  returning a.id, a.campaign_id, a.contact_id, a.ended_at, ${fromSql} as from_at, r.result, r.reason, r.state is not null as reported,
    case when a.waited then ${timeSql("r.again")} end as back_at, ${keptAddressSql("a")} as kept_address, ${handedOnward} as onward
), taken as (
  insert into message_part (attempt_id, part, via, remote_id, state, result, error, reported_at)
  select id, part, via, remote_id, case when ends then state end, case when ends then 'delivered' end, case when ends then error end, case when ends then ${timeSql("reported")} end
  from (
    -- Not lateral: those ended would be read through for each part.
    select p.*, p.state is not null and p.id in (select id from ended) as ends
    from unnest($9::bigint[], $10::smallint[], $11::text[], $12::text[], $13::text[], $14::text[], $15::float8[]) as p(id, part, via, remote_id, state, error, reported)
    offset 0) p
  on conflict do nothing
), unresolved as (
  insert into message_unresolved (via, reference, attempt_id)
  select via, reference, id from r where result = 'interrupted' and via is not null and reference is not null order by via, reference on conflict do nothing
), resolved as (
  -- Of those that were unknown before: somebody else had taken them over, or their answer came late.
  delete from message_unresolved u using r
  where u.via = r.via and u.reference = r.reference and u.attempt_id = r.id and r.result <> 'interrupted' and r.id not in (select id from ended)
), logged as (
  insert into attempt_event (attempt_id, at, kind, detail)
  select id, ended_at, 'ended', jsonb_build_object('result', result, 'reason', reason) from ended where result <> 'sent'
), ${followedSql("ended")}, returned as (
  insert into work (contact_id, campaign_id, due_at, address_id)
  select contact_id, campaign_id, back_at, kept_address from ended where back_at is not null on conflict do nothing
)
select id from ended where reported`;
