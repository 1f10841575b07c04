import type pg from "pg";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { databaseFault } from "../faults.ts";
import type { Database } from "./change.ts";
import { idOr0, isId } from "./id.ts";
import { inTransaction } from "./transaction.ts";

/** What is published under names, in the tables `<noun>` (id, name) and `<noun>_version`. */
export interface PublishedKind {
  readonly noun: "strategy" | "template";
  readonly plural: string;
  /** How the document is stored; of equal ones the second is no new version. */
  readonly sourceType: "text" | "jsonb";
}

/** A published version with its document. */
export interface PublishedVersion<Source> {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly source: Source;
  /** Epoch ms. */
  readonly publishedAt: number;
  readonly publishedBy: string;
}

interface Row<Source> extends Omit<PublishedVersion<Source>, "publishedAt" | "publishedBy"> {
  readonly published_at: Date;
  readonly published_by: string;
}

/** Makes the name's row if it is not there, holds it until the end of the transaction, and gives its id. */
export type HoldName = (client: pg.PoolClient) => Promise<string | undefined>;

/** Versions of documents by name, of which the newest is the current one. Whoever publishes holds the name's row, so that numbers have no gaps. */
export class PublishedVersions<Source> {
  readonly #pool: Database;
  readonly #clock: Clock;
  readonly #kind: PublishedKind;

  constructor(pool: Database, clock: Clock, kind: PublishedKind) {
    this.#pool = pool;
    this.#clock = clock;
    this.#kind = kind;
  }

  async withId(id: string): Promise<PublishedVersion<Source> | undefined> {
    return isId(id) ? (await this.#read(this.#where("v.id = $1"), [id]))[0] : undefined;
  }

  /** The version of that number, or the current one. */
  async find(name: string, version?: number): Promise<PublishedVersion<Source> | undefined> {
    const which = version === undefined ? `v.id = ${this.#newestOf("n.id")}` : "v.version = $2";
    return (await this.#read(this.#where(`n.name = $1 and ${which}`), version === undefined ? [name] : [name, version]))[0];
  }

  /** The current version of each name, in ascending order of their ids. */
  async all(limit: number, afterId: string | undefined): Promise<readonly PublishedVersion<Source>[]> {
    const text = `${this.#where(`v.id > $1 and v.id = ${this.#newestOf("n.id")}`)} order by v.id limit $2`;
    return await this.#read(text, [idOr0(afterId), limit]);
  }

  /** Newest first. An id that is none is behind every other. */
  async versions(name: string, limit: number, beforeId: string | undefined): Promise<readonly PublishedVersion<Source>[]> {
    const text = `${this.#where("n.name = $1 and ($2::bigint is null or v.id < $2)")} order by v.id desc limit $3`;
    return await this.#read(text, [name, beforeId === undefined ? null : idOr0(beforeId), limit]);
  }

  /** The next version of the name; or, when the document is that of the current one, that one, and not fresh. */
  async publish(
    name: string,
    source: string,
    by: string,
    hold: HoldName,
  ): Promise<{ readonly version: PublishedVersion<Source>; readonly fresh: boolean }> {
    const { noun, sourceType } = this.#kind;
    return await inTransaction(this.#pool, `publish ${noun} ${name}`, async (client) => {
      const nameId = await hold(client);
      const same = this.#where(`v.id = ${this.#newestOf("$1")} and v.source = $2::${sourceType}`);
      const known = await client.query<Row<Source>>(same, [nameId, source]);
      if (known.rows[0]) return { version: toVersion(known.rows[0]), fresh: false };
      const made = await client.query<{ id: string }>(this.#insertSql(), [nameId, source, new Date(this.#clock.now()), by]);
      const { rows } = await client.query<Row<Source>>(this.#where("v.id = $1"), [made.rows[0]?.id]);
      if (!rows[0]) throw new Fault("database-fault", `The ${noun} ${name} was not found after it was written.`);
      return { version: toVersion(rows[0]), fresh: true };
    });
  }

  #where(rest: string): string {
    const { noun } = this.#kind;
    return `
select v.id, n.name, v.version, v.source, v.published_at, v.published_by
from ${noun}_version v join ${noun} n on n.id = v.${noun}_id where ${rest}`;
  }

  #newestOf(nameId: string): string {
    const { noun } = this.#kind;
    return `(select id from ${noun}_version where ${noun}_id = ${nameId} order by id desc limit 1)`;
  }

  /** $1 name's id, $2 source, $3 when, $4 by whom. */
  #insertSql(): string {
    const { noun } = this.#kind;
    return `
insert into ${noun}_version (${noun}_id, version, source, published_at, published_by)
select $1, 1 + coalesce(max(version), 0), $2, $3, $4 from ${noun}_version where ${noun}_id = $1 returning id`;
  }

  async #read(text: string, values: unknown[]): Promise<readonly PublishedVersion<Source>[]> {
    try {
      return (await this.#pool.query<Row<Source>>(text, values)).rows.map(toVersion);
    } catch (error) {
      throw databaseFault(error, `read ${this.#kind.plural}`);
    }
  }
}

function toVersion<Source>({ id, name, version, source, published_at, published_by }: Row<Source>): PublishedVersion<Source> {
  return { id, name, version, source, publishedAt: published_at.getTime(), publishedBy: published_by };
}
