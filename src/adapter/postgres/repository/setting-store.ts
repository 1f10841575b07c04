import type { Clock } from "../../../kernel/clock.ts";
import type { KeptSetting, SettingKind, SettingStore } from "../../../voice/setting-store-ports.ts";
import type { TrunkRemoval } from "../../../voice/trunk-store-ports.ts";
import { type Database, keepNow } from "./change.ts";
import { type Query, queryFor } from "./query.ts";
import { timeSql } from "./suppressed.ts";

/** $1 kind, $2 name, $3 settings, $4 now (epoch ms). */
const addSql = `insert into kept_setting (kind, name, settings, revision, changed_at) values ($1, $2, $3, 1, ${timeSql("$4")}) on conflict do nothing`;

/** The same, and $5 revision. */
const changeSql = `update kept_setting set settings = $3, revision = revision + 1, changed_at = ${timeSql("$4")} where kind = $1 and name = $2 and revision = $5`;

/** $1 kind, $2 name, $3 also while it is used. */
const removeSql = `
with users as (
  select name from campaign
  where case $1 when 'route' then trunk else caller_id end = $2 and state in ('draft', 'running', 'paused', 'stopping') order by id limit 20
), phones as (
  select a.name from agent_phone p join agent a on a.id = p.agent_id where $1 = 'route' and p.trunk = $2 order by a.id limit 20
), gone as (
  delete from kept_setting where kind = $1 and name = $2 and ($3 or not exists (select from users) and not exists (select from phones)) returning name
)
select exists (select from gone) as removed, array(select name from users) as campaigns, array(select name from phones) as phones`;

/** Routes and pools of caller ids that were added over the API, in the table `kept_setting`. */
export class PostgresSettingStore implements SettingStore {
  readonly #pool: Database;
  readonly #query: Query;
  readonly #clock: Clock;

  constructor(pool: Database, clock: Clock) {
    this.#pool = pool;
    this.#query = queryFor(pool, "keep routes and pools");
    this.#clock = clock;
  }

  async all(): Promise<readonly KeptSetting[]> {
    return (await this.#query<KeptSetting>("select kind, name, settings, revision from kept_setting order by kind, name", [])).rows;
  }

  async add({ kind, name, settings }: Omit<KeptSetting, "revision">): Promise<boolean> {
    const { rowCount } = await this.#query(addSql, [kind, name, JSON.stringify(settings), this.#clock.now()]);
    return await this.#kept(rowCount === 1, { name, settings });
  }

  async change({ kind, name, settings, revision }: KeptSetting): Promise<boolean> {
    const { rowCount } = await this.#query(changeSql, [kind, name, JSON.stringify(settings), this.#clock.now(), revision]);
    return await this.#kept(rowCount === 1, { name, settings });
  }

  async remove(kind: SettingKind, name: string, force: boolean): Promise<TrunkRemoval> {
    const { rows } = await this.#query<TrunkRemoval>(removeSql, [kind, name, force]);
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
