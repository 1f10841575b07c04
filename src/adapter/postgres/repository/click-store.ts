import type pg from "pg";
import type { ClickStore } from "../../../email/ports.ts";
import { databaseFault } from "../faults.ts";
import { storable } from "./attempt-row.ts";
import { timeSql } from "./suppressed.ts";

/** $1 attempt, $2 target, $3 epoch ms, $4 program. Nothing for an attempt that there is not. */
const clickedSql = `
with clicked as (
  insert into message_click (attempt_id, target_hash, at)
  select a.id, md5($2), ${timeSql("$3")} from attempt a where a.id = $1 and a.channel = 'email'
  on conflict do nothing returning attempt_id, at
)
insert into attempt_event (attempt_id, at, kind, detail)
select attempt_id, at, 'report', jsonb_build_object('clicked', $2::text, 'program', $4::text) from clicked`;

/** Clicks on links of e-mails: each is an event of its attempt, once. */
export class PostgresClickStore implements ClickStore {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async clicked({ attemptId, target, at, program }: Parameters<ClickStore["clicked"]>[0]): Promise<boolean> {
    try {
      return (await this.#pool.query(clickedSql, [attemptId, storable(target), at, storable(program, 200)])).rowCount === 1;
    } catch (error) {
      throw databaseFault(error, "write down a click");
    }
  }
}
