import type { Clock } from "../../../kernel/clock.ts";
import { strategyOf } from "../../../strategy/read-strategy.ts";
import type { StrategyStore, StrategyStretch, StrategyVersion } from "../../../strategy/strategy-ports.ts";
import type { Database } from "./change.ts";
import { KeptVersions } from "./kept-versions.ts";
import { type PublishedVersion, PublishedVersions } from "./published-versions.ts";

/** Published strategies, in the tables `strategy` and `strategy_version`. */
export class PostgresStrategies implements StrategyStore {
  readonly #published: PublishedVersions<string>;
  /** As they run: claims ask for them again and again. */
  readonly #kept = new KeptVersions<StrategyVersion>();

  constructor(pool: Database, clock: Clock) {
    this.#published = new PublishedVersions(pool, clock, { noun: "strategy", plural: "strategies", sourceType: "text" });
  }

  async version(id: string): Promise<StrategyVersion | undefined> {
    return this.#kept.get(id) ?? this.#understood(await this.#published.withId(id));
  }

  async find(name: string, version?: number): Promise<StrategyVersion | undefined> {
    return this.#understood(await this.#published.find(name, version));
  }

  async all({ limit, afterId }: StrategyStretch): Promise<readonly StrategyVersion[]> {
    return (await this.#published.all(limit, afterId)).map((version) => this.#understand(version));
  }

  async versions(name: string, { limit, afterId }: StrategyStretch): Promise<readonly StrategyVersion[]> {
    return (await this.#published.versions(name, limit, afterId)).map((version) => this.#understand(version));
  }

  async publish(source: string, by: string): Promise<{ readonly version: StrategyVersion; readonly fresh: boolean }> {
    const { name } = strategyOf(source);
    const { version, fresh } = await this.#published.publish(name, source, by, async (client) => {
      await client.query("insert into strategy (name) values ($1) on conflict (name) do nothing", [name]);
      return (await client.query<{ id: string }>("select id from strategy where name = $1 for no key update", [name])).rows[0]?.id;
    });
    return { version: this.#understand(version), fresh };
  }

  #understood(version: PublishedVersion<string> | undefined): StrategyVersion | undefined {
    return version && this.#understand(version);
  }

  #understand(version: PublishedVersion<string>): StrategyVersion {
    return this.#kept.get(version.id) ?? this.#kept.keep(version.id, { ...version, strategy: strategyOf(version.source) });
  }
}
