import type pg from "pg";
import type { AttemptLog, Effect, Ending, Mark } from "../../../attempt/ports.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { pause } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { databaseFault, isAway, isCollision } from "../faults.ts";
import { mergeRecordings, type Recording, storable } from "./attempt-row.ts";
import { beginSql, recordSql, suppressSql, withdrawSql } from "./attempt-sql.ts";
import { Batch } from "./batch.ts";

export interface AttemptLogOptions {
  readonly pool: pg.Pool;
  readonly clock: Clock;
  /** How long a begin waits for others to share its statement with. Default 10: an INVITE may leave that much later. */
  readonly beginWindowMs?: number;
  /** The same for everything else, for which nobody on the line waits. Default 25. */
  readonly recordWindowMs?: number;
}

/** Opt-outs and endings must not be lost to a database that restarts. */
const patienceMs = 30_000;

/** The record of attempts in PostgreSQL: calls made within a few milliseconds share one statement and one commit. */
export class PostgresAttemptLog implements AttemptLog {
  readonly #pool: pg.Pool;
  readonly #clock: Clock;
  readonly #begins: Batch<{ readonly id: string; readonly at: number }, boolean>;
  readonly #records: Batch<Recording, undefined>;

  constructor({ pool, clock, beginWindowMs = 10, recordWindowMs = 25 }: AttemptLogOptions) {
    this.#pool = pool;
    this.#clock = clock;
    // Not tried again by itself: after a lost answer nobody knows whether it was committed, and nothing may leave then.
    this.#begins = new Batch({
      clock,
      windowMs: beginWindowMs,
      patienceMs: 0,
      doing: "begin attempts",
      due: () => this.#records.hurry(),
      write: (items) => this.#begin(items),
    });
    this.#records = new Batch({
      clock,
      windowMs: recordWindowMs,
      patienceMs,
      doing: "record attempts",
      due: () => this.#begins.hurry(),
      write: (items) => this.#record(items),
    });
  }

  begin(attemptId: string, at: number): Promise<boolean> {
    return this.#begins.add({ id: attemptId, at });
  }

  async mark(attemptId: string, mark: Mark): Promise<void> {
    await this.#records.add({ attemptId, mark });
  }

  async finish(attemptId: string, ending: Ending): Promise<void> {
    await this.#records.add({ attemptId, ending });
  }

  async effect(attemptId: string, at: number, effects: readonly Effect[]): Promise<void> {
    const written = effects.map((effect) =>
      effect.kind === "suppress" ? this.#suppress(attemptId, at, effect) : this.#records.add({ attemptId, at, outcome: effect.outcome }),
    );
    await Promise.all(written);
  }

  /** Writes what still waits; for a clean end. */
  async close(): Promise<void> {
    await Promise.all([this.#begins.drain(), this.#records.drain()]);
  }

  async #begin(items: readonly { readonly id: string; readonly at: number }[]): Promise<readonly boolean[]> {
    const { rows } = await this.#pool.query<{ id: string }>({ name: "attempt-begin", text: beginSql, values: [JSON.stringify(items)] });
    const going = new Set(rows.map(({ id }) => id));
    // Taken out when used, so that of two begins of one attempt in one batch only the first may go.
    return items.map(({ id }) => going.delete(id));
  }

  async #record(recordings: readonly Recording[]): Promise<readonly (Error | undefined)[]> {
    const { rows, events } = mergeRecordings(recordings);
    const values = [JSON.stringify(rows), JSON.stringify(events)];
    const { rows: lost } = await this.#pool.query<{ id: string; unknown: boolean }>({ name: "attempt-record", text: recordSql, values });
    if (lost.length === 0) return recordings.map(() => undefined);
    const faults = new Map(lost.map(({ id, unknown }) => [id, notWritten(id, unknown)]));
    return recordings.map((recording) => faults.get(recording.attemptId));
  }

  async #suppress(attemptId: string, at: number, effect: Extract<Effect, { kind: "suppress" }>): Promise<void> {
    const { channels, scope, reason } = effect;
    const onlyCampaign = scope === "campaign";
    const voice = channels.length === 0 || channels.includes("voice");
    const whom = [attemptId, at, onlyCampaign, voice];
    const detail = JSON.stringify({ channels, scope, reason: storable(reason) });
    await this.#patiently("suppress a person", async () => {
      const all = [...whom, channels.length === 0 ? [null] : channels, storable(reason), detail];
      const { rowCount } = await this.#pool.query({ name: "attempt-suppress", text: suppressSql, values: all });
      if (!rowCount) throw notWritten(attemptId, true);
      // A begin that looked before the commit above holds its row until it is through; a claim that did has inserted its
      // attempt by now. So after this nothing goes out that has not been counted as on its way.
      await this.#pool.query({ name: "attempt-withdraw", text: withdrawSql, values: whom });
    });
  }

  async #patiently(doing: string, work: () => Promise<void>): Promise<void> {
    const deadline = this.#clock.now() + patienceMs;
    for (let delayMs = 20; ; delayMs = Math.min(delayMs * 2, 1000)) {
      try {
        return await work();
      } catch (error) {
        if (!(isAway(error) || isCollision(error)) || this.#clock.now() > deadline) throw databaseFault(error, doing);
        await pause(this.#clock, delayMs);
      }
    }
  }
}

function notWritten(id: string, unknown: boolean): Fault {
  return unknown
    ? new Fault("attempt-unknown", `There is no attempt ${id}.`, { detail: { attempt: id } })
    : new Fault("attempt-taken-over", `Attempt ${id} was taken over by another process; this one counts as dead.`, { detail: { attempt: id } });
}
