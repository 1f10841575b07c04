import { attemptStates } from "../../../attempt/attempt.ts";
import { abandonedAtSql, abandonedPauseSql } from "./abandoned.ts";
import { noConsentToCallSql } from "./consented.ts";
import { dueSql, followedSql, followSql, keptAddressSql, nextCampaignSql } from "./follow-sql.ts";
import { cappedAttemptSql, cappedRefusalSql } from "./frequency-sql.ts";
import { clockSetBackSql, onTheLineSql, sameCampaignSql, suppressedSql, timeSql } from "./suppressed.ts";

const rank = (state: string) => `array_position(array['${attemptStates.join("','")}'], ${state})`;

/** Whether an agent is held for an attempt before it leaves: one whom they have dialled. */
const heldSql =
  "(select true from agent_desk d where d.attempt_id = a.id and d.state in ('reserved', 'ringing', 'talking') and not d.beside limit 1)";

/**
 * $1: [{id, at, call_id, dialog_id, media_server, endpoint_id, again}]; `again` for those that left before and never rang. Returns those that may go out; the others of them are ended. Lateral, so that no plan looks
 * for whatever is reserved first.
 */
export const beginSql = `
with r as (
  select id, ${timeSql("at")} as at, call_id, dialog_id, media_server, endpoint_id, again
  from json_to_recordset($1::json) as r(id bigint, at float8, call_id text, dialog_id text, media_server text, endpoint_id text, again boolean)
), asked as (
  select a.id, r.at, r.call_id, r.dialog_id, r.media_server, r.endpoint_id, a.campaign_id, a.contact_id, a.waited, ${keptAddressSql("a")} as kept_address, b.until as paused_until, k.until as capped_until,
    case
      when ${suppressedSql({ number: "a.address", clientId: "p.client_id", campaignId: "a.campaign_id", channel: "a.channel", at: "r.at" })} then 'suppressed'
      when not a.promised and ${noConsentToCallSql({ number: "a.address", clientId: "p.client_id", campaignId: "a.campaign_id", channel: "a.channel", at: "r.at" })} then 'no-consent'
      when c.state is distinct from 'running' and not (a.promised and c.state in ('stopping', 'stopped', 'finished')) then 'campaign ' || coalesce(c.state, 'unknown')
      when a.permit_until < r.at then 'permit ran out'
      when ${clockSetBackSql} then 'the clock was set back'
      when ${onTheLineSql({ number: "a.address", contactId: "a.contact_id" })} then 'on the line: the person has called'
      when b.until > r.at then 'abandoned before'
      else k.rule
    end as refused
  from r
  cross join lateral (select * from attempt where id = r.id and state = case when r.again then 'sending' else 'reserved' end and not orphaned for update) a
  left join lateral (select state, ${abandonedPauseSql("k")} as pause from campaign k where id = a.campaign_id offset 0) c on true
  left join lateral (
    select ${abandonedAtSql({ number: "a.address", contactId: "a.contact_id" })} + c.pause as until where c.pause is not null and ${heldSql} is null offset 0) b on true
  left join contact p on p.id = a.contact_id
  left join lateral (${cappedAttemptSql}) k on true
), sending as (
  update attempt a
  set state = 'sending', sending_at = q.at, call_id = q.call_id, transaction_id = null, dialog_id = q.dialog_id, media_server = q.media_server, endpoint_id = q.endpoint_id
  from asked q where a.id = q.id and q.refused is null returning a.id, a.permit_until
), withheld as (
  update attempt a set state = 'ended', result = 'canceled', reason = q.refused, ended_at = q.at from asked q where a.id = q.id and q.refused is not null
), logged as (
  insert into attempt_event (attempt_id, at, kind, detail)
  select id, at, 'ended', jsonb_build_object('result', 'canceled', 'reason', refused) from asked where refused is not null
), noted as (
  insert into refusal (campaign_id, contact_id, at, rule, retry_at)
  select campaign_id, contact_id, at, refused, null from asked where refused in ('suppressed', 'no-consent')
  union all select campaign_id, contact_id, at, 'abandoned-before', paused_until from asked where refused = 'abandoned before'
  union all select campaign_id, contact_id, at, refused, capped_until from asked where ${cappedRefusalSql}
), returned as (
  insert into work (contact_id, campaign_id, due_at, address_id)
  select contact_id, campaign_id, case when refused = 'abandoned before' then paused_until when ${cappedRefusalSql} then capped_until else at end, kept_address from asked where refused not in ('suppressed', 'no-consent') and waited
  on conflict do nothing
)
select id, permit_until from sending`;

