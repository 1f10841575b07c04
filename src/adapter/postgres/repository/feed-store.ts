import type pg from "pg";
import type { FeedHold, FeedReport, FeedRun, FeedRunState, FeedStore, FeedView, SeenFiles } from "../../../contact/feed-ports.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { databaseFault } from "../faults.ts";
import type { Database } from "./change.ts";
import { timeSql } from "./suppressed.ts";

/** A field as epoch ms. */
const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;
const runColumns = `id::text as id, feed, node, state, file, bytes::float8 as bytes, sha256, report, fault, ${ms("at")} as at, ${ms("ended_at")} as "endedAt"`;

/** $1 names, $2 first looks (epoch ms). */
const knowSql = `insert into feed (name, next_at)
select n.name, ${timeSql("n.first")} from unnest($1::text[], $2::float8[]) as n(name, first) on conflict (name) do nothing`;

/** $1 names, $2 now, $3 node, $4 until. */
const takeSql = `
update feed set taken_by = $3, taken_until = ${timeSql("$4")}, looked_at = ${timeSql("$2")}, asked_at = null
where name = (
  select name from feed where name = any($1::text[]) and (next_at <= ${timeSql("$2")} or asked_at is not null)
    and (taken_until is null or taken_until <= ${timeSql("$2")})
  order by next_at limit 1 for update skip locked
)
returning name, seen, failures, host_key as "hostKey"`;

/** What a node that is gone was at. */
const interruptSql = `update feed_run set state = 'interrupted', fault = 'the server that was at it is gone', ended_at = ${timeSql("$2")} where feed = $1 and state = 'running'`;

interface RunRow {
  readonly id: string;
  readonly feed: string;
  readonly node: string;
  readonly state: FeedRunState;
  readonly file: string | null;
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly report: FeedReport | null;
  readonly fault: string | null;
  readonly at: number;
  readonly endedAt: number | null;
}

interface FeedRow {
  readonly name: string;
  readonly nextAt: number;
  readonly lookedAt: number | null;
  readonly takenBy: string | null;
  readonly failures: number;
  readonly trouble: string | null;
  readonly hostKey: string | null;
}

/** In the tables `feed` and `feed_run`. */
export class PostgresFeedStore implements FeedStore {
  readonly #pool: Database;
  readonly #clock: Clock;
  readonly #node: string;

  constructor(pool: Database, clock: Clock, node: string) {
    this.#pool = pool;
    this.#clock = clock;
    this.#node = node;
  }

  async know(feeds: readonly { readonly name: string; readonly firstAt: number }[]): Promise<void> {
    await this.#rows(knowSql, [feeds.map(({ name }) => name), feeds.map(({ firstAt }) => firstAt)]);
  }

