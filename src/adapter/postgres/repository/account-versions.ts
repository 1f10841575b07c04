import type pg from "pg";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { databaseFault } from "../faults.ts";
import { type Database, keepNow } from "./change.ts";
import { timeSql } from "./suppressed.ts";
import { inTransaction } from "./transaction.ts";

interface VersionColumns {
  readonly version: number;
  readonly removed: boolean;
  readonly changed_at: Date;
  readonly changed_by: string;
}

/** What the account says under names, in the table `account_<noun>`. */
export interface AccountKind<Said extends { readonly name: string }, Columns extends object> {
  readonly noun: "rule" | "calendar";
  /** Beside name, version, removed, changed_at and changed_by. */
  readonly columns: readonly string[];
  /** In the order of the columns. */
  values(said: Said): readonly unknown[];
  /** What is said in a row of the columns and the name. */
  read(row: Columns): Said;
  /** What tells one from another of the same name. */
  key(said: Said): string;
}

export type AccountVersion<Said> = Said & {
  readonly version: number;
  /** Of the last version of one that was taken away. */
  readonly removed: boolean;
  /** Epoch ms. */
  readonly changedAt: number;
  readonly changedBy: string;
};

/** What belongs to a change, in its transaction; a fault of it undoes the change. */
type WithChange = (client: pg.PoolClient) => Promise<void>;

/** What the account has said, in versions of which nothing is ever overwritten; the last one of a name that was taken away says so. */
export class AccountVersions<Said extends { readonly name: string }, Columns extends object> {
  readonly #pool: Database;
  readonly #clock: Clock;
  readonly #kind: AccountKind<Said, Columns>;

  constructor(pool: Database, clock: Clock, kind: AccountKind<Said, Columns>) {
    this.#pool = pool;
    this.#clock = clock;
    this.#kind = kind;
  }

  /** The last version of every name, by name. */
  async newest(): Promise<readonly AccountVersion<Said>[]> {
    return (await this.#rows<Columns & VersionColumns>(`${newestSql(this.#kind)} order by name, version desc`, [])).map((row) =>
      toVersion(this.#kind, row),
    );
  }

  /** Those that hold, by name. */
  async list(): Promise<readonly AccountVersion<Said>[]> {
    return (await this.newest()).filter(({ removed }) => !removed);
  }

  /** The newest first. */
  async history(name: string): Promise<readonly AccountVersion<Said>[]> {
    const text = `select ${columnsOf(this.#kind)} from account_${this.#kind.noun} where name = $1 order by version desc`;
    return (await this.#rows<Columns & VersionColumns>(text, [name])).map((row) => toVersion(this.#kind, row));
  }

  /** Another one after every change. */
  async mark(): Promise<string> {
    const [row] = await this.#rows<{ mark: string }>(`select coalesce(max(id), 0)::text as mark from account_${this.#kind.noun}`, []);
    return row?.mark ?? "0";
  }

  /** @returns `fresh` is false when it says the same already, and nothing was written */
  async put(
    said: Said,
    by: string,
    withChange: (client: pg.PoolClient, last: Said | undefined) => Promise<void>,
  ): Promise<{ readonly version: AccountVersion<Said>; readonly fresh: boolean }> {
    const { noun, key } = this.#kind;
    const kept = await inTransaction(this.#pool, `keep a ${noun}`, async (client) => {
      const last = await lastVersion(client, this.#kind, said.name);
      if (last !== undefined && !last.removed && key(last) === key(said)) return { version: last, fresh: false };
      await withChange(client, last);
      return { version: await this.#add(client, said, { version: (last?.version ?? 0) + 1, removed: false, by }), fresh: true };
    });
    // The books of the nodes read it in the next moment.
    await keepNow(this.#pool, kept.version);
    return kept;
  }

  /** @returns false when there is none of that name */
  async remove(name: string, by: string, withChange: WithChange = async () => {}): Promise<boolean> {
    const removed = await inTransaction(this.#pool, `take a ${this.#kind.noun} away`, async (client) => {
      const last = await lastVersion(client, this.#kind, name);
      if (last === undefined || last.removed) return false;
      await withChange(client);
      await this.#add(client, last, { version: last.version + 1, removed: true, by });
      return true;
    });
    if (removed) await keepNow(this.#pool);
    return removed;
  }

  async #add(
    client: pg.PoolClient,
    said: Said,
    { version, removed, by }: { readonly version: number; readonly removed: boolean; readonly by: string },
  ): Promise<AccountVersion<Said>> {
    const { noun, columns, values } = this.#kind;
    const all = [said.name, version, removed, by, this.#clock.now(), ...values(said)];
    const text = `
insert into account_${noun} (name, version, removed, changed_by, changed_at, ${columns.join(", ")})
values ($1, $2, $3, $4, ${timeSql("$5")}, ${columns.map((_, index) => `$${index + 6}`).join(", ")}) returning ${columnsOf(this.#kind)}`;
    const [row] = (await client.query<Columns & VersionColumns>(text, all)).rows;
    if (row === undefined) throw new Fault("database-fault", `A ${noun} was written and is not there.`);
    return toVersion(this.#kind, row);
  }

  async #rows<T extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<readonly T[]> {
    try {
      return (await this.#pool.query<T>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, `read the account's ${this.#kind.noun}s`);
    }
  }
}

/** The last version of a name; of those who change it, or rely on it, one comes after the other. */
export async function lastVersion<Said extends { readonly name: string }, Columns extends object>(
  client: pg.PoolClient,
  kind: AccountKind<Said, Columns>,
  name: string,
): Promise<AccountVersion<Said> | undefined> {
  await client.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`account ${kind.noun} ${name}`]);
  const [row] = (await client.query<Columns & VersionColumns>(`${newestSql(kind)} where name = $1 order by name, version desc`, [name])).rows;
  return row && toVersion(kind, row);
}

function columnsOf({ columns }: Pick<AccountKind<never, never>, "columns">): string {
  return ["name", "version", "removed", "changed_at", "changed_by", ...columns].join(", ");
}

function newestSql(kind: Pick<AccountKind<never, never>, "columns" | "noun">): string {
  return `select distinct on (name) ${columnsOf(kind)} from account_${kind.noun}`;
}

function toVersion<Said extends { readonly name: string }, Columns extends object>(
  kind: AccountKind<Said, Columns>,
  row: Columns & VersionColumns,
): AccountVersion<Said> {
  const { version, removed, changed_at: changedAt, changed_by: changedBy } = row;
  return { ...kind.read(row), version, removed, changedAt: changedAt.getTime(), changedBy };
}
