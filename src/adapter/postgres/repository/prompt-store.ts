import type { NewPrompt, PromptLibrary, PromptVersion, SoundEncoding } from "../../../ivr/prompt-ports.ts";
import type { Stretch } from "../../../ivr/script-ports.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { databaseFault } from "../faults.ts";
import { type Database, keepNow } from "./change.ts";
import { isId } from "./id.ts";
import { timeSql } from "./suppressed.ts";
import { inTransaction } from "./transaction.ts";

/** Versions of a name whose sound is kept: to go back to. Of older ones it is known what they were. */
const soundsKept = 10;

const columns =
  "id, name, version, language, note, sha256, bytes, duration_ms, encoding, sample_rate, channels, uploaded_at, uploaded_by, sound is not null as sound_kept";
const newest = "not exists (select from prompt_version later where later.name = p.name and later.version > p.version)";
const versionsWhere = (rest: string) => `select ${columns} from prompt_version p where ${rest}`;
/** Of those who change a prompt of one name one comes after the other. */
const lockSql = "select pg_advisory_xact_lock(hashtextextended('prompt ' || $1, 0))";
const insertSql = `
insert into prompt_version (name, version, language, note, sha256, bytes, duration_ms, encoding, sample_rate, channels, uploaded_by, sound, uploaded_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, ${timeSql("$13")}) returning ${columns}`;
/** A deletion changes the count, and whatever is written has a higher id. */
const markSql = "select coalesce(max(id), 0) || ' ' || count(*) as mark from prompt_version";

/** In the order of their ids, so that two who want the same never wait for each other. A newer version may come meanwhile. */
const holdSql = "select name from prompt_version where name = any($1) order by id for key share";

interface Row {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly language: string | null;
  readonly note: string | null;
  readonly sha256: string;
  readonly bytes: number;
  readonly duration_ms: number;
  readonly encoding: SoundEncoding;
  readonly sample_rate: number;
  readonly channels: number;
  readonly uploaded_at: Date;
  readonly uploaded_by: string;
  readonly sound_kept: boolean;
}

/** Uploaded prompts, in the table `prompt_version`. */
export class PostgresPrompts implements PromptLibrary {
  readonly #pool: Database;
  readonly #clock: Clock;

  constructor(pool: Database, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  async put(wanted: NewPrompt): Promise<{ readonly prompt: PromptVersion; readonly fresh: boolean }> {
    const { name, language = null, note = null, sha256, bytes, durationMs, encoding, sampleRate, channels, uploadedBy, sound } = wanted;
    const kept = await inTransaction(this.#pool, `keep prompt ${name}`, async (client) => {
      await client.query(lockSql, [name]);
      const [last] = (await client.query<Row>(`${versionsWhere("name = $1")} order by version desc limit 1`, [name])).rows.map(toVersion);
      if (last?.sha256 === sha256 && last.language === wanted.language) return { prompt: last, fresh: false };
      const version = (last?.version ?? 0) + 1;
      const form = [sha256, bytes, durationMs, encoding, sampleRate, channels];
      const values = [name, version, language, note, ...form, uploadedBy, Buffer.from(sound.buffer, sound.byteOffset, sound.byteLength)];
      const [row] = (await client.query<Row>(insertSql, [...values, this.#clock.now()])).rows;
      if (!row) throw new Fault("database-fault", `Prompt ${name} was not found after it was written.`);
      await client.query("update prompt_version set sound = null where name = $1 and version <= $2 and sound is not null", [
        name,
        version - soundsKept,
      ]);
      return { prompt: toVersion(row), fresh: true };
    });
    // Every node reads it in the next moment.
    await keepNow(this.#pool, kept.prompt);
    return kept;
  }

  async find(name: string, version?: number): Promise<PromptVersion | undefined> {
    const which = version === undefined ? newest : "p.version = $2";
    return (await this.#read(versionsWhere(`name = $1 and ${which}`), version === undefined ? [name] : [name, version]))[0];
  }

  async all({ limit, afterId }: Stretch, language?: string): Promise<readonly PromptVersion[]> {
    const after = afterId !== undefined && isId(afterId) ? afterId : "0";
    const text = `${versionsWhere(`id > $1 and ($3::text is null or language = $3) and ${newest}`)} order by id limit $2`;
    return await this.#read(text, [after, limit, language ?? null]);
  }

  async versions(name: string, { limit, afterId }: Stretch): Promise<readonly PromptVersion[]> {
    const before = afterId === undefined ? null : isId(afterId) ? afterId : "0";
    return await this.#read(`${versionsWhere("name = $1 and ($2::bigint is null or id < $2)")} order by id desc limit $3`, [name, before, limit]);
  }

  async remove(name: string, mayGo: () => Promise<void>): Promise<boolean> {
    const removed = await inTransaction(this.#pool, `take prompt ${name} away`, async (client) => {
      await client.query(lockSql, [name]);
      // Whoever is about to publish a script that names it has held it, and is waited for.
      await client.query("select id from prompt_version where name = $1 for update", [name]);
      await mayGo();
      return ((await client.query("delete from prompt_version where name = $1", [name])).rowCount ?? 0) > 0;
    });
    if (removed) await keepNow(this.#pool);
    return removed;
  }

  async hold(names: readonly string[]): Promise<readonly string[]> {
    const rows = await this.#rows<{ name: string }>(holdSql, [names]);
    return [...new Set(rows.map(({ name }) => name))];
  }

  async mark(): Promise<string> {
    const [row] = await this.#rows<{ mark: string }>(markSql, []);
    return row?.mark ?? "";
  }

  async current(): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#rows<{ name: string; sha256: string }>(`select name, sha256 from prompt_version p where ${newest}`, []);
    return new Map(rows.map(({ name, sha256 }) => [name, sha256]));
  }

  async sound(sha256: string): Promise<Uint8Array | undefined> {
    const text = "select sound from prompt_version where sha256 = $1 and sound is not null limit 1";
    return (await this.#rows<{ sound: Buffer }>(text, [sha256]))[0]?.sound;
  }

  async #read(text: string, values: unknown[]): Promise<readonly PromptVersion[]> {
    return (await this.#rows<Row>(text, values)).map(toVersion);
  }

  async #rows<T extends object>(text: string, values: unknown[]): Promise<readonly T[]> {
    try {
      return (await this.#pool.query<T>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "read prompts");
    }
  }
}

function toVersion({ language, note, duration_ms, sample_rate, uploaded_at, uploaded_by, sound_kept, ...row }: Row): PromptVersion {
  return {
    ...row,
    language: language ?? undefined,
    note: note ?? undefined,
    durationMs: duration_ms,
    sampleRate: sample_rate,
    uploadedAt: uploaded_at.getTime(),
    uploadedBy: uploaded_by,
    soundKept: sound_kept,
  };
}
