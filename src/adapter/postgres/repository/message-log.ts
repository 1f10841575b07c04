import type pg from "pg";
import type { Handed, MessageLog, Sending } from "../../../attempt/message-ports.ts";
import type { Result } from "../../../attempt/result.ts";
import type { Clock } from "../../../kernel/clock.ts";
import type { Log } from "../../../kernel/log.ts";
import { storable } from "./attempt-row.ts";
import { Batch } from "./batch.ts";
import { beginMessageSql, handedSql } from "./message-sql.ts";
import { Patience } from "./patience.ts";

export interface MessageLogOptions {
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a begin waits for others to share its statement with. Default 5. */
  readonly beginWindowMs?: number;
  /** The same for what became of messages. Default 20. */
  readonly recordWindowMs?: number;
}

/** Longer than any text that may be sent. */
const longestText = 25_000;
/** At the end of the process a database that is away is not waited for longer: what it did not take counts as unknown then. */
const endWithinMs = 5000;

/** The record of messages in PostgreSQL: what is asked for within a few milliseconds shares one statement and one commit. */
export class PostgresMessageLog implements MessageLog {
  readonly #pool: pg.Pool;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #patience: Patience;
  readonly #begins: Batch<Sending, boolean>;
  readonly #ends: Batch<Handed, undefined>;

  constructor({ pool, clock, log, beginWindowMs = 5, recordWindowMs = 20 }: MessageLogOptions) {
    this.#pool = pool;
    this.#clock = clock;
    this.#log = log;
    this.#patience = new Patience(clock, Number.POSITIVE_INFINITY);
    // Not tried again by itself: after a lost answer nobody knows whether it was committed, and nothing may leave then.
    this.#begins = new Batch({
      clock,
      windowMs: beginWindowMs,
      patience: new Patience(clock, 0),
      doing: "begin messages",
      write: (items) => this.#begin(items),
    });
    this.#ends = new Batch({
      clock,
      windowMs: recordWindowMs,
      patience: this.#patience,
      doing: "record messages",
      write: (items) => this.#record(items),
    });
  }

  /** When it rejects nothing may leave either: the contact is due again as soon as the database is there. */
  async begin(sending: Sending): Promise<boolean> {
    try {
      return await this.#begins.add(sending);
    } catch (error) {
      this.#takeBack(sending.attemptId, "the database was away when it was to leave");
      throw error;
    }
  }

  async handed(handed: Handed): Promise<void> {
    await this.#ends.add(handed);
  }

  async withhold(attemptId: string, at: number, result: Result, reason: string, againAt?: number): Promise<void> {
    await this.handed({ attemptId, at, result, reason, ...(againAt !== undefined && { againAt }) });
  }

  /** Writes what still waits. What a database that is away does not take counts as interrupted from the next start on. */
  async close(): Promise<void> {
    this.#patience.endWithin(endWithinMs);
    const written = Promise.allSettled([this.#begins.drain(), this.#ends.drain()]);
    const late = Promise.withResolvers<void>();
    const timer = this.#clock.after(2 * endWithinMs, late.resolve);
    await Promise.race([written, late.promise]);
    // A timer that is left keeps the process alive.
    timer.cancel();
  }

  async #begin(items: readonly Sending[]): Promise<readonly boolean[]> {
    const now = this.#clock.now();
    const rows = items.map(({ attemptId, at, via, from, reference, text, parts }) => ({
      id: attemptId,
      at: Math.max(at, now),
      via,
      from,
      reference,
      text: storable(text, longestText),
      parts,
    }));
    const query = { name: "message-begin", text: beginMessageSql, values: [JSON.stringify(rows)] };
    const { rows: begun } = await this.#pool.query<{ id: string; permit_until: Date }>(query);
    const going = new Set(begun.map(({ id }) => id));
    for (const { id, permit_until } of begun) {
      // The commit may have taken long, and the hours in which this person may be contacted are over.
      if (permit_until.getTime() >= this.#clock.now()) continue;
      going.delete(id);
      this.#takeBack(id, "permit ran out");
    }
    // Taken out when used, so that of two begins of one attempt in one batch only the first may go.
    return items.map(({ attemptId }) => going.delete(attemptId));
  }

  async #record(items: readonly Handed[]): Promise<readonly undefined[]> {
    // The first ending stands.
    const rows = new Map<string, unknown>();
    for (const { attemptId, at, result, reason, remoteIds = [], againAt } of items) {
      if (rows.has(attemptId)) continue;
      const ids = remoteIds.map((id) => storable(id));
      rows.set(attemptId, { id: attemptId, at, result, reason: storable(reason), again: againAt, ids });
    }
    await this.#pool.query({ name: "message-handed", text: handedSql, values: [JSON.stringify([...rows.values()])] });
    return items.map(() => undefined);
  }

  /** Nothing has left for it and nothing will. */
  #takeBack(attemptId: string, reason: string): void {
    const at = this.#clock.now();
    this.handed({ attemptId, at, result: "canceled", reason, againAt: at }).catch((error: unknown) => {
      // Whoever takes over what this process leaves finds it.
      this.#log.error({ err: error, attempt: attemptId }, "a contact that was not written to could not be put back");
    });
  }
}
