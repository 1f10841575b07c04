import type pg from "pg";
import type { DispositionTreatment } from "../../../agent/disposition.ts";
import type { AgentContacts, KnownContact, PastEntry, SaidDisposition, Unseen } from "../../../agent/ports.ts";
import type { MessageChannel } from "../../../attempt/message-ports.ts";
import { Fault } from "../../../kernel/fault.ts";
import { codeOf, databaseFault } from "../faults.ts";
import { storable } from "./attempt-row.ts";
import { unqueuedSql, withdrawnSql } from "./attempt-sql.ts";
import { followSql, goneOnInsteadSql } from "./follow-sql.ts";
import { idOr0, isId } from "./id.ts";
import { sameCampaignSql, suppressedSql, timeSql } from "./suppressed.ts";
import { inTransaction } from "./transaction.ts";

type Person = Omit<KnownContact, "campaignIds">;

interface SpokenTo {
  readonly contactId: string;
  readonly campaignId: string;
}

/** $1 agent, $2 attempt. */
const spokenToSql = `
select t.contact_id::text as "contactId", coalesce(t.campaign_id, t.inbound_campaign_id)::text as "campaignId" from attempt t
where t.id = $2 and t.contact_id is not null and coalesce(t.campaign_id, t.inbound_campaign_id) is not null
  and exists (select from agent_log l where l.agent_id = $1 and l.attempt_id = $2 and l.state = 'talking')`;

/** $1 the agent: the campaigns of their groups. */
const workSql = `
with work as materialized (
  select distinct c.id, c.list_id from membership m join group_campaign gc on gc.group_id = m.group_id join campaign c on c.id = gc.campaign_id where m.agent_id = $1
)`;

const personColumns = `p.id::text as "contactId", p.client_id as "clientId", p.time_zone as "timeZone", p.fields,
  (select coalesce(jsonb_agg(jsonb_build_object('kind', a.kind, 'number', a.number) order by a.position), '[]') from address a
    where a.contact_id = p.id and a.number is not null) as addresses`;
const contactColumns = `${personColumns},
  (select array_agg(w.id::text order by w.id) from work w where w.list_id = p.list_id) as "campaignIds"`;

/** $2 what is looked for, $3 how many. */
const exactSql = `${workSql}
select ${contactColumns} from contact p
where p.list_id in (select list_id from work)
  and p.id in (select id from contact where client_id = $2 union select contact_id from address where number = $2)
order by p.id limit $3`;

/**
 * $2 the beginning of a field's value, as a pattern; $4 fields that are not looked into, $5 and $6 whether values that hold a number or a mailbox are not. Reads the lists
 * from their beginning: only as long as `longestSearchMs`.
 */
const fieldSql = `${workSql}
select ${contactColumns} from contact p
where p.list_id in (select list_id from work) and exists (select from json_each_text(p.fields) f where f.value ilike $2 and f.key <> all ($4::text[])
  and not ($5 and f.value ~ '[0-9]{7}') and not ($6 and f.value like '%@%'))
order by p.id limit $3`;

const longestSearchMs = 2000;

