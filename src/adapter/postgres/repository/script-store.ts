import type { MikroORM } from "@mikro-orm/postgresql";
import type { ScriptStore, ScriptVersion } from "../../../ivr/ports.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { ScriptEntity, ScriptVersionEntity } from "../entity/script.ts";
import { databaseFault, isUniqueViolation } from "../faults.ts";
import { isId } from "./id.ts";

interface PublishedRow {
  readonly id: string;
  readonly version: number;
  readonly published_ms: string;
}

/** Publishers of one name at the same time, of whom each but the last loses once a round. */
const triesAtMost = 20;

/** One statement, so no transaction of the ORM: those keep their connection for good when it dies (MikroORM 7.2.1, Kysely 0.29.6). */
const publishSql = `
with named as (
  insert into script (name) values (?) on conflict (name) do update set name = excluded.name returning id
), same as (
  select v.id, v.version, v.published_at from script_version v join named n on v.script_id = n.id where v.source = ? order by v.version desc limit 1
), fresh as (
  insert into script_version (script_id, version, source, published_at)
  select n.id, 1 + coalesce((select max(v.version) from script_version v where v.script_id = n.id), 0), ?, ?
  from named n where not exists (select from same)
  returning id, version, published_at
)
select id, version, floor(extract(epoch from published_at) * 1000) as published_ms from (select * from same union all select * from fresh) p`;

export class PostgresScriptStore implements ScriptStore {
  readonly #orm: MikroORM;
  readonly #clock: Clock;

  constructor(orm: MikroORM, clock: Clock) {
    this.#orm = orm;
    this.#clock = clock;
  }

  async publish(name: string, source: string): Promise<ScriptVersion> {
    try {
      for (let tries = 1; ; tries += 1) {
        const now = new Date(this.#clock.now());
        const published = this.#orm.em.fork().execute<PublishedRow[]>(publishSql, [name, source, source, now]);
        // Somebody else has published meanwhile, which this statement could not see yet; the next one can.
        const rows = await published.catch((error: unknown) => (isUniqueViolation(error) && tries < triesAtMost ? undefined : Promise.reject(error)));
        const row = rows?.[0];
        if (row) return { id: String(row.id), name, version: Number(row.version), source, publishedAt: Number(row.published_ms) };
      }
    } catch (error) {
      throw databaseFault(error, `publish script ${name}`);
    }
  }

  async find(id: string): Promise<ScriptVersion | undefined> {
    if (!isId(id)) return undefined;
    return await this.#reading(async () => {
      const em = this.#orm.em.fork();
      const row = await em.findOne(ScriptVersionEntity, { id });
      const script = row && (await em.findOne(ScriptEntity, { id: row.scriptId }));
      return script ? toVersion(script.name, row) : undefined;
    });
  }

  async latest(name: string): Promise<ScriptVersion | undefined> {
    return await this.#reading(async () => {
      const em = this.#orm.em.fork();
      const script = await em.findOne(ScriptEntity, { name });
      const row = script && (await em.findOne(ScriptVersionEntity, { scriptId: script.id }, { orderBy: { version: "desc" } }));
      return row ? toVersion(name, row) : undefined;
    });
  }

  async #reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw databaseFault(error, "read scripts");
    }
  }
}

function toVersion(name: string, row: { id: string; version: number; source: string; publishedAt: Date }): ScriptVersion {
  return { id: row.id, name, version: row.version, source: row.source, publishedAt: row.publishedAt.getTime() };
}
