import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { compileMessage } from "../../../template/document.ts";
import type { MessageTemplate, TemplateSource, TemplateStore, TemplateStretch, TemplateVersion } from "../../../template/ports.ts";
import { databaseFault } from "../faults.ts";
import type { Database } from "./change.ts";
import { isId } from "./id.ts";
import { inTransaction } from "./transaction.ts";

interface VersionRow {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly source: TemplateSource;
  readonly published_at: Date;
  readonly published_by: string;
}

const versionsWhere = (rest: string) => `
select v.id, t.name, v.version, v.source, v.published_at, v.published_by
from template_version v join template t on t.id = v.template_id where ${rest}`;

const newestOf = (templateId: string) => `(select id from template_version where template_id = ${templateId} order by id desc limit 1)`;

/** $1 template, $2 source, $3 when, $4 by whom. */
const insertSql = `
insert into template_version (template_id, version, source, published_at, published_by)
select $1, 1 + coalesce(max(version), 0), $2, $3, $4 from template_version where template_id = $1 returning id`;

/** Compiled versions that are kept: they hold their attachments. */
const versionsKept = 100;

/** Published templates. Whoever publishes holds the name's row, so that numbers have no gaps. */
export class PostgresTemplates implements TemplateStore {
  readonly #pool: Database;
  readonly #clock: Clock;
  readonly #compiled = new Map<string, MessageTemplate>();

  constructor(pool: Database, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  async version(id: string): Promise<MessageTemplate | undefined> {
    const known = this.#compiled.get(id);
    if (known || !isId(id)) return known;
    const [row] = await this.#read(versionsWhere("v.id = $1"), [id]);
    return row && this.#compile(row);
  }

  async current(name: string): Promise<MessageTemplate | undefined> {
    const row = await this.find(name);
    return row && (this.#compiled.get(row.id) ?? this.#compile(row));
  }

  async find(name: string, version?: number): Promise<TemplateVersion | undefined> {
    const which = version === undefined ? `v.id = ${newestOf("t.id")}` : "v.version = $2";
    return (await this.#read(versionsWhere(`t.name = $1 and ${which}`), version === undefined ? [name] : [name, version]))[0];
  }

  async all({ limit, afterId = "0" }: TemplateStretch): Promise<readonly TemplateVersion[]> {
    const text = `${versionsWhere(`v.id > $1 and v.id = ${newestOf("t.id")}`)} order by v.id limit $2`;
    return await this.#read(text, [isId(afterId) ? afterId : "0", limit]);
  }

  async versions(name: string, { limit, afterId }: TemplateStretch): Promise<readonly TemplateVersion[]> {
    const before = afterId === undefined ? null : isId(afterId) ? afterId : "0";
    return await this.#read(`${versionsWhere("t.name = $1 and ($2::bigint is null or v.id < $2)")} order by v.id desc limit $3`, [
      name,
      before,
      limit,
    ]);
  }

  async publish(source: TemplateSource, by: string): Promise<{ readonly version: TemplateVersion; readonly fresh: boolean }> {
    const { name, channel } = source;
    return await inTransaction(this.#pool, `publish template ${name}`, async (client) => {
      await client.query("insert into template (name, channel) values ($1, $2) on conflict (name) do nothing", [name, channel]);
      const held = await client.query<{ id: string; channel: string }>("select id, channel from template where name = $1 for no key update", [name]);
      const [template] = held.rows;
      if (!template) throw new Fault("database-fault", `Template ${name} was not found after it was written.`);
      if (template.channel !== channel)
        throw new Fault("template-channel", `Template ${name} is one for ${template.channel}; give this one another name.`);
      const same = `${versionsWhere(`v.id = ${newestOf("$1")} and v.source = $2::jsonb`)}`;
      const known = await client.query<VersionRow>(same, [template.id, JSON.stringify(source)]);
      if (known.rows[0]) return { version: toVersion(known.rows[0]), fresh: false };
      const made = await client.query<{ id: string }>(insertSql, [template.id, JSON.stringify(source), new Date(this.#clock.now()), by]);
      const { rows } = await client.query<VersionRow>(versionsWhere("v.id = $1"), [made.rows[0]?.id]);
      if (!rows[0]) throw new Fault("database-fault", `Template ${name} was not found after it was written.`);
      return { version: toVersion(rows[0]), fresh: true };
    });
  }

  #compile({ id, version, source }: TemplateVersion): MessageTemplate {
    const template = compileMessage(source, { versionId: id, version });
    const [oldest] = this.#compiled.keys();
    if (this.#compiled.size >= versionsKept && oldest !== undefined) this.#compiled.delete(oldest);
    this.#compiled.set(id, template);
    return template;
  }

  async #read(text: string, values: unknown[]): Promise<readonly TemplateVersion[]> {
    try {
      return (await this.#pool.query<VersionRow>(text, values)).rows.map(toVersion);
    } catch (error) {
      throw databaseFault(error, "read templates");
    }
  }
}

function toVersion({ id, name, version, source, published_at, published_by }: VersionRow): TemplateVersion {
  return { id, name, version, source, publishedAt: published_at.getTime(), publishedBy: published_by };
}
