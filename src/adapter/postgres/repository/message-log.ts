import type pg from "pg";
import type { Handed, MessageLog, Sending } from "../../../attempt/message-ports.ts";
import type { Result } from "../../../attempt/result.ts";
import type { Clock } from "../../../kernel/clock.ts";
import type { Log } from "../../../kernel/log.ts";
import type { ReadReceipt } from "../../../sms/receipt.ts";
import { Batch } from "./batch.ts";
import { begunColumns, handedColumns, plainHandedColumns, type Under, type Written } from "./message-columns.ts";
import { beginMessageSql, handedSql } from "./message-sql.ts";
import { Patience } from "./patience.ts";
import { beginPlainSql, handedPlainSql } from "./plain-message-sql.ts";
import type { Spool } from "./spool.ts";
import { Unwritten } from "./unwritten.ts";

export interface MessageLogOptions {
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a begin waits for others to share its statement with. Default 2. */
  readonly beginWindowMs?: number;
  /** The same for what became of messages. Default 20. */
  readonly recordWindowMs?: number;
  /** Where what became of messages is kept that the database does not take. Without one it is lost with the process. */
  readonly spool?: Spool;
}

/** A report comes some milliseconds after its answer, or not soon at all. So many windows it is waited for. */
const windowsForReport = 2;
/** After a batch of which few were plain, so many go the long way at once. */
const longWay = 1000;
/** At the end of the process a database that is away is not waited for longer. */
const endWithinMs = 5000;

/** The record of messages in PostgreSQL: what is asked for within a few milliseconds shares one statement and one commit. */
export class PostgresMessageLog implements MessageLog {
  readonly #pool: pg.Pool;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #patience: Patience;
  /** By attempt, what is on its way: nobody need look up with what it was begun when it ends. */
  readonly #under = new Map<string, Under>();
  /** By bind and reference, which attempt on its way has it. One of another process has the same only when 65,535 attempts lie between the two. */
  readonly #references = new Map<string, string>();
  /** Of plain ones; undefined of those that are for `#begins`. */
  readonly #plainBegins: Batch<Sending, boolean | undefined>;
  readonly #begins: Batch<Sending, boolean>;
  readonly #ends: Batch<Written, undefined>;
  /** By bind and id, what a report can still be written with. */
  readonly #joinable = new Map<string, Written>();
  /** By attempt, those that wait for a report: nothing that is said of one later may be written before it. */
  readonly #waiting = new Map<string, Promise<undefined>>();
  /** How many more do without being tried as plain ones. */
  #longWay = 0;
  readonly #reportWaitMs: number;
  readonly #spool: Spool | undefined;
  readonly #unwritten: Unwritten;