/** $1 contact, $2 how many. */
const historySql = `
select at, kind, text from (
  (select reserved_at as at, 'attempt' as kind, concat_ws(', ', channel, coalesce(result, state), outcome) as text, id from attempt
    where contact_id = $1 order by id desc limit $2)
  union all (select d.at, 'disposition', concat_ws(', ', d.code, d.amount::text, d.day, d.note, a.name), d.id from disposition d join agent a on a.id = d.agent_id
    where d.contact_id = $1 order by d.id desc limit $2)
  union all (select n.at, 'note', concat_ws(': ', a.name, n.text), n.id from note n join agent a on a.id = n.agent_id
    where n.contact_id = $1 order by n.id desc limit $2)
  union all (select s.created_at, 'suppressed', concat_ws(', ', s.reason, s.source), s.id from suppression s
    join (select distinct number from address where contact_id = $1) d on d.number = s.number order by s.id desc limit $2)
  union all (select s.created_at, 'suppressed', concat_ws(', ', s.reason, s.source), s.id from suppression s
    join (select distinct mailbox from address where contact_id = $1) d on d.mailbox = s.mailbox order by s.id desc limit $2)
  union all (select e.at, 'message', concat_ws(', ', e.body->>'channel', e.body->>'template',
      case e.state when 'pending' then 'to be sent' when 'expired' then 'was not sent' end, e.body->>'reason'), e.id
    from effect e join attempt t on t.id = e.attempt_id where t.contact_id = $1 and e.kind = 'send' order by e.id desc limit $2)
  union all (select i.at, 'wrote', concat_ws(', ', 'sms', left(i.text, 200)), i.id from incoming_message i where i.contact_id = $1 order by i.id desc limit $2)
  union all (select m.at, 'wrote', concat_ws(', ', 'email', left(m.subject, 200)), m.id from incoming_mail m
    where m.contact_id = $1 and m.own_address is not null and m.kind <> 'automatic' order by m.id desc limit $2)
) h order by at desc, kind, id desc limit $2`;

const firstMailboxSql =
  "a.contact_id = p.id and a.position = (select m.position from address m where m.contact_id = p.id and m.mailbox is not null order by m.position limit 1)";
/** $1 contact, $2 campaign. Null when they have no address for it. Of mailboxes only the first is written to. */
const reachSql = (channel: MessageChannel) => `
select bool_or(not ${suppressedSql({
  ...(channel === "sms" ? { number: "a.number" } : { mailbox: "a.mailbox" }),
  ...{ clientId: "p.client_id", campaignId: "$2::bigint", channel: `'${channel}'`, at: "clock_timestamp()" },
})}) as may
from contact p join address a on ${channel === "sms" ? "a.contact_id = p.id and a.kind in ('mobile', 'unknown')" : firstMailboxSql} where p.id = $1`;

/**
 * $1 contact, $2 epoch ms, $3 whether only the campaign, $4 null (every channel is covered), $5 campaign or null. Whom it covers: the person, every other
 * contact with the same client id, and whoever has one of the numbers or mailboxes.
 */
const coveredSql = `
with origin as (
  select 0::bigint as id, $5::bigint as campaign_id, id as contact_id, client_id from contact where id = $1
), numbers as (
  select distinct d.number from address d join origin o on d.contact_id = o.contact_id where d.number is not null
), mailboxes as (
  select distinct d.mailbox from address d join origin o on d.contact_id = o.contact_id where d.mailbox is not null
), covered as (
  select contact_id from origin
  union select d.contact_id from address d join numbers n on n.number = d.number
  union select d.contact_id from address d join mailboxes m on m.mailbox = d.mailbox
  union select c.id from contact c join origin o on c.client_id = o.client_id
)`;

/** Also $6 reason, $7 the agent who was told. */
const optOutSql = `${coveredSql}, written as (
  insert into suppression (campaign_id, number, mailbox, client_id, reason, source, agent_id, created_at)
  select case when $3::boolean then o.campaign_id end, w.number, w.mailbox, w.client_id, $6, 'agent', $7, ${timeSql("$2")}
  from origin o
  cross join (
    select number, null as mailbox, null as client_id from numbers
    union all select null, mailbox, null from mailboxes
    union all select null, null, client_id from origin where client_id is not null) w
), ${unqueuedSql}, canceled as (
  update callback k set state = 'canceled', ended_at = ${timeSql("$2")} from origin o
  where k.contact_id in (select contact_id from covered) and k.state in ('waiting', 'taken') and (not $3::boolean or ${sameCampaignSql("k.campaign_id", "o.campaign_id")})
), ${withdrawnSql}, noted as (
  insert into refusal (campaign_id, contact_id, at, rule)
  select campaign_id, contact_id, ${timeSql("$2")}, 'suppressed' from unqueued
  union all select campaign_id, contact_id, ${timeSql("$2")}, 'suppressed' from unsent where campaign_id is not null
)
select contact_id from origin`;

