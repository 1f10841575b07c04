import type pg from "pg";

/* What a database says of its own tables. */

export interface TableShape {
  readonly table: string;
  /** Those that take values; generated ones make their own. */
  readonly columns: readonly string[];
  /** Its identity column, when it has one. */
  readonly identity?: string;
}

const tablesSql = `
select c.relname as "table", array_agg(a.attname::text order by a.attnum) filter (where a.attgenerated = '') as columns,
  max(a.attname::text) filter (where a.attidentity <> '') as identity
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
group by c.relname order by c.relname`;

/** Every table of the schema, by name. */
export async function tablesOf(client: pg.Client): Promise<readonly TableShape[]> {
  const { rows } = await client.query<{ table: string; columns: string[] | null; identity: string | null }>(tablesSql);
  return rows.map(({ table, columns, identity }) => ({ table, columns: columns ?? [], ...(identity !== null && { identity }) }));
}

/** A name as SQL takes it, whatever is in it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * What goes between a statement and its rows has the same form on both sides, whatever the server is set to; and nobody ends a transaction that takes hours.
 */
export const plainFormsSql = `set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set timezone = 'UTC'; set extra_float_digits = 1; set bytea_output = 'hex';
set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0; set row_security = off`;

/** What stands in the way of rows that come all at once, and is put back when they are there: foreign keys and indexes that are no constraint's. */
export const obstaclesSql = `
select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop, format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as make, 2 as turn
from pg_constraint where contype = 'f' and connamespace = current_schema()::regnamespace
union all
select format('drop index %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid), 1
from pg_index i join pg_class c on c.oid = i.indrelid
where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
order by turn`;
