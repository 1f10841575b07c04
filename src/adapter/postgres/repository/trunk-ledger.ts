import pg from "pg";
import type { LineWish, Starts, TrunkLedger } from "../../../voice/trunk-ports.ts";
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
returning (extract(epoch from p.next_at - clock_timestamp()) * 1000)::float8 as ends_in_ms`;

/** Whoever changes lines waits for the others here, in the order of names. Statements of their own, so that the last one sees what they changed. */
const lockSql = (wishes: string) => `
insert into trunk_pace (trunk, next_at) select trunk, to_timestamp(0) from json_to_recordset(${wishes}) as w(trunk text) order by trunk on conflict do nothing;
select from trunk_pace where trunk in (select trunk from json_to_recordset(${wishes}) as w(trunk text)) order by trunk for no key update`;

/**
 * What a node keeps is never taken from it. Beyond that it gets what the others leave, and no more than an equal share where they want the rest. Nodes
 * that are gone count for nothing: their calls are ended, or watched over, by whoever took them over.
 */
const linesSql = (wishes: string, node: string) => `
with gone as (
  delete from trunk_line l where not exists (select from node n where n.name = l.node)
), wish as (
  select w.trunk, w.most, w.kept, w.wanted, count(l.node) + 1 as nodes, coalesce(sum(l.lines), 0) as others, coalesce(sum(greatest(l.wanted, l.lines)), 0) as theirs
  from json_to_recordset(${wishes}) as w(trunk text, most int, kept int, wanted int)
  left join trunk_line l on l.trunk = w.trunk and l.node <> ${node} and greatest(l.lines, l.wanted) > 0 and exists (select from node n where n.name = l.node)
  group by w.trunk, w.most, w.kept, w.wanted
), granted as (
  select trunk, wanted, greatest(kept, least(wanted, most - others, greatest(ceil(most::float8 / nodes), most - theirs)))::int as lines from wish
)
insert into trunk_line as l (trunk, node, lines, wanted) select trunk, ${node}, lines, wanted from granted
on conflict (trunk, node) do update set lines = excluded.lines, wanted = excluded.wanted
returning l.trunk, l.lines`;

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
      const { rows } = await this.#pool.query<{ ends_in_ms: number }>({ name: "trunk-starts", text: startsSql, values });
      return { firstInMs: Math.max(0, (rows[0]?.ends_in_ms ?? 0) - count * stepMs), stepMs };
    } catch (error) {
      throw databaseFault(error, "take a moment on a trunk");
    }
  }

  async lines(wishes: readonly LineWish[]): Promise<ReadonlyMap<string, number>> {
    const json = wishes.map(({ trunk, maxChannels: most, kept, wanted }) => ({ trunk, most, kept, wanted }));
    const text = pg.escapeLiteral(JSON.stringify(json));
    try {
      // In one message, and so one transaction.
      const results: unknown = await this.#pool.query(`${lockSql(text)}; ${linesSql(text, pg.escapeLiteral(this.#node))}`);
      const last = (results as readonly pg.QueryResult<{ trunk: string; lines: number }>[]).at(-1);
      return new Map(last?.rows.map(({ trunk, lines }) => [trunk, lines]));
    } catch (error) {
      throw databaseFault(error, "share the lines of trunks");
    }
  }
}
