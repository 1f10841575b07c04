import type pg from "pg";
import { addressKindOf, type LookupWord } from "../../../contact/lookup/lookup.ts";
import type { LookupRun, LookupRunHold, LookupRunStore } from "../../../contact/lookup/ports.ts";
import { Fault } from "../../../kernel/fault.ts";
import { databaseFault } from "../faults.ts";
import type { Database } from "./change.ts";
import { idOr0 } from "./id.ts";
import { checkLookups, pageSql, peopleSql, runsWhere, stretchSql } from "./lookup-run-sql.ts";
import { fieldsSql, kindSql, wantSql } from "./lookup-sql.ts";
import { inTransaction } from "./transaction.ts";

const mayHold = "state = 'running' and lookups <@ $3::text[] and (taken_by = $1 or taken_until is null or taken_until <= clock_timestamp())";

const holdSql = `
update lookup_run set taken_by = $1, taken_until = clock_timestamp() + interval '1 ms' * $2::float8
where id = any(array(select r.id from lookup_run r where ${mayHold}
  and not exists (select from (select id, lookups from lookup_run where ${mayHold}) before where before.id < r.id and before.lookups && r.lookups)
  order by r.id limit $4 for update skip locked))
returning id::text as id, list_id::text as "listId", lookups, page_end::text as "pageEnd", place::text as place, last::text as last, chosen`;

interface Known {
  readonly lookup: string;
  readonly by: "number" | "client-id";
  readonly subject: string;
  readonly state: string;
  readonly word: LookupWord | null;
  readonly fields: Readonly<Record<string, string>> | null;
}

/** In the table `lookup_run`. */
export class PostgresLookupRuns implements LookupRunStore {
  readonly #pool: Database;
  readonly #node: string;

  constructor(pool: Database, node: string) {
    this.#pool = pool;
    this.#node = node;
  }

