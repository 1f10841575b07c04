import { once } from "node:events";
import type { Writable } from "node:stream";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { ListedWhom, LoadMode } from "../../../compliance/suppression.ts";
import type { LoadFacts, LoadResult, SuppressionLoad } from "../../../compliance/suppression-ports.ts";
import { databaseFault } from "../faults.ts";
import { subjectOfSql } from "./consented.ts";
import { copyLine } from "./copy-line.ts";
import { anybodyErased, erasedSql } from "./erased.ts";
import { timeSql } from "./suppressed.ts";
import { whomColumns } from "./suppression-row.ts";

/** Of this transaction alone, so nobody sees half of a file. `subject`: of somebody who was erased, under which hash. */
export const stageSql = `create temporary table suppression_stage (kind text not null, whom text not null, reason text not null, expires_at timestamptz(3), subject text) on commit drop`;
const copySql = "copy suppression_stage (kind, whom, reason, expires_at) from stdin";

const stagedSubject = subjectOfSql("kind", "whom");
/** Whoever was erased is not named in the clear again. */
const hideErasedSql = `update suppression_stage set subject = ${stagedSubject} where ${erasedSql(stagedSubject)}`;

/** By what entries name people: the column of theirs, what stands in it, and which of the file they are. */
interface Naming {
  readonly column: string;
  readonly value: string;
  readonly of: string;
  /** What else is written with it. */
  readonly also?: readonly [column: string, value: string];
}

const namings: readonly Naming[] = Object.entries(whomColumns).map(([kind, column]) => {
  return { column, value: "t.whom", of: `t.kind = '${kind}' and t.subject is null` };
});
const erasedNaming: Naming = { column: "subject", value: "t.subject", of: "t.subject is not null", also: ["subject_kind", "t.kind"] };

const same = ({ column, value }: Naming) => `s.${column} = ${value} and s.reason = t.reason and s.expires_at is not distinct from t.expires_at`;
const holds = (at: string) => `s.list_id = $1 and (s.expires_at is null or s.expires_at > ${at})`;

/** $1 list, $2 epoch ms, $3 by whom, $4 why. What the file has no more. */
const endSql = (naming: Naming) => `
update suppression s set expires_at = ${timeSql("$2")}, ended_by = $3, ended_reason = $4
where ${holds(timeSql("$2"))} and s.${naming.column} is not null and not exists (select from suppression_stage t where ${naming.of} and ${same(naming)})`;

/** $1 list, $2 epoch ms, $3 by whom, $4 load. What the list has not had before. */
const addSql = (naming: Naming) => `
insert into suppression (list_id, load_id, ${naming.column}${naming.also ? `, ${naming.also[0]}` : ""}, reason, source, recorded_by, created_at, expires_at)
select $1, $4, ${naming.value}${naming.also ? `, ${naming.also[1]}` : ""}, t.reason, 'list', $3, ${timeSql("$2")}, t.expires_at
from (select distinct kind, whom, subject, reason, expires_at from suppression_stage t where ${naming.of} and (expires_at is null or expires_at > ${timeSql("$2")})) t
where not exists (select from suppression s where ${holds(timeSql("$2"))} and ${same(naming)})`;

/** What a load wants to know and do besides its own statements. */
export interface LoadFrame {
  readonly client: pg.PoolClient;
  readonly listId: string;
  readonly mode: LoadMode;
  now(): number;
  /** Before the commit: what goes into the same transaction. */
  beforeCommit(): Promise<void>;
  /** After the commit, with the ids of what came in. */
  loaded(from: string, to: string): Promise<void>;
}

/** One file, on a connection of its own, in one transaction. */
export class PostgresSuppressionLoad implements SuppressionLoad {
  readonly #frame: LoadFrame;
  readonly #stage: Writable;
  #fault: unknown;
  #open = true;

  constructor(frame: LoadFrame) {
    this.#frame = frame;
    this.#stage = frame.client.query(copyFrom(copySql));
    this.#stage.on("error", (error) => {
      this.#fault = error;
    });
  }

  async add(entries: readonly ListedWhom[]): Promise<void> {
    const lines = entries.map(({ whom, reason, expiresAt }) =>
      copyLine([whom.kind, whom.value, reason, expiresAt === undefined ? undefined : new Date(expiresAt).toISOString()]),
    );
    const room = this.#stage.write(lines.join(""));
    if (!room && this.#fault === undefined) await once(this.#stage, "drain").catch(() => {});
    if (this.#fault !== undefined) throw databaseFault(this.#fault, "load the suppressions");
  }

  async commit({ by, file, dated, read, rejected, sha256 }: LoadFacts): Promise<LoadResult> {
    const { client, listId, mode } = this.#frame;
    try {
      this.#stage.end();
      if (!this.#stage.writableFinished) await once(this.#stage, "finish");
      await client.query("analyze suppression_stage");
      const now = this.#frame.now();
      const { rows: ids } = await client.query<{ load: string; before: string }>(
        "select nextval('suppression_load_id_seq')::text as load, nextval('suppression_id_seq')::text as before",
      );
      const [{ load, before } = { load: "0", before: "0" }] = ids;
      let ended = 0;
      let added = 0;
      const erased = await anybodyErased(client);
      if (erased) await client.query(hideErasedSql);
      for (const naming of erased ? [...namings, erasedNaming] : namings) {
        if (mode === "replace") ended += (await client.query(endSql(naming), [listId, now, by, `not in the file of load ${load}`])).rowCount ?? 0;
        added += (await client.query(addSql(naming), [listId, now, by, load])).rowCount ?? 0;
      }
      await client.query(
        `insert into suppression_load (id, list_id, at, by_whom, file, mode, dated, read, rejected, added, ended, sha256)
         values ($1, $2, ${timeSql("$3")}, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
        [load, listId, now, by, file ?? null, mode, dated ?? null, read, rejected, added, ended, sha256],
      );
      const { rows } = await client.query<{ entries: number; last: string }>(
        "update suppression_list set entries = entries + $2::bigint where id = $1 returning entries::float8 as entries, (select last_value from suppression_id_seq)::text as last",
        [listId, added - ended],
      );
      await this.#frame.beforeCommit();
      await client.query("commit");
      this.#open = false;
      client.release();
      if (added > 0) await this.#frame.loaded(before, rows[0]?.last ?? before);
      return { added, ended, entries: rows[0]?.entries ?? 0 };
    } catch (error) {
      await this.abort();
      throw databaseFault(this.#fault ?? error, "load the suppressions");
    }
  }

  async abort(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    // A COPY that is under way ends with its connection, and the transaction with it.
    this.#stage.destroy();
    this.#frame.client.release(true);
  }
}