/** The same people once more, for what was reserved while the suppression was on its way to being committed. */
const withdrawSql = `${coveredSql}, ${withdrawnSql} select contact_id from origin`;

/**
 * $1 contact, $2 campaign, $3 attempt, $4 callback, $5 agent, $6 code, $7 category, $8 amount, $9 day, $10 note; $11 after how many ms the person waits again, if
 * they do, and $12 how often at most; $13 whom the agent had on the line; $14 the channel of a written conversation. Nothing when the agent does not have the callback.
 */
const saySql = `
with ended as (
  update callback set state = 'done', ended_at = clock_timestamp() where id = $4 and state = 'taken' and taken_by = $5 returning id
), said as (
  insert into disposition (contact_id, campaign_id, attempt_id, callback_id, agent_id, code, category, amount, day, note, at, answered_by, channel)
  select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp(), $13, $14 where $4::bigint is null or exists (select from ended)
    -- Done by the call itself, and not spoken of yet.
    or exists (select from callback k where k.id = $4 and k.state = 'done' and k.taken_by = $5
      and not exists (select from disposition d where d.contact_id = $1 and d.callback_id = $4))
  returning id, at
), spoken as materialized (
  -- Of a pass whose strategy says what follows it: that goes over what the result has led to, or will.
  select a.id, a.contact_id, a.campaign_id, a.ended_at, a.follows->('disposition:' || $6) as onward, ${followSql("a", "a.result", "a.outcome")} as led, clock_timestamp() as from_at
  from attempt a where a.id = $3 and a.contact_id = $1 and a.follows ? ('disposition:' || $6) and exists (select from said) for update
), spoken_after as (
  select * from spoken where ended_at is not null
), ${goneOnInsteadSql("spoken_after", "$5::bigint")}, foretold as (
  update attempt a set follows = a.follows || jsonb_build_object('said', s.onward) from spoken s where a.id = s.id and s.ended_at is null
), due as materialized (
  select s.at + $11::float8 * interval '1 ms' as at from said s
  where not exists (select from spoken) and $11::float8 is not null and exists (select from campaign where id = $2 and state in ('running', 'paused'))
    and (select count(*) from disposition d where d.contact_id = $1 and d.campaign_id = $2 and d.category = $7) < $12::int
), waits as (
  insert into work (contact_id, campaign_id, due_at) select $1::bigint, $2::bigint, at from due
  on conflict (contact_id, campaign_id) do update set due_at = excluded.due_at
), again as (
  -- Said before the end of the call is written, too: that keeps what stands here.
  update attempt a set again_at = due.at from due where a.id = $3 and a.again_at is null
), done as (
  delete from work where contact_id = $1 and campaign_id = $2 and exists (select from said) and not exists (select from due) and not exists (select from spoken)
)
select id from said`;

