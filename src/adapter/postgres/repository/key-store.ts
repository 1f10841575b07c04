import type { ApiKey } from "../../../access/key.ts";
import { holds } from "../../../access/key.ts";
import type { KeyStore, NewKey } from "../../../access/ports.ts";
import type { Role } from "../../../access/role.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { databaseFault } from "../faults.ts";
import { type Database, keepNow } from "./change.ts";
import { idOr0, isId } from "./id.ts";
import { timeSql } from "./suppressed.ts";

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;
const columns = `id::text, name, hash, role, group_ids, agent_id::text, ${ms("created_at")} as created_at, ${ms("revoked_at")} as revoked_at,
  ${ms("expires_at")} as expires_at, ${ms("last_used_at")} as last_used_at`;

/**
 * For so long a key that was found to hold is taken to hold: a program that asks for much costs one look-up a second, not one for each request. Who revokes a key elsewhere, on
 * another node or at a terminal, waits no longer than that for the last request with it.
 */
const rememberedMs = 1000;
/** Of so many keys. */
const mostRemembered = 1000;

/** A use is written down when the one before is this long ago: a key in use costs no write per request. */
const usedEveryMs = 60_000;

interface Row {
  readonly id: string;
  readonly name: string;
  readonly hash: string;
  readonly role: Role;
  readonly group_ids: readonly string[] | null;
  readonly agent_id: string | null;
  readonly created_at: number;
  readonly revoked_at: number | null;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
}

export class PostgresKeyStore implements KeyStore {
  readonly #pool: Database;
  readonly #clock: Clock;
  /** Keys that held, by their hashes, and until when that is taken for granted; the oldest first. */
  #remembered = new Map<string, { readonly key: ApiKey; readonly untilMs: number }>();

  constructor(pool: Database, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  async add({ name, hash, role, groupIds, agentId, expiresAt }: NewKey): Promise<ApiKey> {
    const text = `insert into api_key (name, hash, role, group_ids, agent_id, expires_at, created_at)
      values ($1, $2, $3, $4, $5, ${timeSql("$6")}, ${timeSql("$7")}) returning ${columns}`;
    const values = [name, hash, role, groupIds ?? null, agentId ?? null, expiresAt ?? null, this.#clock.now()];
    const [row] = await this.#rows("store the key", text, values);
    if (!row) throw new Fault("database-fault", "The key was not found after it was written.");
    return toKey(row);
  }

  async findByHash(hash: string): Promise<ApiKey | undefined> {
    const askedMs = this.#clock.now();
    const known = this.#remembered.get(hash);
    // A clock that is set back prolongs nothing.
    if (known && askedMs < known.untilMs && known.untilMs - askedMs <= rememberedMs && holds(known.key, askedMs)) return known.key;
    const remembered = this.#remembered;
    const [row] = await this.#rows("look up the key", `select ${columns} from api_key where hash = $1`, [hash], "key by hash");
    const now = this.#clock.now();
    remembered.delete(hash);
    if (!row || !holds(toKey(row), now)) return undefined;
    if (row.last_used_at === null || now - row.last_used_at >= usedEveryMs) {
      const text = `update api_key set last_used_at = ${timeSql("$2")} where id = $1 and (last_used_at is null or last_used_at < ${timeSql("$2")})`;
      await this.#rows("note the use of a key", text, [row.id, now]);
    }
    const key = toKey(row);
    const [oldest] = remembered.keys();
    if (remembered.size >= mostRemembered && oldest !== undefined) remembered.delete(oldest);
    // Into those from before the question: what was revoked meanwhile is remembered nowhere.
    remembered.set(hash, { key, untilMs: askedMs + rememberedMs });
    return key;
  }

  async find(id: string): Promise<ApiKey | undefined> {
    const [row] = await this.#rows("look up the key", `select ${columns} from api_key where id = $1`, [idOr0(id)]);
    return row && toKey(row);
  }

  async revoke(id: string): Promise<boolean> {
    const text = `update api_key set revoked_at = ${timeSql("$2")} where id = $1 and revoked_at is null returning ${columns}`;
    const revoked = await this.#rows("revoke the key", text, [idOr0(id), this.#clock.now()]);
    const [row] = revoked;
    if (row === undefined) return false;
    await this.#forget({ id, name: row.name, revokedAt: new Date(row.revoked_at ?? Number.NaN).toISOString() });
    return true;
  }

  async revokeOf(agentId: string): Promise<void> {
    if (!isId(agentId)) return;
    const text = `update api_key set revoked_at = ${timeSql("$2")} where agent_id = $1 and revoked_at is null returning ${columns}`;
    await this.#rows("revoke an agent's keys", text, [agentId, this.#clock.now()]);
    // Before they are logged out: they would log in again with one.
    await this.#forget();
  }

  async over(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const text = `select ${columns} from api_key where id = any($1::bigint[]) and (revoked_at is not null or expires_at <= ${timeSql("$2")})
      and exists (select from agent a where a.id = api_key.agent_id and a.active)`;
    const rows = await this.#rows("look which keys are over", text, [ids.filter(isId), this.#clock.now()]);
    return new Set(rows.map(({ id }) => id));
  }

  /** What was revoked opens nothing any more, from the next request to this node on. @param now what the audit log is told of it */
  async #forget(now?: unknown): Promise<void> {
    await keepNow(this.#pool, now);
    this.#remembered = new Map();
  }

  async list({ limit, afterId }: { readonly limit?: number; readonly afterId?: string } = {}): Promise<readonly ApiKey[]> {
    const text = `select ${columns} from api_key where id > $1 order by api_key.id limit $2`;
    return (await this.#rows("list the keys", text, [idOr0(afterId), limit ?? null])).map(toKey);
  }

  async #rows(doing: string, text: string, values: unknown[], name?: string): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query<Row>({ text, values, ...(name !== undefined && { name }) })).rows;
    } catch (error) {
      throw databaseFault(error, doing);
    }
  }
}

function toKey(row: Row): ApiKey {
  return {
    ...{ id: row.id, name: row.name, hash: row.hash, role: row.role, createdAt: row.created_at },
    groupIds: row.group_ids ?? undefined,
    agentId: row.agent_id ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
    expiresAt: row.expires_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
  };
}
