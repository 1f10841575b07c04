import type pg from "pg";
import type { Log } from "../../../kernel/log.ts";
import type { PacerStore } from "../../../voice/agent-pacing-ports.ts";
import { isPacerRecord } from "../../../voice/pacing/log-schema.ts";
import type { PacerRecord } from "../../../voice/pacing/pacer.ts";
import { type Query, queryFor } from "./query.ts";

const keepSql = `
insert into pacer as p (campaign_id, node, record, at)
select campaign_id, $1, record, clock_timestamp() from json_to_recordset($2::json) as r(campaign_id bigint, record jsonb) order by campaign_id
on conflict (campaign_id, node) do update set record = excluded.record, at = excluded.at`;

/** What this node has learned goes first; else the newest of what others have. */
const loadSql = "select record from pacer where campaign_id = $1 order by node = $2 desc, at desc limit 1";

/** Pacers as they left off, in the table `pacer`. */
export class PostgresPacerStore implements PacerStore {
  readonly #query: Query;
  readonly #node: string;
  readonly #log: Log;

  constructor(pool: pg.Pool, node: string, log: Log) {
    this.#query = queryFor(pool, "keep what pacers have learned");
    this.#node = node;
    this.#log = log;
  }

  async load(campaignId: string): Promise<PacerRecord | undefined> {
    const { rows } = await this.#query<{ record: unknown }>(loadSql, [campaignId, this.#node]);
    const record = rows[0]?.record;
    if (record === undefined || isPacerRecord(record)) return record;
    this.#log.warn({ campaign: campaignId }, "what the pacer has learned is of another version of Carillon; it begins anew");
    return undefined;
  }

  async keep(records: ReadonlyMap<string, PacerRecord>): Promise<void> {
    if (records.size === 0) return;
    const rows = [...records].map(([campaignId, record]) => ({ campaign_id: campaignId, record }));
    await this.#query(keepSql, [this.#node, JSON.stringify(rows)]);
  }
}
