import type { Drain, NotedServer, SeenServer, ServerStore } from "../../../voice/fleet-ports.ts";
import type { Database } from "./change.ts";
import { type Query, queryFor } from "./query.ts";
import { timeSql } from "./suppressed.ts";

/** $1 node, $2 its servers as JSON, $3 now (epoch ms). What a node does not have any more goes, and so do the notes of nodes that are long gone. */
const noteSql = `
with seen as (select * from jsonb_to_recordset($2::jsonb) as s (server text, state text, sessions int, "maxSessions" int)),
gone as (
  delete from server_seen where (node = $1 and server not in (select server from seen)) or at < ${timeSql("$3")} - interval '1 day'
)
insert into server_seen (node, server, state, sessions, max_sessions, at)
select $1, server, state, sessions, "maxSessions", ${timeSql("$3")} from seen
on conflict (node, server) do update
  set state = excluded.state, sessions = excluded.sessions, max_sessions = excluded.max_sessions, at = excluded.at`;

interface SeenRow {
  readonly node: string;
  readonly server: string;
  readonly state: SeenServer["state"];
  readonly sessions: number;
  readonly max_sessions: number | null;
  readonly at: Date;
}

/** What all nodes know of their servers, in the tables `server_drain` and `server_seen`. */
export class PostgresServerStore implements ServerStore {
  readonly #query: Query;

  constructor(pool: Database) {
    this.#query = queryFor(pool, "keep what is known of the servers");
  }

  async drains(): Promise<readonly Drain[]> {
    const { rows } = await this.#query<{ server: string; since: Date }>("select server, since from server_drain order by server", []);
    return rows.map(({ server, since }) => ({ server, since: since.getTime() }));
  }

  async order(server: string, draining: boolean, at: number): Promise<void> {
    if (!draining) await this.#query("delete from server_drain where server = $1", [server]);
    else await this.#query(`insert into server_drain (server, since) values ($1, ${timeSql("$2")}) on conflict do nothing`, [server, at]);
  }

  async note(node: string, seen: readonly SeenServer[], at: number): Promise<void> {
    await this.#query(noteSql, [node, JSON.stringify(seen), at]);
  }

  async noted(since: number): Promise<readonly NotedServer[]> {
    const { rows } = await this.#query<SeenRow>(`select * from server_seen where at >= ${timeSql("$1")} order by server, node`, [since]);
    return rows.map(({ max_sessions: maxSessions, at, ...row }) => ({ ...row, maxSessions: maxSessions ?? undefined, at: at.getTime() }));
  }
}
