import type pg from "pg";
import { addressKindOf, type LookupAnswer, type LookupFact, type LookupQuestion, type LookupSubject } from "../../../contact/lookup/lookup.ts";
import type { KnownLookup, LookupCounts, LookupStore, TakenQuestion } from "../../../contact/lookup/ports.ts";
import { databaseFault } from "../faults.ts";
import { idOr0 } from "./id.ts";
import { seenSql } from "./lookup-run-sql.ts";
import { callBackSql, fieldsSql, kindSql, takeSql } from "./lookup-sql.ts";
import { inTransaction } from "./transaction.ts";

const wantedSql =
  'select l.by_subject as "by" from lookup l where l.name = $1 and exists (select from lookup_answer where lookup = $1 and subject = $2 and dated = $3)';
const answeredSql = `
update lookup_answer set state = 'answered', word = $4, reason = $5, fields = $6, at = clock_timestamp(), until = clock_timestamp() + interval '1 ms' * $7::float8, urgent = false
where lookup = $1 and subject = $2 and dated = $3`;
const failedSql = `
update lookup_answer set state = case when $6 then 'failed' else 'wanted' end, word = null, reason = $4, at = clock_timestamp(), until = clock_timestamp() + interval '1 ms' * $5::float8,
  urgent = urgent and not $6
where lookup = $1 and subject = $2 and dated = $3`;

const missingSql = `
select distinct n.name from campaign c left join campaign_safeguard g on g.campaign_id = c.id cross join lateral unnest(coalesce(c.lookups, '{}') || coalesce(g.lookups, '{}')) n(name)
where c.id = $1 and not exists (select from lookup l where l.name = n.name and ${seenSql("l")}) order by n.name`;

/** Counts read what waits by its index, and no more of the rest than anybody wants to know. */
const countsSql = `
select l.name, l.kind, l.by_subject as "by", l.date_field as "dateField", ${seenSql("l")} as ready,
  (select count(*)::int from lookup_answer r where r.lookup = l.name and r.state = 'wanted') as waiting,
  (select count(*)::int from lookup_answer r where r.lookup = l.name and r.state = 'answered') as answered,
  (select count(*)::int from lookup_answer r where r.lookup = l.name and r.state = 'failed') as failed,
  (select r.reason from lookup_answer r where r.lookup = l.name and r.state <> 'answered' and r.reason is not null order by r.at desc limit 1) as trouble
from lookup l order by l.name`;

const findSql = `
select lookup as name, subject, dated, state, word, reason, (extract(epoch from until) * 1000)::float8 as until, (extract(epoch from at) * 1000)::float8 as at
from lookup_answer where subject = $1 order by at desc limit 100`;

/** In the tables `lookup`, `lookup_answer` and `lookup_wait`. */
export class PostgresLookupStore implements LookupStore {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async know(lookups: readonly KnownLookup[]): Promise<void> {
    const text = `insert into lookup (name, kind, by_subject, date_field, free_at, seen_at)
      select name, kind, "by", "dateField", clock_timestamp(), clock_timestamp() from jsonb_to_recordset($1) k(name text, kind text, "by" text, "dateField" text)
      on conflict (name) do update set kind = excluded.kind, by_subject = excluded.by_subject, date_field = excluded.date_field, seen_at = excluded.seen_at`;
    if (lookups.length > 0) await this.#rows("make look-ups known", text, [JSON.stringify(lookups)]);
  }

  async take(name: string, most: number, { perSecond, leaseMs }: { readonly perSecond: number; readonly leaseMs: number }) {
    return await this.#rows<TakenQuestion>("take questions", takeSql, [name, most, perSecond, leaseMs]);
  }

  async answered(name: string, { subject, dated }: LookupQuestion, { word, reason, fields }: LookupAnswer, ageMs: number): Promise<void> {
    const kind = addressKindOf(word);
    const wanted = await this.#rows<{ by: LookupSubject }>("keep an answer", wantedSql, [name, subject, dated]);
    // Otherwise somebody was forgotten while the question was under way.
    for (const { by } of wanted)
      await inTransaction(this.#pool, "tell contacts an answer", async (client) => {
        // An import has whom it changes until its end; the question is asked again then.
        await client.query("set local lock_timeout = '5s'");
        if (kind !== undefined) await client.query(kindSql, [subject, kind]);
        if (Object.keys(fields).length > 0) await client.query(fieldsSql[by], [subject, JSON.stringify(fields)]);
      });
    // By itself: whoever asks at this moment holds its row, and is seen by what follows. Nothing else is held with it.
    await this.#rows("keep an answer", answeredSql, [name, subject, dated, word, reason ?? null, JSON.stringify(fields), ageMs]);
    await this.#rows("call back who waits for an answer", callBackSql, [name, subject, dated]);
  }

  async failed(
    name: string,
    { subject, dated }: LookupQuestion,
    reason: string,
    { inMs, over }: { readonly inMs: number; readonly over: boolean },
  ): Promise<void> {
    await this.#rows("keep that a question failed", failedSql, [name, subject, dated, reason, inMs, over]);
    if (over) await this.#rows("call back who waits for an answer", callBackSql, [name, subject, dated]);
  }

  async waiting(): Promise<Readonly<Record<string, number>>> {
    const text = "select lookup, count(*)::int as waiting from lookup_answer where state = 'wanted' group by lookup";
    const rows = await this.#rows<{ lookup: string; waiting: number }>("count questions", text, []);
    return Object.fromEntries(rows.map(({ lookup, waiting }) => [lookup, waiting]));
  }

  async missing(campaignId: string): Promise<readonly string[]> {
    const rows = await this.#rows<{ name: string }>("look which look-ups a campaign wants", missingSql, [idOr0(campaignId)]);
    return rows.map(({ name }) => name);
  }

  async ready(): Promise<readonly string[]> {
    const text = `select name from lookup l where ${seenSql("l")} order by name`;
    return (await this.#rows<{ name: string }>("look which look-ups there are", text, [])).map(({ name }) => name);
  }

  async counts(): Promise<readonly LookupCounts[]> {
    const rows = await this.#rows<LookupCounts & { trouble: string | null }>("count questions", countsSql, []);
    return rows.map(({ trouble, ...counts }) => ({ ...counts, ...(trouble !== null && { trouble }) }));
  }

  async find(subject: string): Promise<readonly (LookupFact & { readonly at: number })[]> {
    return await this.#rows<LookupFact & { at: number }>("read what is known", findSql, [subject]);
  }

  async #rows<Row extends pg.QueryResultRow>(doing: string, text: string, values: unknown[]): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, doing);
    }
  }
}
