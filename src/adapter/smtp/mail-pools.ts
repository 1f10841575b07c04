import type { MailPoolOptions } from "../../email/options.ts";
import type { MailPlace, MailPools, PoolState } from "../../email/ports.ts";
import { MailPool, type MailPoolParts } from "./mail-pool.ts";

/** The configured mail servers (RFC 5321 over nodemailer's connections). */
export class SmtpPools implements MailPools {
  readonly #pools: ReadonlyMap<string, MailPool>;
  readonly #listeners = new Set<(pool: string) => void>();

  constructor(pools: readonly MailPoolOptions[], parts: Omit<MailPoolParts, "options" | "onChange">) {
    const changed = (name: string) => () => {
      for (const listener of this.#listeners) listener(name);
    };
    this.#pools = new Map(pools.map((options) => [options.name, new MailPool({ ...parts, options, onChange: changed(options.name) })]));
  }

  get all(): readonly PoolState[] {
    return [...this.#pools.values()].map((pool) => pool.state);
  }

  async place(name: string, domain: string, withinMs: number): Promise<MailPlace | undefined> {
    return await this.#pools.get(name)?.place(domain.toLowerCase(), withinMs);
  }

  rate(name: string, domain: string): number | undefined {
    return this.#pools.get(name)?.rate(domain.toLowerCase());
  }

  onChange(listener: (pool: string) => void): void {
    this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }
}
