import type pg from "pg";
import type { Mapping } from "../../../contact/mapping.ts";
import type {
  ImportState,
  ImportWishes,
  MappingStore,
  NewImport,
  StagedImport,
  StagedImportStore,
  StagedReport,
} from "../../../contact/staged-ports.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { databaseFault } from "../faults.ts";
import { isId } from "./id.ts";
import { type Query, queryFor } from "./query.ts";
import { timeSql } from "./suppressed.ts";

/** Rows of the table that a file is kept in. */
const pieceBytes = 1 << 20;
/** A file that nobody asked for again is let go. */
const keptDays = 7;
/** Class of the advisory locks by which an import is carried out by one process at once. */
const lockClass = 7_243_260;

interface Row {
  readonly id: string;
  readonly listName: string;
  readonly wishes: ImportWishes;
  readonly state: ImportState;
  readonly report: StagedReport | null;
  readonly fault: string | null;
  readonly bytes: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

const selectSql = `select id::text as id, list_name as "listName", wishes, state, report, fault, bytes::text as bytes,
  created_by as "createdBy", created_at as "createdAt", ended_at as "endedAt" from import`;

const beginSql = `
with old as (
  update import set state = 'dropped', ended_at = ${timeSql("$4")}
  where state in ('arriving', 'checked') and created_at < ${timeSql("$4")} - interval '${keptDays} days' returning id
), freed as (
  delete from import_piece where import_id in (select id from old)
)
insert into import (list_name, wishes, state, bytes, created_by, created_at) values ($1, $2, 'arriving', 0, $3, ${timeSql("$4")}) returning id::text as id`;

/** $1 id, $2 from, $3 to, $4 report, $5 fault, $6 epoch ms. What may go on keeps its file. */
const settleSql = `
with settled as (
  update import set state = $3, report = coalesce($4::jsonb, report), fault = $5, ended_at = case when $3 in ('checked', 'committing') then null else ${timeSql("$6")} end
  where id = $1 and state = $2 returning id
), freed as (
  delete from import_piece where $3 not in ('checked', 'committing') and import_id in (select id from settled)
)
select id from settled`;

export class PostgresStagedImports implements StagedImportStore, MappingStore {
  readonly #pool: pg.Pool;
  readonly #query: Query;
  readonly #clock: Clock;

  constructor(pool: pg.Pool, clock: Clock) {
    this.#pool = pool;
    this.#query = queryFor(pool, "keep an import");
    this.#clock = clock;
  }

  async begin({ listName, wishes, createdBy }: NewImport): Promise<string> {
    const { rows } = await this.#query<{ id: string }>(beginSql, [listName, JSON.stringify(wishes), createdBy, this.#clock.now()]);
    return rows[0]?.id ?? "";
  }

  async fill(id: string, file: AsyncIterable<Uint8Array>): Promise<number> {
    let [position, bytes, held] = [0, 0, 0];
    let pieces: Uint8Array[] = [];
    const keep = async () => {
      await this.#query("insert into import_piece (import_id, position, content) values ($1, $2, $3)", [id, position, Buffer.concat(pieces)]);
      position += 1;
      [pieces, held] = [[], 0];
    };
    try {
      for await (const piece of file) {
        pieces.push(piece);
        bytes += piece.length;
        held += piece.length;
        if (held >= pieceBytes) await keep();
      }
    } catch (error) {
      if (error instanceof Fault) throw error;
      throw new Fault("import-broken-off", "The file could not be read to its end; nothing was imported.", { cause: error, retryable: true });
    }
    if (held > 0) await keep();
    await this.#query("update import set bytes = $2 where id = $1", [id, bytes]);
    return bytes;
  }

  async *read(id: string): AsyncGenerator<Uint8Array> {
    for (let position = 0; ; position += 1) {
      const text = "select content from import_piece where import_id = $1 and position = $2";
      const { rows } = await this.#query<{ content: Buffer }>(text, [id, position]);
      if (!rows[0]) return;
      yield rows[0].content;
    }
  }

  async alone<T>(id: string, work: () => Promise<T>): Promise<T | undefined> {
    if (!isId(id)) return undefined;
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw databaseFault(error, "carry out an import");
    });
    let broken = true;
    try {
      // Of one whose process died in the middle the lock is free, and nothing has gone in.
      const { rows } = await client.query<{ mine: boolean }>("select pg_try_advisory_lock($1, hashtext($2)) as mine", [lockClass, id]);
      const taken =
        rows[0]?.mine && (await client.query("update import set state = 'committing' where id = $1 and state in ('checked', 'committing')", [id]));
      const result = taken && taken.rowCount === 1 ? await work() : undefined;
      if (rows[0]?.mine) await client.query("select pg_advisory_unlock($1, hashtext($2))", [lockClass, id]);
      broken = false;
      return result;
    } finally {
      client.release(broken);
    }
  }

  async settle(id: string, from: ImportState, to: ImportState, { report, fault }: { report?: StagedReport; fault?: string } = {}): Promise<boolean> {
    const values = [id, from, to, report === undefined ? null : JSON.stringify(report), fault ?? null, this.#clock.now()];
    return (await this.#query(settleSql, values)).rowCount === 1;
  }

  async find(id: string): Promise<StagedImport | undefined> {
    if (!isId(id)) return undefined;
    const { rows } = await this.#query<Row>(`${selectSql} where id = $1`, [id]);
    return rows[0] && toImport(rows[0]);
  }

  async latest(limit: number): Promise<readonly StagedImport[]> {
    return (await this.#query<Row>(`${selectSql} order by import.id desc limit $1`, [limit])).rows.map(toImport);
  }

  async mapping(name: string): Promise<Mapping | undefined> {
    const { rows } = await this.#query<{ mapping: Mapping }>("select mapping from import_mapping where name = $1", [name]);
    return rows[0]?.mapping;
  }

  async mappings(): Promise<readonly { readonly name: string; readonly mapping: Mapping }[]> {
    return (await this.#query<{ name: string; mapping: Mapping }>("select name, mapping from import_mapping order by name limit 1000", [])).rows;
  }

  async keep(name: string, mapping: Mapping, by: string): Promise<void> {
    const text = `insert into import_mapping (name, mapping, changed_by, changed_at) values ($1, $2, $3, ${timeSql("$4")})
      on conflict (name) do update set mapping = excluded.mapping, changed_by = excluded.changed_by, changed_at = excluded.changed_at`;
    await this.#query(text, [name, JSON.stringify(mapping), by, this.#clock.now()]);
  }

  async forget(name: string): Promise<boolean> {
    return (await this.#query("delete from import_mapping where name = $1", [name])).rowCount === 1;
  }
}

function toImport({ report, fault, bytes, createdAt, endedAt, ...row }: Row): StagedImport {
  return {
    ...row,
    report: report ?? undefined,
    fault: fault ?? undefined,
    bytes: Number(bytes),
    createdAt: createdAt.getTime(),
    endedAt: endedAt?.getTime(),
  };
}
