import { dueSql, followSql, goneOnInsteadSql, nextCampaignSql } from "./follow-sql.ts";
import { latestSql } from "./latest-sql.ts";
import { timeSql } from "./suppressed.ts";

/**
 * $1 inbox, $2 key, $3 epoch ms, $4 kind, $5 from, $6 recipients, $7 Message-ID, $8 subject, $9 text, $10 enhanced status, $11 reason, $12 attempt, $13 campaign, $14 contact,
 * $15 size, $16 raw, $17 the mailbox of ours it came to, $18 thread, $19 attachments. A campaign that is not there is none. Whoever is not known by an attempt is the newest contact with that mailbox. No row when it was
 * there already.
 */
export const keepMailSql = `
insert into incoming_mail (inbox, mail_key, at, kind, from_address, recipients, message_id, subject, text, enhanced, reason, attempt_id, campaign_id, contact_id, size, raw, own_address, thread, attachments)
values ($1, $2, ${timeSql("$3")}, $4, $5, $6, $7, $8, $9, $10, $11, $12, (select id from campaign where id = $13::bigint),
  coalesce($14::bigint, case when $17::text is not null then (select d.contact_id from address d where d.mailbox = $5 ${latestSql("d.contact_id")}) end),
  $15, $16, $17, $18, $19)
on conflict (inbox, mail_key) do nothing
returning id::text`;

const attemptColumns = "a.id::text, coalesce(a.campaign_id, a.inbound_campaign_id)::text as campaign_id, a.contact_id::text, a.state, m.from_address";

/** $1: the attempt of e-mail by its id. Held, so that it does not end meanwhile. */
export const markedAttemptSql = `
select ${attemptColumns} from attempt a left join message m on m.attempt_id = a.id where a.id = $1 and a.channel = 'email' for update of a`;

/** $1 campaign, $2 mailbox: the latest e-mail of the campaign to somebody who has that mailbox. */
export const latestAttemptSql = `
select ${attemptColumns}
from address d join attempt a on a.contact_id = d.contact_id left join message m on m.attempt_id = a.id
where d.mailbox = $2 and a.campaign_id = $1 and a.channel = 'email'
${latestSql("a.id")}`;

/**
 * $1 attempt, $2 epoch ms, $3 result, $4 reason, $5 id of the mail. A report that comes late: moves \`sent\` and \`interrupted\` on, once; puts the contact back where the
 * campaign tries again after that result.
 */
export const moveSql = `
with b as (
  select a.id, ${timeSql("$2")} + (c.retries->$3::text->>'afterS')::float8 * interval '1 s' as again_at
  from attempt a join campaign c on c.id = a.campaign_id
  where a.id = $1 and a.waited and a.again_at is null and c.state in ('running', 'paused') and c.retries ? $3::text
    and (c.retries->$3::text->>'atMost')::int > (
      select count(*) from attempt e where e.campaign_id = a.campaign_id and e.contact_id = a.contact_id and e.again_at is not null and e.result = $3::text)
), was as (
  select a.id, case when a.waited then ${followSql("a", "$3::text")} end as onward, a.follows->a.result as led, ${timeSql("$2")} as from_at
  from attempt a where a.id = $1 for update
), moved as (
  update attempt a set result = $3, reason = $4,
    again_at = case when was.onward is null then coalesce(a.again_at, (select again_at from b)) else ${dueSql("was.onward", "was.from_at")} end,
    next_campaign_id = case when was.onward is null then a.next_campaign_id else ${nextCampaignSql("was.onward", "a")} end
  from was
  where a.id = $1 and was.id = a.id and a.state = 'ended' and a.result in ('sent', 'interrupted')
  returning a.id, a.campaign_id, a.contact_id, a.again_at, was.onward, was.led, was.from_at
), logged as (
  insert into attempt_event (attempt_id, at, kind, detail)
  select id, ${timeSql("$2")}, 'report', jsonb_build_object('result', $3::text, 'reason', $4::text, 'mail', $5::text) from moved
), returned as (
  insert into work (contact_id, campaign_id, due_at)
  select contact_id, campaign_id, again_at from moved
  where again_at is not null and onward is null and led is null and campaign_id is not null and contact_id is not null
  on conflict do nothing
), ${goneOnInsteadSql("moved")}
select id from moved`;

/** $1 attempt, $2 epoch ms, $3 id of the mail. */
export const repliedSql = `
insert into attempt_event (attempt_id, at, kind, detail) select id, ${timeSql("$2")}, 'report', jsonb_build_object('replied', true, 'mail', $3::text) from attempt where id = $1`;

/** $1 attempt or null, $2 epoch ms, $3 mailbox, or null for that of the attempt, $4 reason. */
export const suppressMailboxSql = `
insert into suppression (mailbox, channel, reason, source, attempt_id, created_at)
select m.mailbox, 'email', $4, 'mail', $1::bigint, ${timeSql("$2")}
from (select coalesce($3::text, (select address from attempt where id = $1::bigint and address like '%@%')) as mailbox) m
where m.mailbox is not null and not exists (
  select from suppression s where s.mailbox = m.mailbox and s.channel = 'email' and s.campaign_id is null and s.expires_at is null and s.reason = $4)`;