/** Not when the channel itself puts the contact back; and of what another process has taken over only when that one knows no more than that it was interrupted. */
const recordedOnward = `case when r.result is not null and r.again is null and a.waited and (not a.orphaned or r.result = 'interrupted') then ${followSql("a", "r.result", "coalesce(r.outcome, a.outcome)")} end`;

/**
 * $1: one row per attempt; $2: its events in their order; $3: answers, written with the ending they came with. A row with a result ends the
 * attempt unless it is ended; only the one that ends it puts its contact back, and counts a live answer. An attempt that another process has taken over never does: nobody knows what
 * that one found.
 * Returns the attempts that were not written.
 */
export const recordSql = `
with r as (
  select * from json_to_recordset($1::json) as r(
    id bigint, state text, ringing float8, answered float8, call_id text, transaction_id text, dialog_id text, media_server text,
    endpoint_id text, outcome text, result text, reason text, sip_status smallint, q850 smallint, ended float8, again float8, live text, responded boolean)
), moved as (
  update attempt a set
    state = case when r.result is not null then 'ended' when ${rank("r.state")} > ${rank("a.state")} then r.state else a.state end,
    ringing_at = coalesce(a.ringing_at, ${timeSql("r.ringing")}),
    answered_at = coalesce(a.answered_at, ${timeSql("r.answered")}),
    call_id = coalesce(r.call_id, a.call_id),
    transaction_id = coalesce(r.transaction_id, a.transaction_id),
    dialog_id = coalesce(r.dialog_id, a.dialog_id),
    media_server = coalesce(r.media_server, a.media_server),
    endpoint_id = coalesce(r.endpoint_id, a.endpoint_id),
    outcome = case when a.state = 'ended' then coalesce(a.outcome, r.outcome) else coalesce(r.outcome, a.outcome) end,
    result = coalesce(a.result, r.result),
    reason = coalesce(a.reason, r.reason),
    sip_status = coalesce(a.sip_status, r.sip_status),
    q850 = coalesce(a.q850, r.q850),
    ended_at = coalesce(a.ended_at, ${timeSql("r.ended")}),
    again_at = coalesce(a.again_at, case when not a.orphaned and a.waited then ${timeSql("r.again")} end, ${dueSql(recordedOnward, timeSql("r.ended"))}),
    next_campaign_id = coalesce(a.next_campaign_id, ${nextCampaignSql(recordedOnward, "a")})
  from r
  where a.id = r.id and (a.state <> 'ended' or r.result is null) and (not a.orphaned or r.result is not null)
  returning a.id, a.campaign_id, a.contact_id, a.ended_at, a.ended_at as from_at, r.result, r.reason, r.live, r.responded,
    case when not a.orphaned and a.waited then ${timeSql("r.again")} end as back_at, ${keptAddressSql("a")} as kept_address, ${recordedOnward} as onward
), logged as (
  insert into attempt_event (attempt_id, at, kind, detail)
  select e.id, ${timeSql("e.at")}, e.kind, e.detail
  from rows from (json_to_recordset($2::json) as (id bigint, at float8, kind text, detail jsonb, ending boolean)) with ordinality as e(id, at, kind, detail, ending, position)
  join attempt a on a.id = e.id and (e.ending or not a.orphaned)
  order by e.position
), ended as (
  insert into attempt_event (attempt_id, at, kind, detail)
  select id, ended_at, 'ended', jsonb_build_object('result', result, 'reason', reason) from moved where result is not null
), returned as (
  insert into work (contact_id, campaign_id, due_at, address_id)
  select contact_id, campaign_id, back_at, kept_address from moved where result is not null and back_at is not null
  on conflict do nothing
), ${followedSql("moved")}, counted as (
  -- In one order, so that no two nodes wait for each other.
  insert into live_answer as l (campaign_id, span, from_at, answers, abandoned, machines)
  select m.campaign_id, s.span, date_bin(s.stretch, m.ended_at, to_timestamp(0)),
    count(*) filter (where m.live <> 'machine'), count(*) filter (where m.live = 'abandoned'), count(*) filter (where m.live = 'machine')
  from moved m cross join (values ('day', interval '5 min'), ('month', interval '1 hour')) s(span, stretch)
  where m.result is not null and m.live is not null and m.campaign_id is not null
    and (m.result <> 'interrupted' or (select mode in ('progressive', 'predictive') from campaign where id = m.campaign_id))
  group by 1, 2, 3 order by 1, 2, 3
  on conflict (campaign_id, span, from_at) do update
    set answers = l.answers + excluded.answers, abandoned = l.abandoned + excluded.abandoned, machines = l.machines + excluded.machines
), held as (
  insert into held_out (attempt_id, campaign_id, contact_id, at, responded)
  select id, campaign_id, contact_id, ended_at, responded from moved
  where result is not null and responded is not null and campaign_id is not null and contact_id is not null
  on conflict do nothing
), answered as (
  insert into answer (attempt_id, name, value, duration_ms, agreed)
  select n.id, n.name, n.value, n.duration, n.agreed
  from json_to_recordset($3::json) as n(id bigint, name text, value text, duration int, agreed boolean)
  join moved m on m.id = n.id and m.result is not null
  on conflict do nothing
)
select r.id, a.id is null as unknown from r left join attempt a on a.id = r.id where a.id is null or (a.orphaned and r.result is null)`;

