import type pg from "pg";
import { addressKindOf, type LookupWord } from "../../../contact/lookup/lookup.ts";
import type { LookupRun, LookupRunHold, LookupRunStore } from "../../../contact/lookup/ports.ts";
import { Fault } from "../../../kernel/fault.ts";
import { databaseFault } from "../faults.ts";
import { idOr0 } from "./id.ts";
import { fieldsSql, kindSql, questionsSql, wantSql } from "./lookup-sql.ts";
import { inTransaction } from "./transaction.ts";

const columns = `r.id::text as id, l.name as list, r.list_id::text as "listId", r.lookups, r.state, r.contacts, r.counts,
  (extract(epoch from r.at) * 1000)::float8 as at, (extract(epoch from r.ended_at) * 1000)::float8 as "endedAt"`;

/** The questions about the people of a stretch of a list: $1 list, $2 and $3 from behind and up to which contact, $4 look-ups. Numbers each; of who is known by the client id one. */
const stretchSql = `
select distinct q.name as lookup, q.subject, q.dated
from contact c left join address a on a.contact_id = c.id and a.number is not null
cross join lateral (${questionsSql("$4::text[]", { number: "a.number", clientId: "c.client_id", fields: "c.fields" })}) q
where c.list_id = $1 and c.id > $2 and c.id <= $3 and q.subject is not null`;

const holdSql = `
update lookup_run set taken_by = $1, taken_until = clock_timestamp() + interval '1 ms' * $2::float8
where id = (select id from lookup_run where state = 'running' and lookups <@ $3::text[] and (taken_by = $1 or taken_until is null or taken_until <= clock_timestamp())
  order by id limit 1 for update skip locked)
returning id::text as id, list_id::text as "listId", lookups, page_end::text as "pageEnd", place::text as place`;

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
  readonly #pool: pg.Pool;
  readonly #node: string;

  constructor(pool: pg.Pool, node: string) {
    this.#pool = pool;
    this.#node = node;
  }

  async begin(listId: string, lookups: readonly string[]): Promise<LookupRun> {
    if (lookups.length === 0 || new Set(lookups).size < lookups.length) throw new Fault("lookup-invalid", "Name one look-up or several, each once.");
    const known = await this.#rows<{ name: string }>("read look-ups", "select name from lookup where name = any($1)", [lookups]);
    const missing = lookups.find((name) => !known.some((each) => each.name === name));
    if (missing !== undefined)
      throw new Fault(
        "lookup-unknown",
        `No server has had a look-up ${missing} yet: it must stand under lookups: in the configuration of one that runs.`,
      );
    const text = `with r as (insert into lookup_run (list_id, lookups, state, place, at) select id, $2, 'running', 0, clock_timestamp() from list where id = $1 returning *)
      select ${columns} from r join list l on l.id = r.list_id`;
    const [run] = await this.#rows<Row>("begin a look-up of a list", text, [idOr0(listId), lookups]);
    if (run === undefined) throw new Fault("list-unknown", `There is no list ${listId}.`);
    return runOf(run);
  }

  async runs(limit: number): Promise<readonly LookupRun[]> {
    const text = `select ${columns} from lookup_run r join list l on l.id = r.list_id order by r.id desc limit $1`;
    return (await this.#rows<Row>("read look-ups of lists", text, [limit])).map(runOf);
  }

  async hold(leaseMs: number, lookups: readonly string[]): Promise<LookupRunHold | undefined> {
    const [held] = await this.#rows<LookupRunHold & { pageEnd: string | null }>("take a look-up of a list", holdSql, [this.#node, leaseMs, lookups]);
    return held && { ...held, pageEnd: held.pageEnd ?? undefined };
  }

  async nextPage({ id, listId, lookups, place }: LookupRunHold, contacts: number): Promise<boolean> {
    return await inTransaction(this.#pool, "want people of a list looked up", async (client) => {
      const page = await client.query<{ last: string | null }>(
        "select max(id)::text as last from (select id from contact where list_id = $1 and id > $2 order by id limit $3) p",
        [listId, place, contacts],
      );
      const last = page.rows[0]?.last;
      if (!last) return false;
      const { rows } = await client.query<{ lookup: string; subject: string; dated: string }>(stretchSql, [listId, place, last, lookups]);
      const of = (name: "lookup" | "subject" | "dated") => rows.map((row) => row[name]);
      if (rows.length > 0) await client.query(wantSql, [of("lookup"), of("subject"), of("dated"), false]);
      await client.query("update lookup_run set page_end = $2 where id = $1", [id, last]);
      return true;
    });
  }

  async pageDone({ id, listId, lookups, place, pageEnd = place }: LookupRunHold): Promise<boolean> {
    const text = `select s.lookup, l.by_subject as "by", s.subject, r.state, r.word, r.fields from (${stretchSql}) s join lookup l on l.name = s.lookup
      left join lookup_answer r on r.lookup = s.lookup and r.subject = s.subject and r.dated = s.dated`;
    const known = await this.#rows<Known>("read what is known of people", text, [listId, place, pageEnd, lookups]);
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
      const people = "(select count(*) from contact where list_id = lookup_run.list_id and id > $3 and id <= $4)";
      await client.query(
        `update lookup_run set counts = $2, contacts = contacts + ${people}, place = $4, page_end = null where id = $1 and page_end = $4`,
        [id, JSON.stringify(summed(rows[0]?.counts ?? {}, counts)), place, pageEnd],
      );
    });
    return true;
  }

  async end(id: string): Promise<void> {
    await this.#rows("end a look-up of a list", "update lookup_run set state = 'done', ended_at = clock_timestamp() where id = $1", [id]);
  }

  async #rows<R extends pg.QueryResultRow>(doing: string, text: string, values: unknown[]): Promise<readonly R[]> {
    try {
      return (await this.#pool.query<R>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, doing);
    }
  }
}

interface Row extends Omit<LookupRun, "endedAt"> {
  readonly endedAt: number | null;
}

function runOf({ endedAt, ...run }: Row): LookupRun {
  return { ...run, ...(endedAt !== null && { endedAt }) };
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