  async take(names: readonly string[], until: number): Promise<FeedHold | undefined> {
    const now = this.#clock.now();
    const [row] = await this.#rows<{ name: string; seen: SeenFiles; failures: number; hostKey: string | null }>(takeSql, [
      names,
      now,
      this.#node,
      until,
    ]);
    if (row === undefined) return undefined;
    await this.#rows(interruptSql, [row.name, now]);
    const { hostKey, ...hold } = row;
    return { ...hold, ...(hostKey !== null && { hostKey }) };
  }

  async extend(name: string, until: number): Promise<boolean> {
    const text = `update feed set taken_until = ${timeSql("$3")} where name = $1 and taken_by = $2 returning name`;
    return (await this.#rows(text, [name, this.#node, until])).length > 0;
  }

  async release(
    name: string,
    { nextAt, seen, failures, trouble }: { readonly nextAt: number; readonly seen: SeenFiles; readonly failures: number; readonly trouble?: string },
  ): Promise<void> {
    const text = `update feed set taken_by = null, taken_until = null, next_at = ${timeSql("$3")}, seen = $4, failures = $5, trouble = $6 where name = $1 and taken_by = $2`;
    await this.#rows(text, [name, this.#node, nextAt, JSON.stringify(seen), failures, trouble]);
  }

  async keepHostKey(name: string, hostKey: string): Promise<void> {
    await this.#rows("update feed set host_key = $2 where name = $1", [name, hostKey]);
  }

  async begin(wanted: { readonly feed: string; readonly file: string; readonly bytes: number; readonly sha256?: string }) {
    const { feed, file, bytes, sha256 } = wanted;
    const text = `insert into feed_run (feed, node, state, file, bytes, sha256, at) values ($1, $2, 'running', $3, $4, $5, ${timeSql("$6")})
      on conflict (feed, file, bytes, sha256) where state in ('running', 'loaded', 'done') do nothing returning ${runColumns}`;
    const [row] = await this.#rows<RunRow>(text, [feed, this.#node, file, bytes, sha256, this.#clock.now()]);
    if (row) return { run: toRun(row) };
    const earlierSql = `select ${runColumns} from feed_run where feed = $1 and file = $2 and bytes = $3 and sha256 = $4 and state in ('running', 'loaded', 'done')`;
    const [earlier] = await this.#rows<RunRow>(earlierSql, [feed, file, bytes, sha256]);
    if (earlier === undefined) throw new Fault("feed-lost", "Another node has taken the feed over meanwhile.", { retryable: true });
    return { earlier: toRun(earlier) };
  }

  async settle(
    id: string,
    state: FeedRunState,
    { report, fault }: { readonly report?: FeedReport; readonly fault?: string } = {},
    from: readonly FeedRunState[] = ["running", "loaded"],
  ): Promise<boolean> {
    const text = `update feed_run set state = $2, report = coalesce($3::jsonb, report), fault = $4,
        ended_at = case when $2 in ('running', 'loaded') then null else ${timeSql("$5")} end
      where id = $1 and state = any($6::text[]) returning id`;
    return (await this.#rows(text, [id, state, report && JSON.stringify(report), fault, this.#clock.now(), from])).length > 0;
  }

  async note({ feed, state, fault, file, bytes, sha256 }: Pick<FeedRun, "feed" | "state" | "fault" | "file" | "bytes" | "sha256">): Promise<FeedRun> {
    const text = `insert into feed_run (feed, node, state, fault, file, bytes, sha256, at, ended_at)
      values ($1, $2, $3, $4, $5, $6, $7, ${timeSql("$8")}, ${timeSql("$8")}) returning ${runColumns}`;
    const [row] = await this.#rows<RunRow>(text, [feed, this.#node, state, fault, file, bytes, sha256, this.#clock.now()]);
    if (row === undefined) throw new Fault("database-fault", "A run of a feed was written and is not there.");
    return toRun(row);
  }

  async loaded(feed: string): Promise<readonly FeedRun[]> {
    return (await this.#rows<RunRow>(`select ${runColumns} from feed_run where feed = $1 and state = 'loaded' order by feed_run.id`, [feed])).map(
      toRun,
    );
  }

  async tries({ feed, file, sha256 }: { readonly feed: string; readonly file: string; readonly sha256: string }): Promise<number> {
    const text = "select count(*)::int as many from feed_run where feed = $1 and file = $2 and sha256 = $3 and state in ('failed', 'interrupted')";
    const [row] = await this.#rows<{ many: number }>(text, [feed, file, sha256]);
    return row?.many ?? 0;
  }

  async list(): Promise<readonly FeedView[]> {
    const text = `select name, ${ms("next_at")} as "nextAt", ${ms("looked_at")} as "lookedAt", taken_by as "takenBy", failures, trouble, host_key as "hostKey" from feed order by name`;
    return (await this.#rows<FeedRow>(text, [])).map(present);
  }

  async runs(feed: string | undefined, limit: number): Promise<readonly FeedRun[]> {
    const text = `select ${runColumns} from feed_run where $1::text is null or feed = $1 order by feed_run.id desc limit $2`;
    return (await this.#rows<RunRow>(text, [feed, limit])).map(toRun);
  }

  async ask(name: string): Promise<boolean> {
    return (await this.#rows(`update feed set asked_at = ${timeSql("$2")} where name = $1 returning name`, [name, this.#clock.now()])).length > 0;
  }

  async #rows<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "read or write the runs of feeds");
    }
  }
}

type Present<Row> = { readonly [K in keyof Row as null extends Row[K] ? never : K]: Row[K] } & {
  readonly [K in keyof Row as null extends Row[K] ? K : never]?: NonNullable<Row[K]>;
};

function toRun(row: RunRow): FeedRun {
  return present(row);
}

/** A row without what is null in it. */
function present<Row extends object>(row: Row): Present<Row> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Present<Row>;
}
