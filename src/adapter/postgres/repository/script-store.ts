import type pg from "pg";
import type {
  Published,
  Release,
  ScriptEntry,
  ScriptInUse,
  ScriptStore,
  ScriptUser,
  ScriptVersion,
  Signature,
  Stretch,
} from "../../../ivr/script-ports.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { databaseFault } from "../faults.ts";
import type { Database } from "./change.ts";
import { isId } from "./id.ts";
import { entriesWhere, inUseSql, releasesWhere, usersSql, versionsWhere } from "./script-sql.ts";
import { inTransaction } from "./transaction.ts";

interface VersionRow {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly source: string;
  readonly published_at: Date;
  readonly published_by: string;
  readonly uses: ScriptVersion["uses"];
}

interface ReleaseRow {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly version_id: string;
  readonly released_at: Date;
  readonly released_by: string;
  readonly note: string | null;
}

interface EntryRow extends ReleaseRow {
  readonly script_id: string;
  readonly versions: number;
  readonly running: number;
}

interface UserRow extends Omit<ScriptUser, "pinned" | "columns"> {
  readonly pinned: number | null;
  readonly columns: readonly string[] | null;
}

/** For what nobody signed; what people publish is always signed. */
const unsigned: Signature = { by: "unknown" };

/** Published scripts. Whoever writes to a name holds its row, so that numbers have no gaps and the last release is the last. */
export class PostgresScriptStore implements ScriptStore {
  readonly #pool: Database;
  readonly #clock: Clock;

