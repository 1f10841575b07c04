import { subjectSql } from "./consented.ts";
import { whose } from "./person-sql.ts";

/** What stands where an address stood. Nobody has it, so nothing finds it. */
export const erasedAddress = "erased";

/** Whether something with them is under way: a line says what. */
export const underWaySql = `
select 'a call or a message' as what from attempt where id = any(:attempts) and ended_at is null
union all select 'a conversation' from conversation v where ${whose.conversations} and v.state = 'taken'
union all select 'a message of theirs that is being read' from incoming_message i where ${whose.incoming} and i.state = 'waiting'
limit 1`;

/** Nothing may be begun any more: they are suppressed for good, under hashes, and on no list. */
export const stopSql = {
  suppressed: `insert into suppression (subject, subject_kind, reason, source, created_at)
    select x.subject, x.kind, 'erased', 'erasure', clock_timestamp() from (
      select 'number' as kind, ${subjectSql("number", "n")} as subject from unnest(:numbers) n
      union all select 'mailbox', ${subjectSql("mailbox", "m")} from unnest(:mailboxes) m
      union all select 'client-id', ${subjectSql("client-id", "c")} from unnest(:clients) c) x
    where not exists (select from suppression s where s.subject = x.subject and s.source = 'erasure' and s.expires_at is null and s.campaign_id is null and s.channel is null)`,
  lists: "select from list where id in (select list_id from contact where id = any(:contacts)) order by id for update",
  left: `with gone as (
      update contact c set list_id = null from contact was where was.id = c.id and c.id = any(:contacts) and was.list_id is not null returning was.list_id
    ), addresses as (update address set list_id = null where contact_id = any(:contacts))
    update list l set contacts = l.contacts - g.n from (select list_id, count(*)::int as n from gone group by list_id) g where l.id = g.list_id`,
} as const;

/**
 * Takes out who somebody is, one kind after the other; the number of rows of each is what is told. What reports count stays: attempts with result, times and trunk, scores,
 * dispositions, clicks, replies, amounts.
 */
export const eraseSql = {
  recordings: "update recording set state = 'going' where attempt_id = any(:attempts) and state = 'kept'",
  answers: "delete from answer where attempt_id = any(:attempts) and not (duration_ms is null and value ~ '^([0-9]|10)$')",
  attemptEvents:
    "delete from attempt_event where attempt_id = any(:attempts) and kind not in ('sent', 'ringing', 'early-media', 'answered', 'ended')",
  attemptDetails: `update attempt_event set detail = nullif(jsonb_strip_nulls(jsonb_build_object('trunk', detail->'trunk', 'result', detail->'result')), '{}')
    where attempt_id = any(:attempts) and detail is not null`,
  messages: "update message set text = '' where attempt_id = any(:attempts)",
  deliveryReports: `delete from message_receipt r where ${whose.receipts}`,
  keywordCalls: `update keyword_call q set body = '{}', state = case q.state when 'pending' then 'expired' else q.state end
    from incoming_message i where i.id = q.incoming_id and ${whose.incoming}`,
  incomingMessages: `update incoming_message i set from_address = '${erasedAddress}', text = '', details = '{}' where ${whose.incoming}`,
  incomingParts: "delete from incoming_part where from_address = any(:senders)",
  incomingMails: `update incoming_mail i set from_address = null, recipients = '[]', message_id = null, subject = '', text = '', raw = '', size = 0, thread = '[]', attachments = '[]', reason = split_part(i.reason, ':', 1)
    where ${whose.mails}`,
  conversationReplies: `update conversation_reply y set text = '' from conversation v where v.id = y.conversation_id and ${whose.conversations}`,
  conversations: `update conversation v set person_address = '${erasedAddress}', note = null, state = 'closed', closed_at = coalesce(v.closed_at, clock_timestamp()) where ${whose.conversations}`,
  notes: "delete from note where contact_id = any(:contacts)",
  callbacks: `update callback set note = null, state = case when state in ('waiting', 'taken') then 'canceled' else state end, taken_by = case when state = 'taken' then null else taken_by end,
      ended_at = coalesce(ended_at, clock_timestamp()) where contact_id = any(:contacts)`,
  dispositions: "update disposition set note = null where contact_id = any(:contacts) and note is not null",
  effects: "update effect set body = '{}', state = case state when 'pending' then 'expired' else state end where attempt_id = any(:attempts)",
  events: `update event e set client_id = null, address = null, key = null where ${whose.events}`,
  webhookMessages: `update webhook_message m set body = m.body - '{clientId,number,mailbox}'::text[] where ${whose.told("m.body")}`,
  streamEvents: `update stream_event m set body = m.body - '{clientId,number,mailbox}'::text[] where ${whose.told("m.body")}`,
  keptAnswers: `delete from kept_answer k where exists (select from unnest(:numbers || :mailboxes) n where position(n in k.answer::text) > 0)
    or exists (select from unnest(:clients) c where position('"clientId":' || to_json(c)::text in k.answer->>'body') > 0)`,
  suppressions: `update suppression set subject_kind = case when number is not null then 'number' when mailbox is not null then 'mailbox' else 'client-id' end,
      subject = case when number is not null then ${subjectSql("number", "number")} when mailbox is not null then ${subjectSql("mailbox", "mailbox")} else ${subjectSql("client-id", "client_id")} end,
      number = null, mailbox = null, client_id = null, reason = case source when 'mail' then split_part(reason, ':', 1) else reason end
    where number = any(:numbers) or mailbox = any(:mailboxes) or client_id = any(:clients)`,
  // Whoever had agreed has not any more, were the suppression ever ended.
  consents: `insert into consent (kind, subject_kind, subject, obtained_at, source, recorded_by)
    select 'revocation', k.subject_kind, k.subject, clock_timestamp(), 'erasure', '' from (select distinct subject_kind, subject from consent where subject = any(:subjects)) k`,
  attempts: `update attempt set address = '${erasedAddress}', address_id = null, reason = null, call_id = null, transaction_id = null, dialog_id = null, endpoint_id = null, follows = null
    where id = any(:attempts)`,
  lookupWaits: "delete from lookup_wait where contact_id = any(:contacts)",
  lookups: `delete from lookup_answer l where ${whose.lookups}`,
  addresses: "delete from address where contact_id = any(:contacts)",
  contacts: "update contact set client_id = null, time_zone = null, fields = '{}' where id = any(:contacts)",
} as const;
