import { latestSql } from "./latest-sql.ts";
import { linesSql } from "./written-lines-sql.ts";

/**
 * By e-mail: what they wrote to that mailbox, and what the contact, who may be nobody, and the conversation had at theirs: of an agent's answer the words, of anything else
 * the subject.
 */
export const mailLinesSql = linesSql({
  channel: "email",
  received: `select (extract(epoch from i.at) * 1000)::float8 as at, 'person' as "from", left(i.text, 20000) as text, null as agent,
     nullif(nullif(i.kind, 'reply'), 'other') as standing, i.subject, i.attachments
   from incoming_mail i where i.from_address = $2 and i.own_address = $3`,
  sent: { text: "coalesce(r.text, '')", besides: ["coalesce(m.text, '')", "'[]'::jsonb"], where: "r.text is not null or m.text is not null" },
});

/** $1 person, $2 our mailbox: the mail that an answer answers. */
export const answeredMailSql = `
select subject, thread from incoming_mail where from_address = $1 and own_address = $2 and kind in ('reply', 'other', 'opt-out') ${latestSql("id")}`;

/** Who a mail is of, for agents: somebody whose mailbox it is from, and not whoever was written to, when another one answers. */
const knownSql = `
case when exists (select from address d where d.contact_id = i.contact_id and d.mailbox = i.from_address) then i.contact_id
  else (select d.contact_id from address d where d.mailbox = i.from_address order by d.contact_id desc limit 1) end`;

/** $1 mail that came in. It goes on with the conversation that is open between these mailboxes. */
export const joinMailSql = `
update conversation c set waits_since = coalesce(c.waits_since, i.at), changes = c.changes + 1,
  contact_id = coalesce(c.contact_id, ${knownSql}), campaign_id = coalesce(c.campaign_id, i.campaign_id)
from incoming_mail i
where i.id = $1 and c.channel = 'email' and c.person_address = i.from_address and c.own_address = i.own_address and c.state <> 'closed'`;

/** $1 mail that came in, $2 group where the campaign names none. One row: the group, and whether there is a conversation now. */
export const openMailSql = `
with asked as (
  select i.*, ${knownSql} as known_id, coalesce(r.rules->>'agentGroup', $2::text) as group_name
  from incoming_mail i
  left join campaign_message r on r.campaign_id = i.campaign_id
  where i.id = $1 and i.from_address is not null and i.own_address is not null
), opened as (
  insert into conversation (channel, person_address, own_address, contact_id, campaign_id, group_id, state, opened_at, waits_since)
  select 'email', a.from_address, a.own_address, a.known_id, a.campaign_id, g.id, 'waiting', clock_timestamp(), a.at
  from asked a join agent_group g on g.name = a.group_name
  on conflict (channel, person_address, own_address) where state <> 'closed'
    do update set waits_since = coalesce(conversation.waits_since, excluded.waits_since), changes = conversation.changes + 1
  returning id
)
select a.group_name as "group", exists (select from opened) as opened from asked a`;
