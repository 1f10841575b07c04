import pg from "pg";
import type { LineGrant, LineHolder, LineWish, Starts, TrunkLedger } from "../../../voice/trunk-ports.ts";
import { databaseFault } from "../faults.ts";

/** The stretch in which a second's calls are spread: a little over a second, because a start takes now more, now fewer milliseconds to the wire. */
const windowMs = 1025;
/** Further ahead the next moment cannot be: the database's clock was set back, or the limit was far lower. */
const farthest = "interval '300 s'";

/**
 * $1 trunk, $2 how many, $3 ms between two, $4 not before so many ms. A generic cell rate algorithm without tolerance, as that of campaigns: each call
 * takes the next moment, and moments that nobody took are gone. By the database's clock alone.
 */
const startsSql = `
insert into trunk_pace as p (trunk, next_at) values ($1, clock_timestamp() + ($4::float8 + $2::int * $3::float8) * interval '1 ms')
on conflict (trunk) do update set next_at = $2::int * $3::float8 * interval '1 ms' + greatest(
  case when p.next_at > clock_timestamp() + ${farthest} then clock_timestamp() else p.next_at end, clock_timestamp() + $4::float8 * interval '1 ms')
returning (extract(epoch from p.next_at - clock_timestamp()) * 1000)::float8 as ends_in_ms, (extract(epoch from p.next_at) * 1000)::float8 as ends_at`;

/** Whoever changes lines waits for the others here, in the order of names. Statements of their own, so that those after them see what was changed. */
const lockSql = (wishes: string) => `
insert into trunk_pace (trunk, next_at) select trunk, to_timestamp(0) from json_to_recordset(${wishes}) as w(trunk text) order by trunk on conflict do nothing;
select from trunk_pace where trunk in (select trunk from json_to_recordset(${wishes}) as w(trunk text)) order by trunk for no key update`;

/** Nodes that are gone count for nothing: their calls are ended, or watched over, by whoever took them over. */
const goneSql = "delete from trunk_line l where not exists (select from node n where n.name = l.node)";

/** What a node keeps is never taken from it. Beyond that it gets no more than the others leave. */
const linesSql = (wishes: string, node: string) => `
insert into trunk_line as l (trunk, node, lines, wanted, needed)
select w.trunk, ${node}, greatest(w.kept, least(w.asked, w.most - coalesce(o.lines, 0)))::int, w.wanted, w.needed
from json_to_recordset(${wishes}) as w(trunk text, most int, kept int, asked int, wanted int, needed int)
left join (select trunk, sum(lines) as lines from trunk_line where node <> ${node} group by trunk) o on o.trunk = w.trunk
on conflict (trunk, node) do update set lines = excluded.lines, wanted = excluded.wanted, needed = excluded.needed`;

const holdersSql = (wishes: string, node: string) => `
select trunk, lines, wanted, needed, node = ${node} as own from trunk_line
where trunk in (select trunk from json_to_recordset(${wishes}) as w(trunk text)) and (node = ${node} or greatest(lines, wanted, needed) > 0)
order by trunk, node collate "C"`;

interface HolderRow extends LineHolder {
  readonly trunk: string;
  readonly own: boolean;
}

/** The limits of trunks over all nodes of a database, in the tables `trunk_pace` and `trunk_line`. */
export class PostgresTrunkLedger implements TrunkLedger {
  readonly #pool: pg.Pool;
  readonly #node: string;

  constructor(pool: pg.Pool, node: string) {
    this.#pool = pool;
    this.#node = node;
  }

  async starts(trunk: string, maxCps: number, count: number, notBeforeMs: number): Promise<Starts> {
    const stepMs = windowMs / (maxCps < 1 ? maxCps : Math.floor(maxCps));
    try {
      const values = [trunk, count, stepMs, notBeforeMs];
      const { rows } = await this.#pool.query<{ ends_in_ms: number; ends_at: number }>({ name: "trunk-starts", text: startsSql, values });
      const { ends_in_ms: endsInMs, ends_at: endsAt } = rows[0] ?? { ends_in_ms: 0, ends_at: 0 };
      return { firstInMs: Math.max(0, endsInMs - count * stepMs), stepMs, endsAt };
    } catch (error) {
      throw databaseFault(error, "take a moment on a trunk");
    }
  }

  async lines(wishes: readonly LineWish[]): Promise<ReadonlyMap<string, LineGrant>> {
    const json = wishes.map(({ trunk, maxChannels: most, kept, asked, wanted, needed }) => ({ trunk, most, kept, asked, wanted, needed }));
    const text = pg.escapeLiteral(JSON.stringify(json));
    const node = pg.escapeLiteral(this.#node);
    try {
      // In one message, and so one transaction.
      const results: unknown = await this.#pool.query([lockSql(text), goneSql, linesSql(text, node), holdersSql(text, node)].join("; "));
      const rows = (results as readonly pg.QueryResult<HolderRow>[]).at(-1)?.rows ?? [];
      const holders = Map.groupBy(rows, ({ trunk }) => trunk);
      return new Map([...holders].map(([trunk, all]) => [trunk, { holders: all, own: all.findIndex(({ own }) => own) }]));
    } catch (error) {
      throw databaseFault(error, "share the lines of trunks");
    }
  }
}