  async begin(listId: string, lookups: readonly string[]): Promise<LookupRun> {
    const made = `(insert into lookup_run (list_id, lookups, state, place, people, at)
      select id, $2, 'running', 0, contacts, clock_timestamp() from list where id = $1 returning *)`;
    return await inTransaction(this.#pool, "begin a look-up of a list", async (client) => {
      await checkLookups(client, lookups);
      const { rows } = await client.query<Row>(`with made as ${made} ${runsWhere("made", "")}`, [idOr0(listId), lookups]);
      if (rows[0] === undefined) throw new Fault("list-unknown", `There is no list ${listId}.`);
      return runOf(rows[0]);
    });
  }

  async runs(limit: number, beforeId?: string): Promise<readonly LookupRun[]> {
    const text = runsWhere("lookup_run", "where $2::bigint is null or r.id < $2 order by r.id desc limit $1");
    return (await this.#rows<Row>("read look-ups of lists", text, [limit, beforeId === undefined ? null : idOr0(beforeId)])).map(runOf);
  }

  async find(ids: readonly string[]): Promise<readonly LookupRun[]> {
    if (ids.length === 0) return [];
    const text = runsWhere("lookup_run", "where r.id = any($1::bigint[]) order by r.id");
    return (await this.#rows<Row>("read look-ups of lists", text, [ids.map(idOr0)])).map(runOf);
  }

  async cancel(id: string): Promise<boolean> {
    const text = `with canceled as (update lookup_run set state = 'canceled', ended_at = clock_timestamp(), page_end = null where id = $1 and state = 'running' returning id),
      gone as (delete from lookup_run_contact where run_id in (select id from canceled)) select id from canceled`;
    return (await this.#rows("cancel a look-up of a list", text, [idOr0(id)])).length > 0;
  }

  async hold(leaseMs: number, lookups: readonly string[], limit: number): Promise<readonly LookupRunHold[]> {
    const held = await this.#rows<Held>("take look-ups of lists", holdSql, [this.#node, leaseMs, lookups, limit]);
    return held
      .map((run) => ({ ...run, pageEnd: run.pageEnd ?? undefined, last: run.last ?? undefined }))
      .sort((one, other) => Number(BigInt(one.id) - BigInt(other.id)));
  }

  async nextPage({ id, listId, lookups, place, last: end, chosen }: LookupRunHold, contacts: number): Promise<boolean> {
    return await inTransaction(this.#pool, "want people of a list looked up", async (client) => {
      const who = chosen ? "chosen" : "all";
      const page = await client.query<{ last: string | null }>(pageSql[who], [listId, place, contacts, end ?? null, id]);
      const last = page.rows[0]?.last;
      if (!last) return false;
      const { rows } = await client.query<{ lookup: string; subject: string; dated: string }>(stretchSql[who], [listId, place, last, lookups, id]);
      const of = (name: "lookup" | "subject" | "dated") => rows.map((row) => row[name]);
      if (rows.length > 0) await client.query(wantSql, [of("lookup"), of("subject"), of("dated"), false]);
      await client.query("update lookup_run set page_end = $2 where id = $1 and state = 'running'", [id, last]);
      return true;
    });
  }

  async pageDone({ id, listId, lookups, place, pageEnd = place, chosen }: LookupRunHold): Promise<boolean> {
    const who = chosen ? "chosen" : "all";
    const text = `select s.lookup, l.by_subject as "by", s.subject, r.state, r.word, r.fields from (${stretchSql[who]}) s join lookup l on l.name = s.lookup
      left join lookup_answer r on r.lookup = s.lookup and r.subject = s.subject and r.dated = s.dated`;
    const known = await this.#rows<Known>("read what is known of people", text, [listId, place, pageEnd, lookups, id]);
    if (known.some(({ state }) => state === "wanted")) return false;
    const counts = Object.fromEntries(Object.entries(Object.groupBy(known, ({ lookup }) => lookup)).map(([name, of = []]) => [name, countedOf(of)]));
    await inTransaction(this.#pool, "count people who were looked up", async (client) => {
      // What was known before them they do not know yet.
      await client.query("set local lock_timeout = '5s'");
      for (const { by, subject, word, fields } of known) {
        const kind = word === null ? undefined : addressKindOf(word);
        if (kind !== undefined) await client.query(kindSql, [subject, kind]);
        if (fields !== null && Object.keys(fields).length > 0) await client.query(fieldsSql[by], [subject, JSON.stringify(fields)]);
      }
      const { rows } = await client.query<{ counts: LookupRun["counts"] }>("select counts from lookup_run where id = $1 for update", [id]);
      await client.query(
        `update lookup_run set counts = $2, contacts = contacts + ${peopleSql[who]}, place = $4, page_end = null where id = $1 and page_end = $4`,
        [id, JSON.stringify(summed(rows[0]?.counts ?? {}, counts)), place, pageEnd],
      );
      if (chosen) await client.query("delete from lookup_run_contact where run_id = $1 and contact_id <= $2", [id, pageEnd]);
    });
    return true;
  }

  async end(id: string): Promise<void> {
    await this.#rows(
      "end a look-up of a list",
      "update lookup_run set state = 'done', ended_at = clock_timestamp() where id = $1 and state = 'running'",
      [id],
    );
  }

  async #rows<R extends pg.QueryResultRow>(doing: string, text: string, values: unknown[]): Promise<readonly R[]> {
    try {
      return (await this.#pool.query<R>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, doing);
    }
  }
}

interface Row extends Omit<LookupRun, "endedAt" | "people"> {
  readonly endedAt: number | null;
  readonly people: number | null;
}

interface Held extends Omit<LookupRunHold, "pageEnd" | "last"> {
  readonly pageEnd: string | null;
  readonly last: string | null;
}

function runOf({ endedAt, people, ...run }: Row): LookupRun {
  return { ...run, ...(people !== null && { people }), ...(endedAt !== null && { endedAt }) };
}

function countedOf(known: readonly Known[]): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(Object.groupBy(known, ({ word }) => word ?? "failed")).map(([word, of = []]) => [word, of.length]));
}

function summed(one: LookupRun["counts"], other: LookupRun["counts"]): LookupRun["counts"] {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(
    names.map((name) => {
      const words = [...new Set([...Object.keys(one[name] ?? {}), ...Object.keys(other[name] ?? {})])];
      return [name, Object.fromEntries(words.map((word) => [word, (one[name]?.[word] ?? 0) + (other[name]?.[word] ?? 0)]))];
    }),
  );
}
