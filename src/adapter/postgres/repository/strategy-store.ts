import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { strategyOf } from "../../../strategy/read-strategy.ts";
import type { StrategyStore, StrategyStretch, StrategyVersion } from "../../../strategy/strategy-ports.ts";
import { databaseFault } from "../faults.ts";
import type { Database } from "./change.ts";
import { isId } from "./id.ts";
import { inTransaction } from "./transaction.ts";

interface VersionRow {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly source: string;
  readonly published_at: Date;
  readonly published_by: string;
}

const versionsWhere = (rest: string) => `
select v.id, s.name, v.version, v.source, v.published_at, v.published_by
from strategy_version v join strategy s on s.id = v.strategy_id where ${rest}`;

const newestOf = (strategyId: string) => `(select id from strategy_version where strategy_id = ${strategyId} order by id desc limit 1)`;

/** $1 strategy, $2 source, $3 when, $4 by whom. */
const insertSql = `
insert into strategy_version (strategy_id, version, source, published_at, published_by)
select $1, 1 + coalesce(max(version), 0), $2, $3, $4 from strategy_version where strategy_id = $1 returning id`;

/** Versions that are kept as they run: claims ask for them again and again. */
const versionsKept = 100;

/** Published strategies. Whoever publishes holds the name's row, so that numbers have no gaps. */
export class PostgresStrategies implements StrategyStore {
  readonly #pool: Database;
  readonly #clock: Clock;
  readonly #kept = new Map<string, StrategyVersion>();

  constructor(pool: Database, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  async version(id: string): Promise<StrategyVersion | undefined> {
    const known = this.#kept.get(id);
    if (known || !isId(id)) return known;
    return (await this.#read(versionsWhere("v.id = $1"), [id]))[0];
  }

  async find(name: string, version?: number): Promise<StrategyVersion | undefined> {
    const which = version === undefined ? `v.id = ${newestOf("s.id")}` : "v.version = $2";
    return (await this.#read(versionsWhere(`s.name = $1 and ${which}`), version === undefined ? [name] : [name, version]))[0];
  }

  async all({ limit, afterId = "0" }: StrategyStretch): Promise<readonly StrategyVersion[]> {
    const text = `${versionsWhere(`v.id > $1 and v.id = ${newestOf("s.id")}`)} order by v.id limit $2`;
    return await this.#read(text, [isId(afterId) ? afterId : "0", limit]);
  }

  async versions(name: string, { limit, afterId }: StrategyStretch): Promise<readonly StrategyVersion[]> {
    const before = afterId === undefined ? null : isId(afterId) ? afterId : "0";
    const text = `${versionsWhere("s.name = $1 and ($2::bigint is null or v.id < $2)")} order by v.id desc limit $3`;
    return await this.#read(text, [name, before, limit]);
  }

  async publish(source: string, by: string): Promise<{ readonly version: StrategyVersion; readonly fresh: boolean }> {
    const { name } = strategyOf(source);
    return await inTransaction(this.#pool, `publish strategy ${name}`, async (client) => {
      await client.query("insert into strategy (name) values ($1) on conflict (name) do nothing", [name]);
      const held = await client.query<{ id: string }>("select id from strategy where name = $1 for no key update", [name]);
      const [strategy] = held.rows;
      if (!strategy) throw new Fault("database-fault", `Strategy ${name} was not found after it was written.`);
      const known = await client.query<VersionRow>(versionsWhere(`v.id = ${newestOf("$1")} and v.source = $2`), [strategy.id, source]);
      if (known.rows[0]) return { version: this.#toVersion(known.rows[0]), fresh: false };
      const made = await client.query<{ id: string }>(insertSql, [strategy.id, source, new Date(this.#clock.now()), by]);
      const { rows } = await client.query<VersionRow>(versionsWhere("v.id = $1"), [made.rows[0]?.id]);
      if (!rows[0]) throw new Fault("database-fault", `Strategy ${name} was not found after it was written.`);
      return { version: this.#toVersion(rows[0]), fresh: true };
    });
  }

  #toVersion({ id, name, version, source, published_at, published_by }: VersionRow): StrategyVersion {
    const known = this.#kept.get(id);
    if (known) return known;
    const made = { id, name, version, source, strategy: strategyOf(source), publishedAt: published_at.getTime(), publishedBy: published_by };
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= versionsKept && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(id, made);
    return made;
  }

  async #read(text: string, values: unknown[]): Promise<readonly StrategyVersion[]> {
    let rows: readonly VersionRow[];
    try {
      rows = (await this.#pool.query<VersionRow>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "read strategies");
    }
    return rows.map((row) => this.#toVersion(row));
  }
}
