import type pg from "pg";
import type { ChannelName, Result } from "../../../attempt/result.ts";
import type { Tried, TriedReader } from "../../../strategy/rule-trial-ports.ts";
import { databaseFault } from "../faults.ts";
import { idOr0 } from "./id.ts";
import { timeSql } from "./suppressed.ts";

/** $1 from, $2 to (epoch ms), $3 the attempt of the page before, $4 how many. Ids grow with time, so a page is a stretch of the primary key. */
const pageSql = `
select a.id::text as id, a.reserved_at, c.name as campaign, a.channel, a.address, a.result, c.default_time_zone, p.id is not null as known, p.time_zone, p.fields
from attempt a join campaign c on c.id = a.campaign_id left join contact p on p.id = a.contact_id
where a.id > $3 and a.reserved_at >= ${timeSql("$1")} and a.reserved_at < ${timeSql("$2")}
order by a.id limit $4`;

interface Row {
  readonly id: string;
  readonly reserved_at: Date;
  readonly campaign: string;
  readonly channel: ChannelName;
  readonly address: string;
  readonly result: Result | null;
  readonly default_time_zone: string;
  readonly known: boolean;
  readonly time_zone: string | null;
  readonly fields: Readonly<Record<string, string>> | null;
}

/** Attempts of campaigns with what is known of their people now. */
export class PostgresTriedReader implements TriedReader {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async page(from: number, to: number, limit: number, afterId?: string): Promise<readonly Tried[]> {
    try {
      const { rows } = await this.#pool.query<Row>(pageSql, [from, to, idOr0(afterId), limit]);
      return rows.map(triedOf);
    } catch (error) {
      throw databaseFault(error, "read attempts");
    }
  }
}

function triedOf({ id, reserved_at: at, campaign, channel, address, result, default_time_zone: defaultTimeZone, ...row }: Row): Tried {
  const person = row.known ? { timeZone: row.time_zone ?? undefined, fields: row.fields ?? {} } : undefined;
  return { attemptId: id, at: at.getTime(), campaign, channel, address, result: result ?? undefined, person, defaultTimeZone };
}
