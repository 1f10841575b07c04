import { AsyncLocalStorage } from "node:async_hooks";
import { createHash } from "node:crypto";
import type pg from "pg";
import type { AuditEntry } from "../../../access/audit.ts";
import type { Change, Changes } from "../../../access/ports.ts";
import { databaseFault } from "../faults.ts";
import { addLine } from "./audit-store.ts";

/** Where statements go: a pool, or what `ChangeLog.over` makes of one. */
export interface Database extends Pick<pg.Pool, "query" | "connect"> {
  /** The change that this is part of, if any. */
  readonly change?: () => OpenChange | undefined;
}

/** What asks to be one transaction within a change. */
type Work<T> = (client: pg.PoolClient) => Promise<T>;

/** A statement that changes nothing and locks nothing needs no transaction to be in. */
const reading = /^\s*select\b(?!.*\bfor (update|share|no key update|key share)\b)/is;

/**
 * Changes that somebody asked for, each in one transaction with its line of the audit log. It begins with the first statement that writes, on a connection of
 * its own, and the head of the log is locked for no longer than its last two statements take. What is a change follows the calls (AsyncLocalStorage): of
 * stores that were opened `over` a pool everything that is done meanwhile is in it, of the others nothing.
 */
export class ChangeLog implements Changes {
  readonly #pool: pg.Pool;
  readonly #current = new AsyncLocalStorage<OpenChange | undefined>();

  /** @param pool whose connections nothing else takes: who waits for one holds none */
  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  begin(line: (now: unknown) => AuditEntry, thing?: string): Change {
    const change = new OpenChange(this.#pool, line, thing);
    return {
      hold: () => change.hold(),
      run: (work) => this.#current.run(change, work),
      keep: (now) => change.keep(now),
      undo: () => change.undo(),
    };
  }

  /** The pool, as stores see it whose writes belong to the changes under way. */
  over(pool: pg.Pool): Database {
    const change = () => {
      const current = this.#current.getStore();
      return current?.isOpen ? current : undefined;
    };
    const query = (...given: Parameters<OpenChange["query"]>) => {
      const current = change();
      const [text] = given;
      const reads = reading.test(typeof text === "string" ? text : text.text);
      // What failed in it can only be undone: who looks why, looks elsewhere.
      const within = current !== undefined && (reads ? current.hasBegun && !current.hasFailed : true);
      return within ? current.query(...given) : typeof text === "string" ? pool.query(text, given[1]) : pool.query(text);
    };
    // Of the forms that pg has for a statement the stores use the one that gives a promise.
    return { query: query as pg.Pool["query"], connect: pool.connect.bind(pool), change };
  }
}

/** One change, while it goes on. */
export class OpenChange {
  readonly #pool: pg.Pool;
  readonly #line: (now: unknown) => AuditEntry;
  readonly #thing: string | undefined;
  #client: Promise<pg.PoolClient> | undefined;
  #open = true;
  #failed = false;
  /** The parts of it that are transactions of their own elsewhere, one after the other: savepoints are a stack. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(pool: pg.Pool, line: (now: unknown) => AuditEntry, thing?: string) {
    this.#pool = pool;
    this.#line = line;
    this.#thing = thing;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  get hasBegun(): boolean {
    return this.#client !== undefined;
  }

  /** A statement has failed: the database takes no other until the end. */
  get hasFailed(): boolean {
    return this.#failed;
  }

  /** As nothing is locked before, and nothing else waits for a thing, no two wait for each other. */
  async hold(): Promise<void> {
    await this.#begun();
  }

  async query(text: string | pg.QueryConfig, values?: unknown[]): Promise<pg.QueryResult> {
    const client = await this.#begun();
    try {
      return typeof text === "string" ? await client.query(text, values) : await client.query(text);
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  /** All of the work or nothing of it, whatever becomes of the rest. */
  async part<T>(work: Work<T>): Promise<T> {
    const before = this.#last;
    const done = Promise.withResolvers<void>();
    this.#last = done.promise;
    await before;
    try {
      const client = await this.#begun();
      await client.query("savepoint part");
      try {
        const result = await work(client);
        await client.query("release savepoint part");
        return result;
      } catch (error) {
        await client.query("rollback to savepoint part; release savepoint part").catch(() => undefined);
        throw error;
      }
    } finally {
      done.resolve();
    }
  }

  /** Writes the line and keeps everything, once. @throws Fault: nothing of it is kept then */
  async keep(now: unknown): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    const doing = "keep the change and its line in the audit log";
    if (this.#client === undefined) return await addLine(this.#pool, this.#line(now), doing);
    const client = await this.#begun();
    try {
      await addLine(client, this.#line(now), doing);
      await client.query("commit");
      client.release();
    } catch (error) {
      await giveBack(client);
      throw databaseFault(error, doing);
    }
  }

  /** Writes the line in a transaction of somebody else's, who commits it next. Where this one has begun one of its own the line is for that. */
  async join(client: Pick<pg.ClientBase, "query">, now: unknown): Promise<void> {
    if (!this.#open || this.#client !== undefined) return;
    this.#open = false;
    await addLine(client, this.#line(now), "write the audit log");
  }

  async undo(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    const client = await this.#client?.catch(() => undefined);
    if (client !== undefined) await giveBack(client);
  }

  async #begun(): Promise<pg.PoolClient> {
    this.#client ??= (async () => {
      const client = await this.#pool.connect();
      try {
        await client.query(this.#thing === undefined ? "begin" : `begin; select pg_advisory_xact_lock(${lockOf(this.#thing)})`);
        return client;
      } catch (error) {
        client.release(true);
        throw error;
      }
    })().catch((error: unknown) => {
      throw databaseFault(error, "begin a change");
    });
    return await this.#client;
  }
}

/** The number that stands for a thing among the database's locks: of 64 bits, so that no two things meet in one. */
function lockOf(thing: string): bigint {
  return createHash("sha256").update(thing).digest().readBigInt64BE();
}

/** Undoes the transaction that the connection is in. */
export async function giveBack(client: pg.PoolClient): Promise<void> {
  const undone = await client.query("rollback").then(
    () => true,
    () => false,
  );
  // Not put back where it is not known in what state it is.
  client.release(!undone);
}

/**
 * Keeps what has been done of the change under way, and its line: for what others are to go by from this moment on, an engine of this node or somebody's call.
 * What the same change does after it stands by itself. Nothing where no change is under way.
 */
export async function keepNow(database: Database, now?: unknown): Promise<void> {
  await database.change?.()?.keep(now);
}

/** For what has a transaction and a connection of its own, as files have: the line of the change under way goes with that. To be called before its commit. */
export async function writeLine(database: Database, client: Pick<pg.ClientBase, "query">, now?: unknown): Promise<void> {
  await database.change?.()?.join(client, now);
}
