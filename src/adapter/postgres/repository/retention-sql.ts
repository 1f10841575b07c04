import { timeSql } from "./suppressed.ts";

/*
 * What is taken away after its time. Rows stand in the order of their ids about as they came; so a step reads the ids behind the last one, up to the first that is too young,
 * and what it has read is not read again.
 */

interface Aged {
  readonly from: string;
  readonly id: string;
  readonly at: string;
  /** What is done with those whose ids are in `old`; as a statement that gives a row for each. */
  readonly take: string;
}

export const aged = {
  traces: {
    ...{ from: "attempt_event", id: "id", at: "at" },
    take: "delete from attempt_event t using old where t.id = old.id and t.kind in ('ladder', 'step', 'guard') returning 1",
  },
  "message-texts": {
    ...{ from: "message", id: "attempt_id", at: "submitted_at" },
    take: `update message t set text = '' from old where t.attempt_id = old.id and t.text <> '' returning 1`,
  },
  replies: {
    ...{ from: "conversation_reply", id: "attempt_id", at: "at" },
    take: `update conversation_reply t set text = '' from old where t.attempt_id = old.id and t.text <> '' returning 1`,
  },
  "incoming-texts": {
    ...{ from: "incoming_message", id: "id", at: "at" },
    take: `update incoming_message t set text = '', details = '{}' from old where t.id = old.id and t.text <> '' and t.state <> 'waiting' returning 1`,
  },
  mails: {
    ...{ from: "incoming_mail", id: "id", at: "at" },
    take: `update incoming_mail t set text = '', subject = '', raw = '', recipients = '[]', thread = '[]', attachments = '[]' from old where t.id = old.id and t.raw <> '' returning 1`,
  },
  notes: { ...{ from: "note", id: "id", at: "at" }, take: "delete from note t using old where t.id = old.id returning 1" },
  dispositions: {
    ...{ from: "disposition", id: "id", at: "at" },
    take: "update disposition t set note = null from old where t.id = old.id and t.note is not null returning 1",
  },
  callbacks: {
    ...{ from: "callback", id: "id", at: "created_at" },
    take: "update callback t set note = null from old where t.id = old.id and t.note is not null and t.state in ('done', 'canceled') returning 1",
  },
  conversations: {
    ...{ from: "conversation", id: "id", at: "opened_at" },
    take: "update conversation t set note = null from old where t.id = old.id and t.note is not null and t.state = 'closed' returning 1",
  },
  "delivery-reports": {
    ...{ from: "message_receipt", id: "id", at: "at" },
    take: "delete from message_receipt t using old where t.id = old.id returning 1",
  },
  imports: {
    ...{ from: "import", id: "id", at: "coalesce(ended_at, created_at)" },
    take: "delete from import t using old where t.id = old.id and t.ended_at is not null returning 1",
  },
} as const satisfies Readonly<Record<string, Aged>>;

export type AgedKind = keyof typeof aged;

/** $1 epoch ms, $2 how many at most, $3 where it was left. */
export const agedStepSql = (kind: AgedKind) => {
  const { from, id, at, take } = aged[kind];
  return `
with page as materialized (
  select ${id} as id, ${at} as at from ${from} where ${id} > $3::bigint order by ${from}.${id} limit $2
), old as materialized (
  select id from page where id < coalesce((select min(id) from page where at >= ${timeSql("$1")}), (select max(id) + 1 from page))
), taken as (${take})
select (select count(*)::int from taken) as removed, coalesce((select max(id) from old), $3::bigint)::text as place, (select count(*) from old) < $2 as done`;
};

/** $1 epoch ms, $2 where it was left. What is left of it, about: rows that nothing is taken from count too. */
export const agedDueSql = (kind: AgedKind) => {
  const { from, id, at } = aged[kind];
  return `select count(*)::int as due from (select 1 from ${from} where ${id} > $2::bigint and ${at} < ${timeSql("$1")}) x`;
};

/** Recordings: by what their campaign says, else by the configuration. $1 epoch ms or null, $2 now. */
const oldRecording = `g.state = 'kept' and g.at < coalesce(
  (select ${timeSql("$2")} - (d.rules->>'recordingKeepDays')::float8 * interval '1 day' from attempt a join campaign_desk d on d.campaign_id = coalesce(a.campaign_id, a.inbound_campaign_id)
   where a.id = g.attempt_id and d.rules ? 'recordingKeepDays'), ${timeSql("$1")}, '-infinity')`;
/** $3 how many at most. */
export const recordingsStepSql = `
with taken as (
  update recording set state = 'going' where id = any(array(select g.id from recording g where ${oldRecording} order by g.at limit $3)) returning 1
)
select (select count(*)::int from taken) as removed, '0' as place, (select count(*) from taken) < $3 as done`;
export const recordingsDueSql = `select count(*)::int as due from recording g where ${oldRecording}`;

/**
 * People with whom all is done: the last that was tried or refused is old, no campaign waits for them, and none of those of their list is open. Whoever was never come to stays: nobody
 * knows since when they are there. $1 epoch ms.
 */
const doneWith = `
  (c.client_id is not null or c.fields::text <> '{}' or c.time_zone is not null or exists (select from address d where d.contact_id = c.id))
  and not exists (select from work w where w.contact_id = c.id)
  and not exists (select from campaign k where k.list_id = c.list_id and k.state not in ('finished', 'stopped'))
  and greatest((select max(coalesce(a.ended_at, 'infinity')) from attempt a where a.contact_id = c.id), (select max(r.at) from refusal r where r.contact_id = c.id)) < ${timeSql("$1")}`;
/** $2 how many at most, $3 where it was left. */
export const contactsStepSql = `
with page as materialized (select * from contact where id > $3::bigint order by contact.id limit $2)
select coalesce(array_agg(c.id::text) filter (where ${doneWith}), '{}') as contacts, coalesce(max(c.id), 0)::text as place, count(*) < $2 as done from page c`;
export const contactsDueSql = `select count(*)::int as due from contact c where ${doneWith}`;
