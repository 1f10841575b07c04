import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { compileMessage } from "../../../template/document.ts";
import type { MessageTemplate, TemplateSource, TemplateStore, TemplateStretch, TemplateVersion } from "../../../template/ports.ts";
import type { Database } from "./change.ts";
import { KeptVersions } from "./kept-versions.ts";
import { PublishedVersions } from "./published-versions.ts";

/** Published templates, in the tables `template` and `template_version`. */
export class PostgresTemplates implements TemplateStore {
  readonly #published: PublishedVersions<TemplateSource>;
  readonly #compiled = new KeptVersions<MessageTemplate>();

  constructor(pool: Database, clock: Clock) {
    this.#published = new PublishedVersions(pool, clock, { noun: "template", plural: "templates", sourceType: "jsonb" });
  }

  async version(id: string): Promise<MessageTemplate | undefined> {
    return this.#compiled.get(id) ?? this.#compile(await this.#published.withId(id));
  }

  async current(name: string): Promise<MessageTemplate | undefined> {
    return this.#compile(await this.find(name));
  }

  async find(name: string, version?: number): Promise<TemplateVersion | undefined> {
    return await this.#published.find(name, version);
  }

  async all({ limit, afterId }: TemplateStretch): Promise<readonly TemplateVersion[]> {
    return await this.#published.all(limit, afterId);
  }

  async versions(name: string, { limit, afterId }: TemplateStretch): Promise<readonly TemplateVersion[]> {
    return await this.#published.versions(name, limit, afterId);
  }

  async publish(source: TemplateSource, by: string): Promise<{ readonly version: TemplateVersion; readonly fresh: boolean }> {
    const { name, channel } = source;
    return await this.#published.publish(name, JSON.stringify(source), by, async (client) => {
      await client.query("insert into template (name, channel) values ($1, $2) on conflict (name) do nothing", [name, channel]);
      const held = await client.query<{ id: string; channel: string }>("select id, channel from template where name = $1 for no key update", [name]);
      const [template] = held.rows;
      if (template && template.channel !== channel)
        throw new Fault("template-channel", `Template ${name} is one for ${template.channel}; give this one another name.`);
      return template?.id;
    });
  }

  #compile(found: TemplateVersion | undefined): MessageTemplate | undefined {
    if (!found) return undefined;
    const { id, version, source } = found;
    return this.#compiled.get(id) ?? this.#compiled.keep(id, compileMessage(source, { versionId: id, version }));
  }
}