/** Whom an opt-out covers: $1 is the attempt; the person, every other contact with the same client id, and whoever has one of the numbers or mailboxes. */
const coveredSql = `
with origin as (
  select a.id, coalesce(a.campaign_id, a.inbound_campaign_id) as campaign_id, a.contact_id, a.address, c.client_id
  from attempt a left join contact c on c.id = a.contact_id where a.id = $1
), numbers as (
  select address as number from origin where address like '+%'
  union select d.number from address d join origin o on d.contact_id = o.contact_id where d.number is not null
), mailboxes as (
  select address as mailbox from origin where address like '%@%'
  union select d.mailbox from address d join origin o on d.contact_id = o.contact_id where d.mailbox is not null
), covered as (
  select contact_id from origin
  union select d.contact_id from address d join numbers n on n.number = d.number
  union select d.contact_id from address d join mailboxes m on m.mailbox = d.mailbox
  union select c.id from contact c join origin o on c.client_id = o.client_id
)`;

/** Whether $4, the channels (null: every one), holds a channel. */
const coversSql = (channel: string) => `($4::text[] is null or ${channel} = any($4::text[]))`;

/**
 * $1 attempt, $2 epoch ms, $3 whether only its campaign, with all passes of its strategy, $4 the channels that are covered; null for every one. A message that is leaving cannot be taken back.
 * The people are an array, and nobody is asked what has ended, which the state says: or all that is unfinished may be read in place of what these people have.
 */
export const withdrawnSql = `
unsent as (
  update attempt a set state = 'ended', result = 'canceled', reason = 'suppressed', ended_at = ${timeSql("$2")}
  from origin o
  where ${coversSql("a.channel")} and a.contact_id = any(array(select contact_id from covered)) and a.state = 'reserved'
    and (not $3::boolean or ${sameCampaignSql("a.campaign_id", "o.campaign_id")})
    -- Messages of no campaign leave at once, and are asked about when they do; one may be the answer to what they wrote, that they are opted out.
    and not (a.channel <> 'voice' and a.campaign_id is null)
  returning a.id, a.campaign_id, a.contact_id
), unsent_event as (
  insert into attempt_event (attempt_id, at, kind, detail)
  select id, ${timeSql("$2")}, 'ended', '{"result": "canceled", "reason": "suppressed"}' from unsent
), ringing as (
  update attempt a set withdrawn = true
  from origin o
  where a.channel = 'voice' and ${coversSql("'voice'")} and a.contact_id = any(array(select contact_id from covered))
    and a.state in ('sending', 'ringing') and a.id <> o.id and (not $3::boolean or ${sameCampaignSql("a.campaign_id", "o.campaign_id")})
)`;

/** Whom a claim may still give: by the channel of their campaign. */
export const unqueuedSql = `
unqueued as (
  delete from work w using origin o, campaign c
  where c.id = w.campaign_id and ${coversSql("c.channel")}
    and w.contact_id in (select contact_id from covered) and (not $3::boolean or ${sameCampaignSql("w.campaign_id", "o.campaign_id")})
  returning w.campaign_id, w.contact_id
)`;