  constructor({ pool, clock, log, beginWindowMs = 2, recordWindowMs = 20, spool }: MessageLogOptions) {
    this.#pool = pool;
    this.#clock = clock;
    this.#log = log;
    this.#patience = new Patience(clock, Number.POSITIVE_INFINITY);
    this.#spool = spool;
    this.#unwritten = new Unwritten({ clock, log, spool });
    // Not tried again by itself: after a lost answer nobody knows whether it was committed, and nothing may leave then.
    const begins = { clock, windowMs: beginWindowMs, patience: new Patience(clock, 0), doing: "begin messages" };
    this.#plainBegins = new Batch({ ...begins, write: (items) => this.#beginPlain(items) });
    this.#begins = new Batch({ ...begins, write: (items) => this.#begin(items) });
    this.#reportWaitMs = recordWindowMs * windowsForReport;
    this.#ends = new Batch({
      clock,
      windowMs: recordWindowMs,
      ripe: ({ report, ripeAt }) => report !== undefined || !(ripeAt > clock.now() && ripeAt <= clock.now() + this.#reportWaitMs),
      patience: this.#patience,
      doing: "record messages",
      write: (items) => this.#record(items),
    });
  }

  /** When it rejects nothing may leave either: the contact is due again as soon as the database is there. */
  async begin(sending: Sending): Promise<boolean> {
    const { attemptId, reference, via } = sending;
    const key = `${via} ${reference}`;
    if (reference !== undefined) {
      if ((this.#references.get(key) ?? attemptId) !== attemptId) {
        await this.#takeBack(attemptId, "its reference still waits for an answer");
        return false;
      }
      this.#references.set(key, attemptId);
    }
    try {
      return (await this.#plainly(sending)) ?? (await this.#begins.add(sending));
    } catch (error) {
      this.#takeBack(sending.attemptId, "the database was away when it was to leave");
      throw error;
    }
  }

  /**
   * Resolves when it is written or, should the database be away, on this machine's disk: what an SMSC has taken must not count as unknown because
   * this process ends before the database is back.
   */
  async handed(handed: Handed): Promise<void> {
    const { attemptId } = handed;
    const { via, reference } = this.#under.get(attemptId) ?? {};
    const writing = this.#add(handed);
    const key = `${attemptId} handed`;
    // The first ending stands.
    if (this.#unwritten.has(key)) return void (await writing);
    const begun = { ...(via !== undefined && { via }), ...(reference !== undefined && { reference }) };
    await this.#unwritten.follow(key, { attemptId, handed, ...begun }, writing);
  }

  /**
   * Has a report that a message in one part is delivered written together with its answer, where that waits to be written: one change of its attempt in place of two.
   * @returns undefined where it does not; else whether it was written, once it is committed. Never rejects
   */
  join(read: ReadReceipt): Promise<boolean> | undefined {
    const { id, result, receipt } = read;
    const ending = id !== undefined && result === "delivered" ? this.#joinable.get(`${receipt.bind} ${id}`) : undefined;
    if (!ending || ending.report) return undefined;
    return new Promise((take) => {
      ending.report = { read, take };
    });
  }

  /** Writes what earlier processes could not: before anybody takes over their attempts, so that what they knew stands. */
  async replay(): Promise<void> {
    const left = (this.#spool?.left ?? []).flatMap(({ key, entry }) => ("handed" in entry ? [{ key, entry }] : []));
    if (left.length > 0) this.#log.warn({ messages: left.length }, "writing what an earlier process could not");
    await Promise.allSettled(
      left.map(async ({ key, entry }) => {
        const { attemptId, handed, via, reference } = entry;
        if (via !== undefined) this.#under.set(attemptId, { via, ...(reference !== undefined && { reference }) });
        const writing = this.#add(handed);
        this.#unwritten.follow(key, entry, writing);
        writing.catch((error: unknown) => this.#log.error({ err: error, ...entry }, "what an earlier process could not write cannot be written"));
        await writing;
      }),
    );
  }

  async withhold(attemptId: string, at: number, result: Result, reason: string, againAt?: number): Promise<void> {
    await this.handed({ attemptId, at, result, reason, ...(againAt !== undefined && { againAt }) });
  }

  /** Writes what still waits, or keeps it on disk for the next start; for a clean end. */
  async close(): Promise<void> {
    this.#patience.endWithin(endWithinMs);
    const written = Promise.allSettled([this.#plainBegins.drain().then(() => this.#begins.drain()), this.#ends.drain()]);
    const late = Promise.withResolvers<void>();
    const timer = this.#clock.after(2 * endWithinMs, late.resolve);
    await Promise.race([written, late.promise]);
    // A timer that is left keeps the process alive.
    timer.cancel();
    await this.#unwritten.keepAll();
  }

  #add(handed: Handed): Promise<undefined> {
    const { attemptId, result, remoteIds = [], againAt } = handed;
    // The first ending stands.
    const first = this.#waiting.get(attemptId);
    if (first) return first;
    const { via, parts, plain = false } = this.#under.get(attemptId) ?? {};
    const [id] = remoteIds;
    const key = result === "sent" && parts === 1 && remoteIds.length === 1 && id && againAt === undefined ? `${via} ${id}` : undefined;
    const joinable = key !== undefined && !this.#joinable.has(key);
    const ripeAt = joinable ? this.#clock.now() + this.#reportWaitMs : 0;
    const ending: Written = { handed, key: joinable ? key : undefined, plain: plain && key !== undefined, ripeAt };
    const writing = this.#ends.add(ending);
    if (joinable) {
      this.#joinable.set(key, ending);
      this.#waiting.set(attemptId, writing);
    }
    return writing;
  }

  /** @returns undefined where it has to go the long way */
  #plainly(sending: Sending): Promise<boolean | undefined> | undefined {
    this.#longWay -= 1;
    return sending.reference === undefined || this.#longWay >= 0 ? undefined : this.#plainBegins.add(sending);
  }

  async #beginPlain(items: readonly Sending[]): Promise<readonly (boolean | undefined)[]> {
    const begun = await this.#beginBy("message-begin-plain", beginPlainSql, items);
    const plain = begun.filter((going) => going !== undefined).length;
    if (plain < items.length / 2) this.#longWay = longWay;
    for (const [place, { attemptId }] of items.entries()) {
      const under = this.#under.get(attemptId);
      if (begun[place] && under) under.plain = true;
    }
    return begun;
  }

  async #begin(items: readonly Sending[]): Promise<readonly boolean[]> {
    const begun = await this.#beginBy("message-begin", beginMessageSql, items);
    for (const [place, { attemptId, via, reference }] of items.entries())
      if (begun[place] === undefined && !this.#under.has(attemptId)) this.#letGo(attemptId, { via, ...(reference !== undefined && { reference }) });
    return begun.map((going) => going === true);
  }

  /** @returns of each whether it may go; undefined of those that the statement has left as they were */
  async #beginBy(name: string, text: string, items: readonly Sending[]): Promise<readonly (boolean | undefined)[]> {
    const values = begunColumns(items, this.#clock.now());
    const fresh = items.filter(({ attemptId }) => !this.#under.has(attemptId));
    for (const { attemptId, via, reference, parts } of fresh)
      this.#under.set(attemptId, { via, ...(reference !== undefined && { reference }), ...(parts !== undefined && { parts }), plain: false });
    const { rows } = await this.#pool.query<{ id: string; until: number }>({ name, text, values });
    const begun = new Set(rows.map(({ id }) => id));
    for (const { attemptId } of fresh) if (!begun.has(attemptId)) this.#under.delete(attemptId);
    const going = new Set(begun);
    for (const { id, until } of rows) {
      // The commit may have taken long, and the hours in which this person may be contacted are over.
      if (until >= this.#clock.now()) continue;
      going.delete(id);
      this.#takeBack(id, "permit ran out");
    }
    // Taken out when used, so that of two begins of one attempt in one batch only the first may go.
    return items.map(({ attemptId }) => (begun.has(attemptId) ? going.delete(attemptId) : undefined));
  }

  async #record(items: readonly Written[]): Promise<readonly undefined[]> {
    // From here on a report waits until this is committed, and finds it then.
    for (const { key, handed } of items) {
      if (key === undefined) continue;
      this.#joinable.delete(key);
      this.#waiting.delete(handed.attemptId);
    }
    // The first ending stands.
    const rows = new Map<string, Written>();
    for (const ending of items) if (!rows.has(ending.handed.attemptId)) rows.set(ending.handed.attemptId, ending);
    try {
      const written = await this.#write([...rows.values()]);
      for (const { handed, report } of items) report?.take(written.has(handed.attemptId));
    } catch (error) {
      for (const { report } of items) report?.take(false);
      throw error;
    }
    for (const attemptId of rows.keys()) this.#letGo(attemptId);
    return items.map(() => undefined);
  }

  #letGo(attemptId: string, { via, reference }: Partial<Under> = this.#under.get(attemptId) ?? {}): void {
    this.#under.delete(attemptId);
    const key = `${via} ${reference}`;
    if (this.#references.get(key) === attemptId) this.#references.delete(key);
  }

  /** @returns attempts whose report is written with them */
  async #write(rows: readonly Written[]): Promise<ReadonlySet<string>> {
    const plain = rows.filter((row) => row.plain);
    // One alone is perhaps what a whole batch could not be written for: it goes the long way.
    const ended = plain.length > 1 ? await this.#writePlain(plain) : new Set<string>();
    const rest = ended.size === 0 ? rows : rows.filter(({ handed }) => !ended.has(handed.attemptId));
    if (rest.length > 0) for (const id of await this.#writeAny(rest)) ended.add(id);
    return ended;
  }

  /** @returns those that are written: all that nobody else has taken over */
  async #writePlain(rows: readonly Written[]): Promise<Set<string>> {
    const values = plainHandedColumns(rows, this.#under);
    const { rows: written } = await this.#pool.query<{ id: string }>({ name: "message-handed-plain", text: handedPlainSql, values });
    return new Set(written.map(({ id }) => id));
  }

  async #writeAny(rows: readonly Written[]): Promise<readonly string[]> {
    const values = handedColumns(rows, this.#under);
    const { rows: written } = await this.#pool.query<{ id: string }>({ name: "message-handed", text: handedSql, values });
    return written.map(({ id }) => id);
  }

  /** Nothing has left for it and nothing will. */
  async #takeBack(attemptId: string, reason: string): Promise<void> {
    const at = this.#clock.now();
    await this.handed({ attemptId, at, result: "canceled", reason, againAt: at }).catch((error: unknown) => {
      // Whoever takes over what this process leaves finds it.
      this.#log.error({ err: error, attempt: attemptId }, "a contact that was not written to could not be put back");
    });
  }
}
