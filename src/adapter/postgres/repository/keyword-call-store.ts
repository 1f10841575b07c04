import type pg from "pg";
import type { KeywordCall, KeywordCallStore } from "../../../sms/store-ports.ts";
import { databaseFault } from "../faults.ts";

/** $1 how many, $2 for how long nobody else takes them (ms). */
const takeSql = `
update keyword_call k set due_at = clock_timestamp() + $2::float8 * interval '1 ms', tries = k.tries + 1
from (select id from keyword_call where state = 'pending' and due_at <= clock_timestamp() order by due_at limit $1 for update skip locked) due
where k.id = due.id
returning k.id::text, k.webhook, k.body, (extract(epoch from k.at) * 1000)::float8 as at, k.tries`;

/** Webhooks that are to be told of keywords, in the table `keyword_call`. */
export class PostgresKeywordCalls implements KeywordCallStore {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async take(limit: number, leaseMs: number): Promise<readonly KeywordCall[]> {
    return await this.#rows<KeywordCall>(takeSql, [limit, leaseMs]);
  }

  async end(id: string, state: "done" | "expired"): Promise<void> {
    await this.#rows("update keyword_call set state = $2 where id = $1 and state = 'pending'", [id, state]);
  }

  async putOff(id: string, afterMs: number): Promise<void> {
    const text = "update keyword_call set due_at = clock_timestamp() + $2::float8 * interval '1 ms' where id = $1 and state = 'pending'";
    await this.#rows(text, [id, afterMs]);
  }

  async #rows<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "keep which webhooks are to be told");
    }
  }
}
