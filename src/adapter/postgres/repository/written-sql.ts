import { latestSql } from "./latest-sql.ts";
import { linesSql } from "./written-lines-sql.ts";

/** A conversation as agents see it; of `c`. */
const shownSql = `
select c.id::text, c.channel, c.person_address as person, c.own_address as ours, c.group_id::text, g.name as "group", c.state, c.taken_by::text,
  (extract(epoch from c.opened_at) * 1000)::float8 as opened_at, (extract(epoch from c.waits_since) * 1000)::float8 as waits_since,
  c.contact_id::text, c.campaign_id::text, k.name as campaign, k.sender
from conversation c
join agent_group g on g.id = c.group_id
left join campaign k on k.id = c.campaign_id`;

/** $1 agent, $2 how many. */
export const forAgentSql = `
${shownSql}
where c.id in (
  select id from conversation where state = 'taken' and taken_by = $1
  union all
  select w.id from membership m join conversation w on w.group_id = m.group_id and w.state = 'waiting' where m.agent_id = $1)
order by c.state = 'taken' desc, c.waits_since nulls last, c.id limit $2`;

/** $1 after which, $2 how many, $3 state or null. */
export const conversationsSql = `${shownSql} where c.id > $1 and ($3::text is null or c.state = $3) order by c.id limit $2`;

/** $1 conversation. */
export const conversationSql = `${shownSql} where c.id = $1`;

/** By SMS: everything between the two numbers, what they wrote, what campaigns, scripts and agents sent to the contact there, and what a stranger was answered. */
export const smsLinesSql = linesSql({
  channel: "sms",
  received: `select (extract(epoch from i.at) * 1000)::float8 as at, 'person' as "from", i.text, null as agent, nullif(nullif(i.state, 'conversation'), 'waiting') as standing
   from incoming_message i where i.from_address = $2 and i.to_address = $3`,
  answers: "select i.answer_attempt_id from incoming_message i where i.from_address = $2 and i.to_address = $3 and i.answer_attempt_id is not null",
  sent: { text: "coalesce(r.text, m.text)", where: "coalesce(r.text, m.text) is not null and (m.from_address is null or m.from_address = $3)" },
});

/** $1 conversation, $2 agent. */
export const takeSql = `
update conversation c set state = 'taken', taken_by = $2, taken_at = clock_timestamp(), changes = changes + 1
where c.id = $1 and c.state = 'waiting' and exists (select from membership m where m.group_id = c.group_id and m.agent_id = $2)`;

/** $1 conversation, $2 agent. */
export const putBackSql = `
update conversation set state = 'waiting', taken_by = null, taken_at = null, changes = changes + 1 where id = $1 and state = 'taken' and taken_by = $2`;

/** $1 conversation, $2 agent, $3 code, $4 note. */
export const closeSql = `
update conversation set state = 'closed', taken_by = null, closed_at = clock_timestamp(), closed_by = $2, code = $3, note = $4, changes = changes + 1
where id = $1 and state = 'taken' and taken_by = $2`;

/** $1 how many an agent may have. One at a time: the next one sees who has got this one. Whoever logs out in this moment is waited for, and gets none. */
export const offerSql = `
with given as (
  select w.id, d.agent_id
  from (select c.id, c.group_id, c.waits_since from conversation c where c.state = 'waiting' order by c.waits_since nulls last, c.id limit 200 for update skip locked) w
  cross join lateral (
    select d.agent_id from membership m
    join agent_desk d on d.agent_id = m.agent_id
    cross join lateral (select count(*) as many from conversation t where t.taken_by = d.agent_id and t.state = 'taken') has
    where m.group_id = w.group_id and d.state = 'ready' and d.session is not null and d.lost_at is null and has.many < $1
    order by has.many, m.priority, d.since, d.agent_id limit 1) d
  order by w.waits_since nulls last, w.id limit 1
), held as materialized (
  select d.agent_id from agent_desk d join given on given.agent_id = d.agent_id where d.state = 'ready' for share of d
)
update conversation c set state = 'taken', taken_by = held.agent_id, taken_at = clock_timestamp(), changes = c.changes + 1
from given join held on held.agent_id = given.agent_id where c.id = given.id`;