/**
 * Also $5 reason, $6 the event's detail, $7 the effect's key. Said again, it is not written again; but nobody it covers is left to be contacted. A number is kept for
 * the channels that use numbers, a mailbox for e-mail. No row when nobody is covered: of a caller who hides nothing is known that could be kept.
 */
export const suppressSql = `${coveredSql}, fresh as (
  insert into effect (attempt_id, key, kind, body, state, at, due_at)
  select id, $7, 'suppress', $6::jsonb, 'done', ${timeSql("$2")}, ${timeSql("$2")} from origin
  on conflict (attempt_id, key) do nothing
  returning attempt_id
), written as (
  insert into suppression (campaign_id, number, mailbox, client_id, channel, reason, source, attempt_id, created_at)
  select case when $3::boolean then o.campaign_id end, w.number, w.mailbox, w.client_id, ch.name, $5, 'attempt', o.id, ${timeSql("$2")}
  from origin o
  join fresh f on f.attempt_id = o.id
  cross join (
    select number, null as mailbox, null as client_id from numbers
    union all select null, mailbox, null from mailboxes
    union all select null, null, client_id from origin where client_id is not null) w
  cross join unnest(coalesce($4::text[], array[null::text])) as ch(name)
  where ch.name is null or w.client_id is not null or (ch.name = 'email') = (w.mailbox is not null)
), event as (
  insert into attempt_event (attempt_id, at, kind, detail) select attempt_id, ${timeSql("$2")}, 'suppress', $6::jsonb from fresh
), ${unqueuedSql}, ${withdrawnSql}, noted as (
  insert into refusal (campaign_id, contact_id, at, rule)
  select campaign_id, contact_id, ${timeSql("$2")}, 'suppressed' from unqueued
  union all select campaign_id, contact_id, ${timeSql("$2")}, 'suppressed' from unsent where campaign_id is not null
)
select id from origin where client_id is not null or exists (select from numbers) or exists (select from mailboxes)`;

/** The same people once more, for what was reserved while the suppression was on its way to being committed. */
export const withdrawSql = `${coveredSql}, ${withdrawnSql}, noted as (
  insert into refusal (campaign_id, contact_id, at, rule)
  select campaign_id, contact_id, ${timeSql("$2")}, 'suppressed' from unsent where campaign_id is not null
)
select id from origin`;

/** $1 ids, $2 epoch ms, $3 why. For attempts of which this process knows that nothing has left and nothing will: their contacts are due again. */
export const takeBackSql = `
with ended as (
  update attempt set state = 'ended', result = 'canceled', reason = $3, ended_at = ${timeSql("$2")}
  where id = any($1::bigint[]) and state in ('reserved', 'sending') and not orphaned
  returning id, campaign_id, contact_id, ended_at, waited, ${keptAddressSql("attempt")} as kept_address
), logged as (
  insert into attempt_event (attempt_id, at, kind, detail)
  select id, ended_at, 'ended', jsonb_build_object('result', 'canceled', 'reason', $3::text) from ended
)
insert into work (contact_id, campaign_id, due_at, address_id) select contact_id, campaign_id, ended_at, kept_address from ended where waited on conflict do nothing`;

/**
 * $1 attempt, $2 epoch ms, $3 key, $4 kind, $5 body, $6 due, $7 expires (epoch ms). One row when there is such an attempt. What is written already
 * is not written again.
 */
export const effectSql = `
with origin as (select id from attempt where id = $1),
fresh as (
  insert into effect (attempt_id, key, kind, body, state, at, due_at, expires_at)
  select id, $3, $4, $5::jsonb, 'pending', ${timeSql("$2")}, ${timeSql("$6")}, ${timeSql("$7")} from origin
  on conflict (attempt_id, key) do nothing
  returning attempt_id
), logged as (
  insert into attempt_event (attempt_id, at, kind, detail)
  select attempt_id, ${timeSql("$2")}, $4, jsonb_build_object('key', $3::text) from fresh
)
select id from origin`;

/** $1 attempt, $2 epoch ms. One row when it had been reserved by that time: in another database the same id is another attempt. */
export const reservedSql = `select id from attempt where id = $1 and reserved_at <= ${timeSql("$2")}`;
