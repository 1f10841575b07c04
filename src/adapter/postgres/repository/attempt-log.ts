import type pg from "pg";
import type { AttemptLog, Effect, Ending, LegIds, Mark } from "../../../attempt/ports.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import type { Log } from "../../../kernel/log.ts";
import { databaseFault } from "../faults.ts";
import { mergeRecordings, type Recording, storable } from "./attempt-row.ts";
import { beginSql, recordSql, suppressSql, withdrawSql } from "./attempt-sql.ts";
import { Batch } from "./batch.ts";
import { Patience } from "./patience.ts";

export interface AttemptLogOptions {
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a begin waits for others to share its statement with. Default 10: an INVITE may leave that much later. */
  readonly beginWindowMs?: number;
  /**
   * The same for what another process would want to know if this one died, and for what somebody waits for. Default 25.
   * History waits up to four times as long: nearly always for the next call's ids, with which it is written.
   */
  readonly recordWindowMs?: number;
}

/** Opt-outs and endings must not be lost to a database that is away. Nothing new goes out meanwhile, so little piles up. */
const patienceMs = 10 * 60_000;
/** At the end of the process a database that is away is not waited for longer. */
const endWithinMs = 5000;
/** A person is on the line, in silence, while an effect is waited for. */
const effectAnswerMs = 600;

const historyPatience = 4;
/** Marks with ids by which a successor ends a leg. */
const urgentMarks: ReadonlySet<Mark["kind"]> = new Set(["sent", "transfer"]);

/** One row of the begin statement; the names are those of its JSON. */
interface Beginning {
  readonly id: string;
  readonly at: number;
  readonly call_id: string | undefined;
  readonly dialog_id: string | undefined;
  readonly media_server: string | undefined;
  readonly endpoint_id: string | undefined;
}

/** The record of attempts in PostgreSQL: calls made within a few milliseconds share one statement and one commit. */
export class PostgresAttemptLog implements AttemptLog {
  readonly #pool: pg.Pool;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #patience: Patience;
  readonly #urgentMs: number;
  /** Effects that are being written, by what they are. */
  readonly #effects = new Map<string, Promise<void>>();
  readonly #begins: Batch<Beginning, boolean>;
  readonly #records: Batch<Recording, undefined>;

  constructor({ pool, clock, log, beginWindowMs = 10, recordWindowMs = 25 }: AttemptLogOptions) {
    this.#pool = pool;
    this.#clock = clock;
    this.#log = log;
    this.#patience = new Patience(clock, patienceMs);
    this.#urgentMs = recordWindowMs;
    // Not tried again by itself: after a lost answer nobody knows whether it was committed, and nothing may leave then.
    this.#begins = new Batch({
      clock,
      windowMs: beginWindowMs,
      patience: new Patience(clock, 0),
      doing: "begin attempts",
      due: () => this.#records.hurry(),
      write: (items) => this.#begin(items),
    });
    this.#records = new Batch({
      clock,
      windowMs: recordWindowMs * historyPatience,
      patience: this.#patience,
      doing: "record attempts",
      due: () => this.#begins.hurry(),
      write: (items) => this.#record(items),
    });
  }

  begin(attemptId: string, at: number, { callId, dialogId, mediaServer, endpointId }: LegIds = {}): Promise<boolean> {
    return this.#begins.add({ id: attemptId, at, call_id: callId, dialog_id: dialogId, media_server: mediaServer, endpoint_id: endpointId });
  }

  async mark(attemptId: string, mark: Mark): Promise<void> {
    await this.#records.add({ attemptId, mark }, urgentMarks.has(mark.kind) ? this.#urgentMs : undefined);
  }

  async finish(attemptId: string, ending: Ending): Promise<void> {
    await this.#records.add({ attemptId, ending });
  }

  /**
   * Rejects with the retryable Fault `effect-late` when the database takes its time, and goes on trying behind it: the
   * same effects asked for again join what is under way.
   */
  async effect(attemptId: string, at: number, effects: readonly Effect[]): Promise<void> {
    const key = `${attemptId} ${JSON.stringify(effects)}`;
    const writing = this.#effects.get(key) ?? this.#writeEffects(key, attemptId, at, effects);
    let cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      const fault = new Fault("effect-late", "The database takes its time to write an effect; it is tried on.", { retryable: true });
      cancel = () => timer.cancel();
      const timer = this.#clock.after(effectAnswerMs, () => reject(fault));
    });
    await Promise.race([writing, late]).finally(() => cancel());
  }

  /** Writes what still waits; for a clean end. */
  async close(): Promise<void> {
    this.#patience.endWithin(endWithinMs);
    await Promise.allSettled([this.#begins.drain(), this.#records.drain(), ...this.#effects.values()]);
  }

  #writeEffects(key: string, attemptId: string, at: number, effects: readonly Effect[]): Promise<void> {
    const each = effects.map((effect) =>
      effect.kind === "suppress"
        ? this.#suppress(attemptId, at, effect)
        : this.#records.add({ attemptId, at, outcome: effect.outcome }, this.#urgentMs),
    );
    const writing = Promise.all(each)
      .then(() => {})
      .finally(() => this.#effects.delete(key));
    this.#effects.set(key, writing);
    // Somebody's wish not to be called: if it is lost, a person must see it.
    writing.catch((error: unknown) => this.#log.error({ err: error, attempt: attemptId, effects }, "effects could not be written"));
    return writing;
  }

  async #begin(items: readonly Beginning[]): Promise<readonly boolean[]> {
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
    const all = [...whom, channels.length === 0 ? [null] : channels, storable(reason), detail];
    try {
      const { rowCount } = await this.#patience.run(() => this.#pool.query({ name: "attempt-suppress", text: suppressSql, values: all }));
      if (!rowCount) throw notWritten(attemptId, true);
      // A begin that looked before the commit above holds its row until it is through; a claim that did has inserted its
      // attempt by now. So after this nothing goes out that has not been counted as on its way.
      await this.#patience.run(() => this.#pool.query({ name: "attempt-withdraw", text: withdrawSql, values: whom }));
    } catch (error) {
      throw databaseFault(error, "suppress a person");
    }
  }
}

function notWritten(id: string, unknown: boolean): Fault {
  return unknown
    ? new Fault("attempt-unknown", `There is no attempt ${id}.`, { detail: { attempt: id } })
    : new Fault("attempt-taken-over", `Attempt ${id} was taken over by another process; this one counts as dead.`, { detail: { attempt: id } });
}
