import type pg from "pg";
import type { AnswerKeeper, KeptAnswer, KeyState, RequestKey } from "../../../api/answer-ports.ts";
import { type Incarnations, incarnationNow } from "./incarnation.ts";
import { type Query, queryFor } from "./query.ts";

const keptFor = "interval '24 hours'";

/**
 * $1 whose key it is, $2 key, $3 request, $4 node and $5 its incarnation. A row comes back when the key is this request's: it is new, a day
 * old, or was taken by a process that died over it. By the database's clock.
 */
export const takeSql = `
insert into kept_answer (owner, key, request, node, incarnation, asked_at) values ($1, $2, $3, $4, $5, clock_timestamp())
on conflict (owner, key) do update
  set request = excluded.request, node = excluded.node, incarnation = excluded.incarnation, asked_at = excluded.asked_at, answer = null
  where kept_answer.asked_at < clock_timestamp() - ${keptFor} or (kept_answer.answer is null and
    (select true from node n where n.name = kept_answer.node and n.incarnation = kept_answer.incarnation limit 1) is null)
returning key`;

/** With each new key, so that as many go as come. */
export const purgeSql = `delete from kept_answer where asked_at < now() - ${keptFor}`;

/** Answers of requests that came with an Idempotency-Key, for a day, whichever node is asked again. */
export class PostgresAnswerKeeper implements AnswerKeeper {
  readonly #query: Query;
  readonly #nodes: Incarnations;
  readonly #node: string;

  constructor(pool: pg.Pool, nodes: Incarnations, node: string) {
    this.#query = queryFor(pool, "look after an Idempotency-Key");
    this.#nodes = nodes;
    this.#node = node;
  }

  async take({ owner, key }: RequestKey, request: string): Promise<KeyState> {
    const incarnation = incarnationNow(this.#nodes, this.#node, "answers requests");
    for (;;) {
      const { rowCount } = await this.#query(takeSql, [owner, key, request, this.#node, incarnation]);
      if (rowCount) {
        await this.#query(purgeSql, []);
        return { state: "taken" };
      }
      const found = await this.#query<{ request: string; answer: KeptAnswer | null }>(
        "select request, answer from kept_answer where owner = $1 and key = $2",
        [owner, key],
      );
      const [row] = found.rows;
      // Given back between the two: it may be had now.
      if (row) return row.answer ? { state: "answered", request: row.request, answer: row.answer } : { state: "busy" };
    }
  }

  async keep({ owner, key }: RequestKey, request: string, answer: KeptAnswer): Promise<void> {
    await this.#query("update kept_answer set request = $3, answer = $4 where owner = $1 and key = $2", [
      owner,
      key,
      request,
      JSON.stringify(answer),
    ]);
  }

  async giveBack({ owner, key }: RequestKey): Promise<void> {
    await this.#query("delete from kept_answer where owner = $1 and key = $2 and answer is null", [owner, key]);
  }
}
