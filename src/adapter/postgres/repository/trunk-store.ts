import type { Clock } from "../../../kernel/clock.ts";
import type { KeptTrunk, TrunkRemoval, TrunkStore } from "../../../voice/trunk-store-ports.ts";
import { type Database, keepNow } from "./change.ts";
import { type Query, queryFor } from "./query.ts";
import { timeSql } from "./suppressed.ts";

/** $1 name, $2 settings, $3 sealed password, $4 now (epoch ms). */
const addSql = `insert into trunk (name, settings, sealed_password, revision, changed_at) values ($1, $2, $3, 1, ${timeSql("$4")}) on conflict do nothing`;

/** The same, and $5 revision. */
const changeSql = `update trunk set settings = $2, sealed_password = $3, revision = revision + 1, changed_at = ${timeSql("$4")} where name = $1 and revision = $5`;

/** $1 name, $2 also while it is used. */
const removeSql = `
with users as (
  select name from campaign where trunk = $1 and state in ('draft', 'running', 'paused', 'stopping') order by id limit 20
), phones as (
  select a.name from agent_phone p join agent a on a.id = p.agent_id where p.trunk = $1 order by a.id limit 20
), gone as (
  delete from trunk where name = $1 and ($2 or not exists (select from users) and not exists (select from phones)) returning name
)
select exists (select from gone) as removed, array(select name from users) as campaigns, array(select name from phones) as phones`;

interface Row {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly sealed_password: string | null;
  readonly revision: number;
}

/** The trunks that were added over the API, in the table `trunk`. */
export class PostgresTrunkStore implements TrunkStore {
  readonly #pool: Database;
  readonly #query: Query;
  readonly #clock: Clock;

  constructor(pool: Database, clock: Clock) {
    this.#pool = pool;
    this.#query = queryFor(pool, "keep the trunks");
    this.#clock = clock;
  }

  async all(): Promise<readonly KeptTrunk[]> {
    const { rows } = await this.#query<Row>("select name, settings, sealed_password, revision from trunk order by name", []);
    return rows.map(({ sealed_password: sealed, ...row }) => ({ ...row, sealedPassword: sealed ?? undefined }));
  }

  async add({ name, settings, sealedPassword }: Omit<KeptTrunk, "revision">): Promise<boolean> {
    const { rowCount } = await this.#query(addSql, [name, JSON.stringify(settings), sealedPassword ?? null, this.#clock.now()]);
    return await this.#kept(rowCount === 1, { name, settings });
  }

  async change({ name, settings, sealedPassword, revision }: KeptTrunk): Promise<boolean> {
    const { rowCount } = await this.#query(changeSql, [name, JSON.stringify(settings), sealedPassword ?? null, this.#clock.now(), revision]);
    return await this.#kept(rowCount === 1, { name, settings });
  }

  async remove(name: string, force: boolean): Promise<TrunkRemoval> {
    const { rows } = await this.#query<TrunkRemoval>(removeSql, [name, force]);
    const [row = { removed: false, campaigns: [], phones: [] }] = rows;
    await this.#kept(row.removed);
    return row;
  }

  /** The keepers of the nodes read them in the next moment. */
  async #kept(changed: boolean, now?: unknown): Promise<boolean> {
    if (changed) await keepNow(this.#pool, now);
    return changed;
  }
}
