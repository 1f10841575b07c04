import type { KeptNumber, NumberStore } from "../../../voice/caller-id-ports.ts";
import type { Database } from "./change.ts";
import { type Query, queryFor } from "./query.ts";
import { timeSql } from "./suppressed.ts";

/** $1 number, $2 day, $3 how many, $4 cap. A row comes back when they were taken. Clocks may be apart: an earlier day counts as the one that is there. */
const takeSql = `
insert into number_use (number, day, calls, run) values ($1, $2, $3, 0)
on conflict (number) do update
  set calls = case when number_use.day >= excluded.day then number_use.calls else 0 end + excluded.calls, day = greatest(number_use.day, excluded.day)
  where case when number_use.day >= excluded.day then number_use.calls else 0 end + excluded.calls <= $4
returning number`;

/** $1 number, $2 run, $3 rest (epoch ms). */
const keepSql = `
insert into number_use (number, day, calls, run, rests_until) values ($1, 0, 0, $2, ${timeSql("$3")})
on conflict (number) do update set run = excluded.run, rests_until = greatest(number_use.rests_until, excluded.rests_until)`;

/** What is known of our own numbers, in the table `number_use`. */
export class PostgresNumberStore implements NumberStore {
  readonly #query: Query;

  constructor(pool: Database) {
    this.#query = queryFor(pool, "keep what is known of our numbers");
  }

  async read(): Promise<readonly KeptNumber[]> {
    const { rows } = await this.#query<{ number: string; run: number; rests_until: Date | null }>(
      "select number, run, rests_until from number_use",
      [],
    );
    return rows.map(({ number, run, rests_until: rest }) => ({ number, run, restsUntil: rest?.getTime() ?? 0 }));
  }

  async keep({ number, run, restsUntil }: KeptNumber): Promise<void> {
    await this.#query(keepSql, [number, run, restsUntil]);
  }

  async take(number: string, day: number, count: number, cap: number): Promise<boolean> {
    if (count > cap) return false;
    const { rowCount } = await this.#query(takeSql, [number, day, count, cap]);
    return rowCount === 1;
  }
}
