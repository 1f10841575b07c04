import type pg from "pg";
import type { AuditEntry, AuditFilter, AuditRecord } from "../../../access/audit.ts";
import type { AuditStore } from "../../../access/ports.ts";
import { databaseFault } from "../faults.ts";
import { idOr0 } from "./id.ts";
import { timeSql } from "./suppressed.ts";

const columns = `id::text, (extract(epoch from at) * 1000)::float8 as at, actor_kind as "actorKind", actor_id as "actorId", actor, action, target,
  before::text, after::text, origin, previous, hash`;

type Row = { readonly [Key in keyof AuditRecord]-?: AuditRecord[Key] | null };

/** The audit log, in the table `audit`; the database links it (migration/audit.ts). */
export class PostgresAuditStore implements AuditStore {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async add(entry: AuditEntry): Promise<void> {
    await addLine(this.#pool, entry, "write the audit log");
  }

  async page({ actor, target, from, to }: AuditFilter, { limit, afterId }: { readonly limit: number; readonly afterId?: string }) {
    const below = target === undefined ? null : `${target.replace(/[\\%_]/g, "\\$&")}/%`;
    const text = `select ${columns} from audit where id > $1 and ($3::text is null or actor = $3) and ($4::text is null or target = $4 or target like $5)
      and ($6::float8 is null or at >= ${timeSql("$6::float8")}) and ($7::float8 is null or at < ${timeSql("$7::float8")}) order by audit.id limit $2`;
    return await this.#read(text, [idOr0(afterId), limit, actor ?? null, target ?? null, below, from ?? null, to ?? null]);
  }

  async chain(afterId: string, limit: number): Promise<readonly AuditRecord[]> {
    return await this.#read(`select ${columns} from audit where id > $1 order by audit.id limit $2`, [idOr0(afterId), limit]);
  }

  async #read(text: string, values: unknown[]): Promise<readonly AuditRecord[]> {
    return (await this.#rows<Row>("read the audit log", text, values)).map(
      // A row has null where a record has nothing.
      (row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as AuditRecord,
    );
  }

  async #rows<Result extends pg.QueryResultRow>(doing: string, text: string, values: unknown[]): Promise<readonly Result[]> {
    try {
      return (await this.#pool.query<Result>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, doing);
    }
  }
}

/** Adds a line, in the transaction that the connection is in. @throws Fault */
export async function addLine(connection: Pick<pg.ClientBase, "query">, entry: AuditEntry, doing: string): Promise<void> {
  const { actorKind, actorId, actor, action, target, before, after, origin } = entry;
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value));
  const text = "insert into audit (actor_kind, actor_id, actor, action, target, before, after, origin) values ($1, $2, $3, $4, $5, $6, $7, $8)";
  try {
    await connection.query(text, [actorKind, actorId ?? null, actor, action, target, json(before), json(after), origin]);
  } catch (error) {
    throw databaseFault(error, doing);
  }
}
