import type { CallbackState } from "../../../agent/callback.ts";
import type { CallbackFilter, CallbackStore, CallbackView, NewCallback, Page } from "../../../agent/ports.ts";
import { Fault } from "../../../kernel/fault.ts";
import { nowSql } from "./agent-desk-row.ts";
import { storable } from "./attempt-row.ts";
import type { Database } from "./change.ts";
import { idOr0, isId } from "./id.ts";
import { type Query, queryFor } from "./query.ts";
import { suppressedSql, timeSql } from "./suppressed.ts";
import { inTransaction } from "./transaction.ts";

const viewSql = `
select k.id::text, k.campaign_id::text, k.contact_id::text, k.attempt_id::text, k.state, k.due_at, k.agent_id::text, k.fallback_at, k.taken_by::text,
  k.note, k.source, c.name as campaign, a.number, p.time_zone, p.fields,
  ${suppressedSql({ number: "a.number", clientId: "p.client_id", campaignId: "k.campaign_id", channel: "'voice'", at: "clock_timestamp()" })} as suppressed
from callback k
join campaign c on c.id = k.campaign_id
join contact p on p.id = k.contact_id
join lateral (select number from address where contact_id = k.contact_id and number is not null order by position limit 1) a on true`;

/** What scripts asked for since, each wish once, however many nodes look. */
const collectSql = `
with wished as (
  select id, attempt_id, due_at, body from effect where kind = 'callback' and state = 'pending' order by due_at limit 500 for update skip locked
), taken as (
  update effect e set state = 'done' from wished w where e.id = w.id
)
insert into callback (campaign_id, contact_id, attempt_id, effect_id, state, due_at, note, source, created_at)
select a.campaign_id, a.contact_id, w.attempt_id, w.id, 'waiting', w.due_at, w.body->>'reason', 'script', clock_timestamp()
from wished w join attempt a on a.id = w.attempt_id
on conflict (effect_id) do nothing`;

/**
 * $1 campaign, $2 contact, $3 attempt, $4 due and $5 fallback (epoch ms), $6 agent, $7 note, $8 source. Nothing when the contact is not on the campaign's list; no id when they
 * must not be called.
 */
const scheduleSql = `
with wish as (
  select c.id as campaign_id, p.id as contact_id, exists (select from address a where a.contact_id = p.id and a.number is not null
    and not ${suppressedSql({ number: "a.number", clientId: "p.client_id", campaignId: "c.id", channel: "'voice'", at: "clock_timestamp()" })}) as may
  from campaign c join contact p on p.list_id = c.list_id and p.id = $2 where c.id = $1
), made as (
  insert into callback (campaign_id, contact_id, attempt_id, state, due_at, fallback_at, agent_id, note, source, created_at)
  select campaign_id, contact_id, $3, 'waiting', ${timeSql("$4")}, ${timeSql("$5")}, $6, $7, $8, clock_timestamp() from wish where may
  returning id::text
)
select (select id from made) as id from wish`;

/** Of agents who are not there any more. */
const giveBackSql = `
update callback k set state = 'waiting', taken_by = null
where k.state = 'taken' and exists (select from agent_desk d where d.agent_id = k.taken_by and d.state = 'logged-out')`;

interface Row {
  readonly id: string;
  readonly campaign_id: string;
  readonly contact_id: string;
  readonly attempt_id: string | null;
  readonly state: CallbackState;
  readonly due_at: Date;
  readonly agent_id: string | null;
  readonly fallback_at: Date | null;
  readonly taken_by: string | null;
  readonly note: string | null;
  readonly source: string;
  readonly campaign: string;
  readonly number: string;
  readonly time_zone: string | null;
  readonly fields: Readonly<Record<string, string>>;
  readonly suppressed: boolean;
}

/** Who wants to be called again, in the table `callback`. */
export class PostgresCallbackStore implements CallbackStore {
  readonly #pool: Database;
  readonly #query: Query;

  constructor(pool: Database) {
    this.#pool = pool;
    this.#query = queryFor(pool, "keep the callbacks");
  }

