import type pg from "pg";
import type { TimelineEntry, TimelinePlace, TimelineReader, WaitingView } from "../../../api/timeline-ports.ts";
import { databaseFault } from "../faults.ts";
import { isId } from "./id.ts";
import { timeSql } from "./suppressed.ts";

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;

/** $1 contact, $2 epoch ms, $3 kind and $4 id of the last one before the page, $5 how many. Each part uses its index. */
export const timelineSql = `
with numbers as materialized (select distinct number from address where contact_id = $1 and number is not null),
mailboxes as materialized (select distinct mailbox from address where contact_id = $1 and mailbox is not null),
entries as (
  select at, 'refused' as kind, id, json_strip_nulls(json_build_object('campaignId', campaign_id::text, 'rule', rule, 'retryAt', ${ms("retry_at")})) as detail
  from refusal where contact_id = $1
  union all
  select reserved_at, 'attempt', id, json_strip_nulls(json_build_object('campaignId', coalesce(campaign_id, inbound_campaign_id)::text, 'calledNumber', called_number, 'address', address,
    'channel', channel, 'state', state, 'result', result, 'outcome', outcome, 'reason', reason, 'answeredAt', ${ms("answered_at")}, 'endedAt', ${ms("ended_at")}))
  from attempt where contact_id = $1
  union all
  select s.created_at, 'suppressed', s.id, json_strip_nulls(json_build_object('campaignId', s.campaign_id::text, 'channel', s.channel, 'address', coalesce(s.number, s.mailbox),
    'reason', coalesce(nullif(s.reason, ''), l.reason, ''), 'source', s.source, 'list', l.name, 'expiresAt', ${ms("s.expires_at")}))
  from (
    select s.* from numbers n cross join lateral (select * from suppression where number = n.number offset 0) s
    union all select s.* from mailboxes m cross join lateral (select * from suppression where mailbox = m.mailbox offset 0) s
    union all select s.* from contact c cross join lateral (select * from suppression where client_id = c.client_id offset 0) s where c.id = $1
  ) s left join lateral (select name, reason from suppression_list where id = s.list_id offset 0) l on true
)
select ${ms("at")} as at, kind, id::text as id, detail from entries
where (at, kind, id) > (${timeSql("$2")}, $3::text, $4::bigint)
order by at, kind, id limit $5`;

/** $1 list, $2 what somebody calls the person, $3 the same as an id or 0. The surest first. */
export const namedSql = `
select id::text as id, 1 as rank from contact where list_id = $1 and client_id = $2
union all select a.contact_id::text, 2 from address a join contact c on c.id = a.contact_id and c.list_id = $1 where a.number = $2
union all select a.contact_id::text, 2 from address a join contact c on c.id = a.contact_id and c.list_id = $1 where a.mailbox = lower($2)
union all select id::text, 3 from contact where id = $3 and list_id = $1
order by rank, id`;

interface Row {
  readonly at: number;
  readonly kind: TimelineEntry["kind"];
  readonly id: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What happened to one person, and what did not and why. */
export class PostgresTimelineReader implements TimelineReader {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async timeline(contactId: string, limit: number, after?: TimelinePlace): Promise<readonly TimelineEntry[]> {
    if (!isId(contactId)) return [];
    const rows = await this.#rows<Row>(timelineSql, [contactId, after?.at ?? 0, after?.kind ?? "", after?.id ?? "0", limit]);
    // The statement gives each kind its own fields.
    return rows.map(({ at, kind, id, detail }) => ({ at, kind, id, ...detail }) as TimelineEntry);
  }

  async waiting(contactId: string): Promise<readonly WaitingView[]> {
    if (!isId(contactId)) return [];
    return await this.#rows<WaitingView>(
      `select campaign_id::text as "campaignId", ${ms("due_at")} as "dueAt" from work where contact_id = $1 order by campaign_id`,
      [contactId],
    );
  }

  async named(listId: string, word: string): Promise<readonly string[]> {
    if (!isId(listId)) return [];
    const rows = await this.#rows<{ id: string; rank: number }>(namedSql, [listId, word, isId(word) ? word : "0"]);
    return [...new Set(rows.filter(({ rank }) => rank === rows[0]?.rank).map(({ id }) => id))];
  }

  async #rows<T extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<readonly T[]> {
    try {
      return (await this.#pool.query<T>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "read what happened to a contact");
    }
  }
}
