import type pg from "pg";
import { Fault } from "../../../kernel/fault.ts";

/** In the transaction that brings a file in: the run of the feed is loaded. Fault `feed-lost` when another node has taken the feed over. */
export async function settleFeedRun(client: pg.PoolClient, run: string): Promise<void> {
  const { rowCount } = await client.query("update feed_run set state = 'loaded' where id = $1 and state = 'running'", [run]);
  if (rowCount !== 1)
    throw new Fault("feed-lost", "Another node has taken the feed over meanwhile; nothing of the file went in.", { retryable: true });
}