/** People as agents see them, and what agents write of them. */
export class PostgresAgentContacts implements AgentContacts {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async search(agentId: string, text: string, limit: number, { fields, numbers, mailboxes }: Unseen): Promise<readonly KnownContact[]> {
    if (!isId(agentId)) return [];
    const wanted = storable(text);
    const exact = await this.#rows<KnownContact & pg.QueryResultRow>(exactSql, [agentId, wanted, limit]);
    if (exact.length > 0) return exact.map(toKnown);
    const pattern = `${wanted.replace(/[\\%_]/g, "\\$&")}%`;
    return await inTransaction(this.#pool, "search contacts", async (client) => {
      await client.query(`set local statement_timeout = ${longestSearchMs}`);
      const { rows } = await client.query<KnownContact & pg.QueryResultRow>(fieldSql, [agentId, pattern, limit, fields, numbers, mailboxes]);
      return rows.map(toKnown);
    }).catch((error: unknown) => {
      // query_canceled: the lists are too long to be read for this.
      if (codeOf(error) === "57014")
        throw new Fault("search-too-wide", "That takes too long in lists of this size; give the whole client id or number.");
      throw error;
    });
  }

  async contact(agentId: string, contactId: string): Promise<KnownContact | undefined> {
    if (!isId(agentId) || !isId(contactId)) return undefined;
    const text = `${workSql} select ${contactColumns} from contact p where p.id = $2 and p.list_id in (select list_id from work)`;
    const [row] = await this.#rows<KnownContact & pg.QueryResultRow>(text, [agentId, contactId]);
    return row && toKnown(row);
  }

  async history(contactId: string, limit: number): Promise<readonly PastEntry[]> {
    if (!isId(contactId)) return [];
    const rows = await this.#rows<{ at: Date; kind: PastEntry["kind"]; text: string }>(historySql, [contactId, limit]);
    return rows.map(({ at, kind, text }) => ({ at: at.getTime(), kind, text }));
  }

  async person(contactId: string): Promise<Person | undefined> {
    const [row] = await this.#rows<Person & pg.QueryResultRow>(`select ${personColumns} from contact p where p.id = $1`, [idOr0(contactId)]);
    return row && toKnown(row);
  }

  async spokenTo(agentId: string, attemptId: string): Promise<SpokenTo | undefined> {
    return (await this.#rows<SpokenTo & pg.QueryResultRow>(spokenToSql, [idOr0(agentId), idOr0(attemptId)]))[0];
  }

  async campaignName(campaignId: string): Promise<string | undefined> {
    return (await this.#rows<{ name: string }>("select name from campaign where id = $1", [idOr0(campaignId)]))[0]?.name;
  }

  async reach(contactId: string, campaignId: string, channel: MessageChannel): Promise<"reachable" | "no-address" | "suppressed"> {
    const [row] = await this.#rows<{ may: boolean | null }>(reachSql(channel), [idOr0(contactId), idOr0(campaignId)]);
    if (row?.may === undefined || row.may === null) return "no-address";
    return row.may ? "reachable" : "suppressed";
  }

  async note(contactId: string, agentId: string, text: string): Promise<void> {
    await this.#rows("insert into note (contact_id, agent_id, text, at) values ($1, $2, $3, clock_timestamp())", [
      contactId,
      agentId,
      storable(text, 2000),
    ]);
  }

  async say(
    { contactId, campaignId, attemptId, callbackId, agentId, code, category, answeredBy, amount, day, note, channel }: SaidDisposition,
    treatment: DispositionTreatment,
  ): Promise<void> {
    const again = treatment.becomes === "waiting" ? [treatment.afterMs, treatment.atMost] : [null, null];
    const values = [
      contactId,
      campaignId,
      attemptId,
      callbackId,
      agentId,
      code,
      category,
      amount,
      day,
      note === undefined ? undefined : storable(note, 2000),
      ...again,
      answeredBy,
      channel,
    ];
    const written = await this.#rows(saySql, values);
    if (written.length === 0) throw new Fault("callback-state", `You do not have callback ${callbackId}.`);
  }

  async optOut(agentId: string, contactId: string, campaignId: string | undefined, reason: string, at: number): Promise<void> {
    const whom = [contactId, at, campaignId !== undefined, null, campaignId];
    await this.#rows(optOutSql, [...whom, storable(reason), agentId]);
    // As for an opt-out on a call: what was reserved meanwhile has inserted its row by now.
    await this.#rows(withdrawSql, whom);
  }

  async #rows<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "work on a contact");
    }
  }
}

function toKnown<P extends Person>(row: P): P {
  return { ...row, clientId: row.clientId ?? undefined, timeZone: row.timeZone ?? undefined };
}
