import type pg from "pg";
import type { Scheduled } from "../../../strategy/schedule-ports.ts";
import type { LeftStart, StartStore } from "../../../strategy/start-ports.ts";
import { databaseFault } from "../faults.ts";
import type { CampaignStarter } from "./campaign-starter.ts";
import { idOr0 } from "./id.ts";
import { leftSql } from "./start-sql.ts";

/** The campaign whose list it is: $1 one by itself, or $2 one that carries out a strategy. */
const startedSql = `(select c.id from campaign c left join strategy_campaign g on g.id = c.strategy_campaign_id
  where c.id = $1::bigint or c.strategy_campaign_id = $2::bigint and c.pass = g.first_pass)`;

/** Nothing when it is no draft any more. */
const promiseSql = `
insert into campaign_start (campaign_id, done, total, seen_at, promised)
select c.id, 0, greatest(l.contacts, 1), clock_timestamp(), true from campaign c join list l on l.id = c.list_id where c.id = ${startedSql} and c.state = 'draft'
on conflict (campaign_id) do update set promised = true`;

/** What nobody waits for any more goes first. The time that is shown is that from before. */
const takeLeftSql = `
with gone as (
  delete from campaign_start s using campaign c where c.id = s.campaign_id and (c.state <> 'draft' or not s.promised and ${leftSql("s")})
), old as materialized (
  select s.campaign_id, s.seen_at from campaign_start s where s.promised and ${leftSql("s")}
    and exists (select from campaign c where c.id = s.campaign_id and c.state = 'draft') for update of s skip locked
), taken as (
  update campaign_start s set seen_at = clock_timestamp() from old where s.campaign_id = old.campaign_id
)
select c.id::text, c.strategy_campaign_id::text as "wholeId", coalesce(g.name, c.name) as name, floor(extract(epoch from old.seen_at) * 1000)::float8 as "seenAt"
from old join campaign c on c.id = old.campaign_id left join strategy_campaign g on g.id = c.strategy_campaign_id`;

interface LeftRow extends Pick<LeftStart, "name" | "seenAt"> {
  readonly id: string;
  readonly wholeId: string | null;
}

/** In the table `campaign_start`. */
export class PostgresStartStore implements StartStore {
  readonly #pool: Pick<pg.Pool, "query">;
  readonly #starter: CampaignStarter;

  constructor(pool: Pick<pg.Pool, "query">, starter: CampaignStarter) {
    this.#pool = pool;
    this.#starter = starter;
  }

  async promise(of: Scheduled): Promise<void> {
    await this.#rows(promiseSql, idsOf(of));
  }

  async takeLeft(): Promise<readonly LeftStart[]> {
    const rows = await this.#rows<LeftRow>(takeLeftSql, []);
    return rows.map(({ id, wholeId, name, seenAt }) => ({
      of: wholeId === null ? { campaignId: id } : { strategyCampaignId: wholeId },
      name,
      seenAt,
    }));
  }

  async forget(of: Scheduled): Promise<void> {
    await this.#rows(`delete from campaign_start where campaign_id = ${startedSql}`, idsOf(of));
  }

  async breakOff(): Promise<void> {
    await this.#starter.breakOff();
  }

  async #rows<Row extends object>(text: string, values: unknown[]): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query<Row & pg.QueryResultRow>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "read or write how far starts are");
    }
  }
}

function idsOf(of: Scheduled): [campaign: string | null, strategyCampaign: string | null] {
  return "campaignId" in of ? [idOr0(of.campaignId), null] : [null, idOr0(of.strategyCampaignId)];
}
