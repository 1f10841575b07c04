import type pg from "pg";
import type { StreamPart, StreamReader } from "../../../webhook/stream-ports.ts";
import { databaseFault } from "../faults.ts";
import { positionText, readPosition, type StreamPosition, unseen } from "./stream-position.ts";
import { ms } from "./webhook-row.ts";

/** By the database's clock: for how long it is written down after it was last read, and how long what was written down is kept at least. */
const keptOnMs = 3_600_000;
const keptMs = 24 * 3_600_000;

/** Only now and then, so that readers do not write all the time. */
const keepOnSql = `
update listening set since = case when until < clock_timestamp() then clock_timestamp() else since end, until = clock_timestamp() + interval '${keptOnMs} ms'
where id = 1 and until < clock_timestamp() + interval '${keptOnMs * 0.9} ms'`;

/**
 * $1 from which transaction on nothing has been read, $2 which before it were going on, $3 and $4 the last row that was read, $5 how many; $6 the snapshot of the part, when it is one that
 * was begun before. A row that is visible now and was not in the snapshot that was read was committed in between, whenever its transaction began.
 */
const partSql = (begun: boolean) => {
  const rows = (
    which: string,
  ) => `(select e.xid, e.id, e.at, e.type, e.body from stream_event e where ${which} and (e.xid, e.id) > ($3::xid8, $4::bigint)
    ${begun ? "and pg_visible_in_snapshot(e.xid, $6::pg_snapshot)" : ""} order by e.xid, e.id limit $5)`;
  return `
select s.now, ${ms("clock_timestamp()")} as "nowMs", e.xid::text, e.id::text, ${ms("e.at")} as at, e.type, e.body
from (select pg_current_snapshot()::text as now) s
left join lateral (${rows("e.xid = any($2::xid8[])")} union all ${rows("e.xid >= $1::xid8")}) e on true
order by e.xid, e.id limit $5`;
};

interface Row {
  readonly now: string;
  readonly nowMs: number;
  readonly xid: string | null;
  readonly id: string;
  readonly at: number;
  readonly type: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The stream of events, from the table `stream_event`. */
export class PostgresStreamReader implements StreamReader {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async begin(): Promise<string> {
    await this.keepOn();
    const [row] = await this.#rows<{ at: number; now: string }>(`select ${ms("clock_timestamp()")} as at, pg_current_snapshot()::text as now`, []);
    return positionText({ at: row?.at ?? 0, read: row?.now ?? "" });
  }

  async keepOn(): Promise<void> {
    await this.#rows(keepOnSql, []);
  }

  async isWhole(text: string): Promise<boolean | undefined> {
    const position = readPosition(text);
    if (!position) return undefined;
    const [row] = await this.#rows<{ whole: boolean }>(
      `select until > clock_timestamp() and ${ms("since")} <= $1 and ${ms("clock_timestamp()")} - $1 < ${keptMs} as whole from listening where id = 1`,
      [position.at],
    );
    return row?.whole ?? false;
  }

  async read(text: string, limit: number): Promise<StreamPart> {
    const position = readPosition(text);
    if (!position) throw new RangeError("read: that is no position of the stream");
    const { read, within } = position;
    const { from, open } = unseen(read);
    const values = [from, open, within?.xid ?? "0", within?.id ?? "0", limit, ...(within ? [within.part] : [])];
    const rows = await this.#rows<Row>(partSql(within !== undefined), values);
    const found = rows.flatMap(({ xid, ...row }) => (xid === null ? [] : [{ ...row, xid }]));
    const [first] = rows;
    const part = within?.part ?? first?.now ?? read;
    const at = first?.nowMs ?? position.at;
    const events = found.map(({ id, xid, at: happenedAt, type, body }) => {
      return { position: positionText({ at, read, within: { part, xid, id } }), type, at: happenedAt, body };
    });
    const last = events.at(-1);
    const done: StreamPosition = { at, read: part };
    const full = last !== undefined && events.length === limit;
    return { events, position: full ? last.position : positionText(done), more: full || within !== undefined };
  }

  async #rows<Result extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Result[]> {
    try {
      return (await this.#pool.query<Result>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "read the stream of events");
    }
  }
}
