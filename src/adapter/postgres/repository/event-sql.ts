import { reachingResults } from "../../../strategy/event-ports.ts";
import { latestSql } from "./latest-sql.ts";
import { timeSql } from "./suppressed.ts";

/** $1 name, $2 key, $3 client id, $4 address, $5 amount, $6 currency, $7 channel, $8 occurred, $9 received (epoch ms). No row when the key is known. */
export const keepEventSql = `
insert into event (name, key, client_id, address, amount, currency, channel, occurred_at, received_at)
values ($1, $2, $3, $4, $5, $6, $7, ${timeSql("$8")}, ${timeSql("$9")}) on conflict (key) do nothing returning id::text`;

/** $1 key. */
export const keptEventSql = `select id::text, name, client_id as "clientId", address from event where key = $1`;

const shownEventSql = `
select id::text, name, key, client_id as "clientId", address, amount::float8, currency, channel,
  (extract(epoch from occurred_at) * 1000)::float8 as "occurredAt", (extract(epoch from received_at) * 1000)::float8 as "receivedAt"
from event`;

/** $1 after which, $2 how many. */
export const eventsSql = `${shownEventSql} where id > $1 order by event.id limit $2`;

/** $1 event. */
export const eventSql = `${shownEventSql} where id = $1`;

/** $1 event. */
export const deedsSql = `
select contact_id::text as "contactId", strategy_campaign_id::text as "strategyCampaignId", campaign_id::text as "campaignId", attempt_id::text as "attemptId"
from event_contact where event_id = $1 order by id`;

/** $1 client id, $2 address, $3 how many at most. */
export const aboutSql = `
select id::text from (
  select id from contact where client_id = $1
  union select contact_id from address where number = $2
  union select contact_id from address where mailbox = $2) about
order by about.id limit $3`;

/** $1 contacts, $2 occurred (epoch ms), $3 channel or null, $4 how long before at most (ms). To which attempt the event is put down. */
export const attributedSql = `
select given.id::text as "contactId", l.id::text as "attemptId"
from unnest($1::bigint[]) as given(id)
cross join lateral (
  select a.id from attempt a
  where a.contact_id = given.id and a.result in ('${reachingResults.join("', '")}') and ($3::text is null or a.channel = $3)
    and a.reserved_at <= ${timeSql("$2")} and a.reserved_at > ${timeSql("$2")} - $4::float8 * interval '1 ms'
  ${latestSql("a.id")}) l`;

/** $1 contacts: the strategy campaigns that run on their lists. */
export const strategiesOfSql = `
select g.id::text, g.strategy_version_id::text as "versionId", p.contacts from (
  select c.list_id, array_agg(c.id::text order by c.id) as contacts from unnest($1::bigint[]) as given(id) join contact c on c.id = given.id group by c.list_id) p
join strategy_campaign g on g.list_id = p.list_id
where exists (select from campaign k where k.strategy_campaign_id = g.id and k.state in ('running', 'paused'))
order by g.id`;

/**
 * $1 strategy campaign, $2 contacts, $3 epoch ms. Attempts first: whoever ends one holds it while it writes to the work table. One row for each attempt that it found something to do about.
 * A message that is leaving cannot be taken back; but nothing follows from it.
 */
export const withdrawForEventSql = `
with passes as materialized (
  select id from campaign where strategy_campaign_id = $1
), unsent as (
  update attempt a set state = 'ended', result = 'canceled', reason = 'event', ended_at = ${timeSql("$3")}, waited = false, follows = '{}'
  where a.contact_id = any($2::bigint[]) and a.campaign_id in (select id from passes) and a.state = 'reserved'
  returning a.id, a.campaign_id, a.contact_id
), unsent_event as (
  insert into attempt_event (attempt_id, at, kind, detail)
  select id, ${timeSql("$3")}, 'ended', '{"result": "canceled", "reason": "event"}' from unsent
), noted as (
  insert into refusal (campaign_id, contact_id, at, rule) select campaign_id, contact_id, ${timeSql("$3")}, 'event' from unsent
), left_already as (
  update attempt a set follows = '{}', waited = false,
    withdrawn = a.withdrawn or (a.channel = 'voice' and a.state in ('sending', 'ringing'))
  where a.contact_id = any($2::bigint[]) and a.campaign_id in (select id from passes) and a.state <> 'reserved'
    and (a.ended_at is null or a.result in ('sent', 'interrupted')) and (a.waited or a.follows <> '{}')
  returning a.id
)
select id from unsent union all select id from left_already`;

/** $1 strategy campaign, $2 contacts, $3 epoch ms. Whoever waits in any pass, or for a callback of one, does so no more. */
export const unqueueForEventSql = `
with passes as materialized (
  select id from campaign where strategy_campaign_id = $1
), unqueued as (
  delete from work w where w.contact_id = any($2::bigint[]) and w.campaign_id in (select id from passes) returning w.campaign_id, w.contact_id
), canceled as (
  update callback k set state = 'canceled', ended_at = ${timeSql("$3")}
  where k.contact_id = any($2::bigint[]) and k.campaign_id in (select id from passes) and k.state in ('waiting', 'taken')
), noted as (
  insert into refusal (campaign_id, contact_id, at, rule) select campaign_id, contact_id, ${timeSql("$3")}, 'event' from unqueued
)
select contact_id from unqueued`;

/** $1 pass, $2 contacts, $3 epoch ms. */
export const moveForEventSql = `
insert into work (contact_id, campaign_id, due_at)
select given.id, k.id, ${timeSql("$3")} from unnest($2::bigint[]) as given(id) join campaign k on k.id = $1 and k.state in ('running', 'paused') order by given.id
on conflict do nothing`;

/** $1 event, $2: [{contactId, strategyCampaignId, campaignId, attemptId}] */
export const deedSql = `
insert into event_contact (event_id, contact_id, strategy_campaign_id, campaign_id, attempt_id)
select $1, "contactId", "strategyCampaignId", "campaignId", "attemptId"
from json_to_recordset($2::json) as r("contactId" bigint, "strategyCampaignId" bigint, "campaignId" bigint, "attemptId" bigint)`;