  async collect(): Promise<number> {
    return (await this.#query(collectSql, [])).rowCount ?? 0;
  }

  async giveBack(): Promise<number> {
    return (await this.#query(giveBackSql, [])).rowCount ?? 0;
  }

  async schedule({ campaignId, contactId, attemptId, dueAt, agentId, fallbackAt, note, source }: NewCallback): Promise<CallbackView> {
    const unknown = new Fault("contact-unknown", `There is no contact ${contactId} on the list of campaign ${campaignId}.`);
    if (!isId(campaignId) || !isId(contactId)) throw unknown;
    const values = [
      campaignId,
      contactId,
      attemptId,
      dueAt,
      fallbackAt,
      agentId,
      note === undefined ? undefined : storable(note, 2000),
      storable(source),
    ];
    const { rows } = await this.#query<{ id: string | null }>(scheduleSql, values);
    if (rows[0]?.id === null)
      throw new Fault("callback-invalid", "The person must not be called: they have opted out, or stand on a list of those who are not called.");
    const made = rows[0] && (await this.callback(rows[0].id ?? "0"));
    if (!made) throw unknown;
    return made;
  }

  async callbacks({ campaignId, ended = false }: CallbackFilter, { limit, afterId }: Page): Promise<readonly CallbackView[]> {
    const text = `${viewSql}
      where k.id > $1 and ($2::bigint is null or k.campaign_id = $2) and ($3 or k.state in ('waiting', 'taken'))
      order by k.id limit $4`;
    const { rows } = await this.#query<Row>(text, [idOr0(afterId), campaignId && idOr0(campaignId), ended, limit]);
    return rows.map(toView);
  }

  async callbacksFor(agentId: string, limit: number): Promise<readonly CallbackView[]> {
    const text = `${viewSql}
      where k.campaign_id in (select gc.campaign_id from group_campaign gc join membership m on m.group_id = gc.group_id where m.agent_id = $1)
        and (k.state = 'taken' and k.taken_by = $1
          or k.state = 'waiting' and (k.agent_id is null or k.agent_id = $1 or k.fallback_at <= clock_timestamp()))
      order by k.due_at, k.id limit $2`;
    const { rows } = await this.#query<Row>(text, [idOr0(agentId), limit]);
    return rows.map(toView);
  }

  async callback(id: string): Promise<CallbackView | undefined> {
    const { rows } = await this.#query<Row>(`${viewSql} where k.id = $1`, [idOr0(id)]);
    return rows[0] && toView(rows[0]);
  }

  async change(
    id: string,
    decide: (callback: CallbackView, at: number) => { readonly state: CallbackState; readonly takenBy?: string },
  ): Promise<CallbackView> {
    return await inTransaction(this.#pool, "change a callback", async (client) => {
      await client.query("select from callback where id = $1 for update", [idOr0(id)]);
      const { rows: times } = await client.query<{ now: number }>(nowSql);
      const { rows } = await client.query<Row>(`${viewSql} where k.id = $1`, [idOr0(id)]);
      if (!rows[0]) throw new Fault("callback-unknown", `There is no callback ${id}.`);
      const before = toView(rows[0]);
      const { state, takenBy } = decide(before, times[0]?.now ?? 0);
      const ended = state === "done" || state === "canceled";
      await client.query("update callback set state = $2, taken_by = $3, ended_at = case when $4 then clock_timestamp() end where id = $1", [
        id,
        state,
        takenBy,
        ended,
      ]);
      const { takenBy: _, ...rest } = before;
      return { ...rest, state, ...(takenBy !== undefined && { takenBy }) };
    });
  }
}

function toView(row: Row): CallbackView {
  return {
    id: row.id,
    campaignId: row.campaign_id,
    contactId: row.contact_id,
    ...(row.attempt_id !== null && { attemptId: row.attempt_id }),
    state: row.state,
    dueAt: row.due_at.getTime(),
    ...(row.agent_id !== null && { agentId: row.agent_id }),
    ...(row.fallback_at !== null && { fallbackAt: row.fallback_at.getTime() }),
    ...(row.taken_by !== null && { takenBy: row.taken_by }),
    ...(row.note !== null && { note: row.note }),
    source: row.source,
    campaign: row.campaign,
    address: row.number,
    timeZone: row.time_zone ?? undefined,
    fields: row.fields,
    suppressed: row.suppressed,
  };
}
