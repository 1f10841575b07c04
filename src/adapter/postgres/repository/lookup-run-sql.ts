import type pg from "pg";
import { Fault } from "../../../kernel/fault.ts";
import { questionsSql } from "./lookup-sql.ts";

type Querying = Pick<pg.ClientBase, "query">;

/** A look-up that no server has said for so long that it has it is gone: they say so every minute. */
export const seenSql = (lookup: string) => `coalesce(${lookup}.seen_at > clock_timestamp() - interval '3 minutes', false)`;

/** Rows of `RunRow`; what follows is the rest of the statement. */
export const runsWhere = (from: string, rest: string) => `
select r.id::text as id, l.name as list, r.list_id::text as "listId", r.lookups, r.state, r.people, r.contacts, r.counts,
  (extract(epoch from r.at) * 1000)::float8 as at, (extract(epoch from r.ended_at) * 1000)::float8 as "endedAt",
  case when r.state = 'running' then array(select n from unnest(r.lookups) n where not exists (select from lookup k where k.name = n and ${seenSql("k")})) else '{}' end as missing
from ${from} r join list l on l.id = r.list_id ${rest}`;

const questions = `cross join lateral (${questionsSql("$4::text[]", { number: "a.number", clientId: "c.client_id", fields: "c.fields" })}) q`;
const stretch = (people: string) => `
select distinct q.name as lookup, q.subject, q.dated
from ${people} left join address a on a.contact_id = c.id and a.number is not null ${questions}
where c.list_id = $1 and c.id > $2 and c.id <= $3 and q.subject is not null`;

/** The questions about the people of a stretch of a list: $1 list, $2 and $3 from behind and up to which contact, $4 look-ups, $5 run. Numbers each; of who is known by the client id one. */
export const stretchSql = {
  all: `${stretch("contact c")} and $5::bigint is not null`,
  chosen: stretch("lookup_run_contact k join contact c on k.run_id = $5 and c.id = k.contact_id"),
} as const;

/** $1 list, $2 from behind which contact, $3 how many, $4 up to which, or null, $5 run. */
export const pageSql = {
  all: `select max(id)::text as last from (select id from contact where list_id = $1 and id > $2 and ($4::bigint is null or id <= $4) and $5::bigint is not null order by id limit $3) p`,
  chosen: `select max(contact_id)::text as last from (select contact_id from lookup_run_contact where run_id = $5 and contact_id > $2 and $1::bigint is not null and ($4::bigint is null or contact_id <= $4)
    order by contact_id limit $3) p`,
} as const;

/** How many people of a run are on its list, in the stretch. The same parameters as `stretchSql`, but for the look-ups. */
export const peopleSql = {
  all: "(select count(*) from contact where list_id = lookup_run.list_id and id > $3 and id <= $4)",
  chosen: "(select count(*) from lookup_run_contact k where k.run_id = lookup_run.id and k.contact_id > $3 and k.contact_id <= $4)",
} as const;

/** Look-ups that a run may be about. @throws Fault `lookup-invalid`, `lookup-unknown` */
export async function checkLookups(client: Querying, lookups: readonly string[]): Promise<void> {
  if (lookups.length === 0 || new Set(lookups).size < lookups.length) throw new Fault("lookup-invalid", "Name one look-up or several, each once.");
  const { rows } = await client.query<{ name: string }>(`select name from lookup l where name = any($1) and ${seenSql("l")}`, [lookups]);
  const missing = lookups.find((name) => !rows.some((each) => each.name === name));
  if (missing !== undefined)
    throw new Fault("lookup-unknown", `No server has a look-up ${missing} now: it must stand under lookups: in the configuration of one that runs.`);
}

/** Whom an import brought onto one list. */
export interface Brought {
  readonly listId: string;
  /** Who is new; the first of them where there are any. */
  readonly inserted: number;
  readonly firstId: string | undefined;
  /** Who was there; with the new they stand in `import_kept`. */
  readonly updated: number;
  /** Nobody else is on the list. */
  readonly everybody: boolean;
}

/** Within the transaction of the import: no run without it, and it not without a run. @returns the run */
export async function beginImported(client: Querying, lookups: readonly string[], brought: Brought): Promise<string> {
  const { listId, inserted, firstId = "1", updated, everybody } = brought;
  const chosen = updated > 0 && !everybody;
  const { rows } = await client.query<{ id: string }>(
    `insert into lookup_run (list_id, lookups, state, place, last, people, chosen, at)
     values ($1, $2, 'running', $3::bigint - 1, (select max(id) from contact where list_id = $1), $4, $5, clock_timestamp()) returning id::text as id`,
    [listId, lookups, updated > 0 ? "1" : firstId, inserted + updated, chosen],
  );
  const { id = "" } = rows[0] ?? {};
  if (chosen)
    await client.query("insert into lookup_run_contact (run_id, contact_id) select $1, contact_id from import_kept where list_id = $2", [id, listId]);
  return id;
}
