import type { MikroORM } from "@mikro-orm/postgresql";
import type { ScriptStore, ScriptVersion } from "../../../ivr/ports.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { ScriptEntity, ScriptVersionEntity } from "../entity/script.ts";
import { databaseFault } from "../faults.ts";
import { isId } from "./id.ts";

export class PostgresScriptStore implements ScriptStore {
  readonly #orm: MikroORM;
  readonly #clock: Clock;

  constructor(orm: MikroORM, clock: Clock) {
    this.#orm = orm;
    this.#clock = clock;
  }

  async publish(name: string, source: string): Promise<ScriptVersion> {
    try {
      return await this.#orm.em.fork().transactional(async (em) => {
        // Locks the name's row, so that two publishers get versions one after the other.
        const rows = await em.execute<{ id: string }[]>(
          "insert into script (name) values (?) on conflict (name) do update set name = excluded.name returning id",
          [name],
        );
        const scriptId = String(rows[0]?.id);
        const versions = await em.find(ScriptVersionEntity, { scriptId, source }, { orderBy: { version: "desc" }, limit: 1 });
        if (versions[0]) return toVersion(name, versions[0]);
        const last = await em.findOne(ScriptVersionEntity, { scriptId }, { orderBy: { version: "desc" } });
        const fresh = { scriptId, version: (last?.version ?? 0) + 1, source, publishedAt: new Date(this.#clock.now()) };
        const id = await em.insert(ScriptVersionEntity, fresh);
        return toVersion(name, { ...fresh, id });
      });
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