/** $1 how long an agent may be not ready, or logged out since before it was theirs, while somebody waits (ms). Whoever logs out has them no longer. */
export const giveBackSql = `
update conversation c set state = 'waiting', taken_by = null, taken_at = null, changes = c.changes + 1
from agent_desk d
where c.state = 'taken' and d.agent_id = c.taken_by and ((d.state = 'logged-out' and d.since >= c.taken_at) or (
  d.state in ('not-ready', 'logged-out') and c.waits_since is not null
  and greatest(d.since, c.taken_at, c.waits_since) < clock_timestamp() - $1::float8 * interval '1 ms'))`;

/** $1 agents. What they see changes with what is written, with what is sent, and with what becomes of that. */
export const heldSql = `
select c.id::text, c.taken_by::text as agent_id,
  concat_ws(' ', c.changes, case c.channel when 'sms'
      then (select concat(i.id, i.state) from incoming_message i where i.from_address = c.person_address and i.to_address = c.own_address ${latestSql("i.id")})
      else (select i.id::text from incoming_mail i where i.from_address = c.person_address and i.own_address = c.own_address ${latestSql("i.id")}) end,
    (select string_agg(a.result, ',' order by a.id) from conversation_reply r join attempt a on a.id = r.attempt_id where r.conversation_id = c.id)) as version
from conversation c where c.state = 'taken' and c.taken_by = any($1::bigint[]) order by c.id`;

/** $1 conversation, $2 agent, $3 text, $4 for how long it may be sent (ms), $5 node. Of no campaign's figures; a suppression for the campaign it is about holds all the same. */
export const openReplySql = `
with answered as (
  update conversation set waits_since = null, changes = changes + 1 where id = $1 and state = 'taken' and taken_by = $2 returning *
), opened as (
  insert into attempt (inbound_campaign_id, contact_id, channel, address, state, node, permit_until, reserved_at, waited, agent_id)
  select campaign_id, contact_id, channel, person_address, 'reserved', $5, clock_timestamp() + $4::float8 * interval '1 ms', clock_timestamp(), false, $2
  from answered returning id
), kept as (
  insert into conversation_reply (attempt_id, conversation_id, agent_id, at, text) select id, $1, $2, clock_timestamp(), $3 from opened
)
select id::text from opened`;

/** $1 conversation, $2 since when (epoch ms). */
export const stillWaitsSql = `
update conversation set waits_since = least(waits_since, to_timestamp($2::float8 / 1000)), changes = changes + 1 where id = $1 and state <> 'closed'`;

/** $1 message that came in. It goes on with the conversation that is open between these numbers. */
export const joinSql = `
with asked as (
  select * from incoming_message where id = $1 and state = 'waiting' for update
), joined as (
  update conversation c set waits_since = coalesce(c.waits_since, a.at), changes = c.changes + 1,
    contact_id = coalesce(c.contact_id, a.contact_id), campaign_id = coalesce(c.campaign_id, a.campaign_id)
  from asked a where c.channel = 'sms' and c.person_address = a.from_address and c.own_address = a.to_address and c.state <> 'closed' returning c.id
)
update incoming_message i set state = 'conversation' from asked a, joined where i.id = a.id`;

/** $1 message that came in, $2 name of a group. Nothing when there is no such group. */
export const openSql = `
with asked as (
  select * from incoming_message where id = $1 and state = 'waiting' for update
), opened as (
  insert into conversation (channel, person_address, own_address, contact_id, campaign_id, group_id, state, opened_at, waits_since)
  select 'sms', a.from_address, a.to_address, a.contact_id, a.campaign_id, g.id, 'waiting', clock_timestamp(), a.at
  from asked a join agent_group g on g.name = $2
  on conflict (channel, person_address, own_address) where state <> 'closed'
    do update set waits_since = coalesce(conversation.waits_since, excluded.waits_since), changes = conversation.changes + 1
  returning id
)
update incoming_message i set state = 'conversation' from asked a, opened where i.id = a.id`;