  constructor(pool: Database, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  async publish(name: string, source: string, signature: Signature = unsigned, uses: ScriptVersion["uses"] = {}): Promise<Published> {
    return await inTransaction(this.#pool, `publish script ${name}`, async (client) => {
      await client.query("insert into script (name) values ($1) on conflict (name) do nothing", [name]);
      const scriptId = await lock(client, name);
      const pinned = JSON.stringify(uses);
      const same = `${versionsWhere("v.script_id = $1 and v.source = $2 and v.uses = $3::jsonb")} order by v.version desc limit 1`;
      const { rows: known } = await client.query<VersionRow>(same, [scriptId, source, pinned]);
      if (known.length === 0) await client.query(insertSql, [scriptId, source, new Date(this.#clock.now()), signature.by, pinned]);
      const { rows } = known.length > 0 ? { rows: known } : await client.query<VersionRow>(same, [scriptId, source, pinned]);
      const [row] = rows;
      if (!row) throw new Fault("database-fault", `Script ${name} was not found after it was written.`);
      const released = (await currentVersion(client, scriptId)) !== row.version;
      if (released) await this.#insertRelease(client, scriptId, row.id, signature);
      return { ...toVersion(row), fresh: known.length === 0, released };
    });
  }

  async release(name: string, version: number, signature: Signature): Promise<Release> {
    return await inTransaction(this.#pool, `release script ${name}`, async (client) => {
      const scriptId = await lock(client, name);
      const { rows } = await client.query<VersionRow>(versionsWhere("v.script_id = $1 and v.version = $2"), [scriptId, version]);
      const [row] = rows;
      if (!row) throw new Fault("script-unknown", `There is no version ${version} of script ${name}.`);
      if ((await currentVersion(client, scriptId)) === version)
        throw new Fault("script-current", `Version ${version} of script ${name} is the current one already.`);
      const id = await this.#insertRelease(client, scriptId, row.id, signature);
      const made = await client.query<ReleaseRow>(releasesWhere("r.id = $1"), [id]);
      const [release] = made.rows.map(toRelease);
      if (!release) throw new Fault("database-fault", `The release of script ${name} was not found after it was written.`);
      return release;
    });
  }

  async find(id: string): Promise<ScriptVersion | undefined> {
    if (!isId(id)) return undefined;
    return (await this.#read<VersionRow>(versionsWhere("v.id = $1"), [id])).map(toVersion)[0];
  }

  async version(name: string, version: number): Promise<ScriptVersion | undefined> {
    return (await this.#read<VersionRow>(versionsWhere("s.name = $1 and v.version = $2"), [name, version])).map(toVersion)[0];
  }

  async current(name: string): Promise<ScriptVersion | undefined> {
    const last = "v.id = (select version_id from script_release r where r.script_id = s.id order by r.id desc limit 1)";
    return (await this.#read<VersionRow>(versionsWhere(`s.name = $1 and ${last}`), [name])).map(toVersion)[0];
  }

  async entry(name: string): Promise<ScriptEntry | undefined> {
    return (await this.#read<EntryRow>(entriesWhere("s.name = $1"), [name])).map(toEntry)[0];
  }

  async entries({ limit, afterId }: Stretch): Promise<readonly ScriptEntry[]> {
    const after = afterId !== undefined && isId(afterId) ? afterId : "0";
    return (await this.#read<EntryRow>(`${entriesWhere("s.id > $1")} order by s.id limit $2`, [after, limit])).map(toEntry);
  }

  async versions(name: string, { limit, afterId }: Stretch): Promise<readonly ScriptVersion[]> {
    const values = [name, before(afterId), limit];
    return (
      await this.#read<VersionRow>(`${versionsWhere("s.name = $1 and ($2::bigint is null or v.id < $2)")} order by v.id desc limit $3`, values)
    ).map(toVersion);
  }

  async releases(name: string, { limit, afterId }: Stretch): Promise<readonly Release[]> {
    const values = [name, before(afterId), limit];
    return (
      await this.#read<ReleaseRow>(`${releasesWhere("s.name = $1 and ($2::bigint is null or r.id < $2)")} order by r.id desc limit $3`, values)
    ).map(toRelease);
  }

  async users(name: string): Promise<readonly ScriptUser[]> {
    const rows = await this.#read<UserRow>(usersSql, [name]);
    return rows.map(({ pinned, columns, ...row }) => ({ ...row, pinned: pinned ?? undefined, columns: columns ?? undefined }));
  }

  async inUse(): Promise<readonly ScriptInUse[]> {
    return await this.#read<ScriptInUse>(inUseSql, []);
  }

  async #insertRelease(client: pg.PoolClient, scriptId: string, versionId: string, { by, note }: Signature): Promise<string> {
    const text = "insert into script_release (script_id, version_id, released_at, released_by, note) values ($1, $2, $3, $4, $5) returning id";
    const { rows } = await client.query<{ id: string }>(text, [scriptId, versionId, new Date(this.#clock.now()), by, note ?? null]);
    return rows[0]?.id ?? "0";
  }

  async #read<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "read scripts");
    }
  }
}

/** $1 script, $2 source, $3 when, $4 by whom, $5 uses. */
const insertSql = `
insert into script_version (script_id, version, source, published_at, published_by, uses)
select $1, 1 + coalesce(max(version), 0), $2, $3, $4, $5 from script_version where script_id = $1`;

/** Holds the name until the end of the transaction; campaigns that begin to refer to it are not held up. */
async function lock(client: pg.PoolClient, name: string): Promise<string> {
  const { rows } = await client.query<{ id: string }>("select id from script where name = $1 for no key update", [name]);
  if (!rows[0]) throw new Fault("script-unknown", `There is no script ${name}.`);
  return rows[0].id;
}

async function currentVersion(client: pg.PoolClient, scriptId: string): Promise<number | undefined> {
  const { rows } = await client.query<ReleaseRow>(`${releasesWhere("r.script_id = $1")} order by r.id desc limit 1`, [scriptId]);
  return rows[0]?.version;
}

/** An id that is none is behind every other. */
function before(afterId: string | undefined): string | null {
  if (afterId === undefined) return null;
  return isId(afterId) ? afterId : "0";
}

function toVersion({ id, name, version, source, published_at, published_by, uses }: VersionRow): ScriptVersion {
  return { id, name, version, source, publishedAt: published_at.getTime(), publishedBy: published_by, uses };
}

function toRelease({ id, name, version, version_id, released_at, released_by, note }: ReleaseRow): Release {
  return { id, name, version, versionId: version_id, at: released_at.getTime(), by: released_by, note: note ?? undefined };
}

function toEntry({ script_id, versions, running, ...release }: EntryRow): ScriptEntry {
  return { id: script_id, name: release.name, versions, running, current: toRelease(release) };
}
