/** What a list has of one row of a file. */
export interface KnownRow {
  readonly position: number;
  /** Who has the client id, and who has the first address, on this list. */
  readonly by_client_id: string | null;
  readonly by_address: string | null;
  /** Whether a row further up in the file had them. */
  readonly client_id_seen: boolean;
  readonly address_seen: boolean;
}

/**
 * $1 list, $2 rows. The list is locked, so what is free here stays free until the rows are in. Scalar look-ups rather than
 * EXISTS: of that the planner makes a hash of the whole list, anew for each batch, which is quadratic in a long list.
 */
export const knownSql = (seen: string) => `
select r.position,
  (select c.id from contact c where c.client_id = r.client_id and c.list_id = $1 limit 1)::text as by_client_id,
  (case when r.number is not null
    then (select a.contact_id from address a where a.number = r.number and a.list_id = $1 and a.position = 0 limit 1)
    else (select a.contact_id from address a where a.mailbox = r.mailbox and a.list_id = $1 and a.position = 0 limit 1) end)::text as by_address,
  ${seen}
from json_to_recordset($2::json) as r(position int, client_id text, number text, mailbox text)`;

/** Rows further up are on the list themselves, but for those of loads that write nothing, or change people. */
export const unseenSql = "false as client_id_seen, false as address_seen";
export const seenSql = `(select true from import_seen s where s.list_id = $1 and s.key = 'id ' || r.client_id) is not null as client_id_seen,
  (select true from import_seen s where s.list_id = $1 and s.key = coalesce(r.number, r.mailbox)) is not null as address_seen`;
export const seenTablesSql = `create temp table import_seen (list_id bigint, key text, primary key (list_id, key)) on commit drop;
create temp table import_kept (contact_id bigint primary key, list_id bigint) on commit drop`;
