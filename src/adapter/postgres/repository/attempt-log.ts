import type pg from "pg";
import type { AttemptLog, Effect, Ending, LegIds, Mark } from "../../../attempt/ports.ts";
import { type Clock, pause, type Timer } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import type { Log } from "../../../kernel/log.ts";
import { databaseFault, isRefusedForGood } from "../faults.ts";
import { mergeRecordings, type Recording } from "./attempt-row.ts";
import { beginSql, effectSql, recordSql, reservedSql, suppressSql, takeBackSql, withdrawSql } from "./attempt-sql.ts";
import { Batch } from "./batch.ts";
import { effectRow } from "./effect-row.ts";
import { Patience } from "./patience.ts";
import type { Spool } from "./spool.ts";
import type { Spooled, SpooledMessage } from "./spool-line.ts";
import { Unwritten } from "./unwritten.ts";

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
  /** Where opt-outs and endings are kept that the database does not take. Without one they are lost with the process. */
  readonly spool?: Spool;
}

/** Opt-outs and endings must not be lost to a database that is away. Nothing new goes out meanwhile, so little piles up. */
const patienceMs = Number.POSITIVE_INFINITY;
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
  readonly again: boolean;
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
  readonly #spool: Spool | undefined;
  readonly #unwritten: Unwritten;
  /** Attempts whose begin failed, or came through too late: nothing leaves for them, whatever the database says. */
  readonly #takenBack = new Map<string, Promise<void>>();

  constructor({ pool, clock, log, beginWindowMs = 10, recordWindowMs = 25, spool }: AttemptLogOptions) {
    this.#pool = pool;
    this.#clock = clock;
    this.#log = log;
    this.#patience = new Patience(clock, patienceMs);
    this.#urgentMs = recordWindowMs;
    this.#spool = spool;
    this.#unwritten = new Unwritten({ clock, log, spool });
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

  /**
   * When it rejects nothing may leave either: the contact goes back to those waiting as soon as the database is there, also
   * when the begin was committed and only its answer was lost.
   */
  async begin(attemptId: string, at: number, { callId, dialogId, mediaServer, endpointId }: LegIds = {}, again = false): Promise<boolean> {
    if (this.#takenBack.has(attemptId)) return false;
    try {
      const ids = { call_id: callId, dialog_id: dialogId, media_server: mediaServer, endpoint_id: endpointId };
      return await this.#begins.add({ id: attemptId, at, ...ids, again });
    } catch (error) {
      this.#takeBack([attemptId], "the database was away when it was to leave");
      throw error;
    }
  }

  async mark(attemptId: string, mark: Mark): Promise<void> {
    await this.#records.add({ attemptId, mark }, urgentMarks.has(mark.kind) ? this.#urgentMs : undefined);
  }

  /**
   * Resolves when it is written or, should the database be away, on this machine's disk: a call that is over holds neither
   * its line nor the end of the process until the database is back.
   */
  async finish(attemptId: string, ending: Ending): Promise<void> {
    const writing = this.#records.add({ attemptId, ending });
    const key = `${attemptId} ended`;
    // The first ending stands.
    await (this.#unwritten.has(key) ? writing : this.#unwritten.follow(key, { attemptId, ending }, writing));
  }

  /**
   * Rejects with the retryable Fault `effect-late` when the database takes its time, and goes on trying behind it: the
   * same effects asked for again join what is under way. They are on this machine's disk by then, and outlive the process.
   */
  async effect(attemptId: string, at: number, effects: readonly Effect[]): Promise<void> {
    const key = `${attemptId} ${JSON.stringify(effects)}`;
    const writing = this.#effects.get(key) ?? this.#writeEffects(key, attemptId, at, effects);
    let cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      const fault = new Fault("effect-late", "The database takes its time to write an effect; it is tried on.", { retryable: true });
      cancel = () => timer.cancel();
      // A disk that hangs holds nobody in silence either.
      const kept = () => Promise.race([this.#unwritten.keep(key), pause(this.#clock, effectAnswerMs)]);
      const timer = this.#clock.after(effectAnswerMs, () => kept().then(() => reject(fault)));
    });
    await Promise.race([writing, late]).finally(() => cancel());
  }

  /** Writes what earlier processes could not: before anybody takes over their attempts, so that the endings they knew stand. */
  async replay(): Promise<void> {
    const left = (this.#spool?.left ?? []).flatMap(({ key, entry }) => ("handed" in entry ? [] : [{ key, entry }]));
    if (left.length > 0) this.#log.warn({ records: left.length }, "writing what an earlier process could not");
    await Promise.allSettled(left.map(({ key, entry }) => this.#replayOne(key, entry)));
  }

  /**
   * Writes what still waits, or keeps it on disk for the next start; for a clean end.
   * @param others settles when nobody else keeps anything in the spool any more
   */
  async close(others: Promise<unknown> = Promise.resolve()): Promise<void> {
    this.#patience.endWithin(endWithinMs);
    const written = Promise.allSettled([this.#begins.drain(), this.#records.drain(), ...this.#effects.values(), ...this.#takenBack.values()]);
    // A database that neither answers nor refuses must not hold up the end.
    let timer: Timer | undefined;
    const hung = new Promise<void>((resolve) => {
      timer = this.#clock.after(2 * endWithinMs, resolve);
    });
    await Promise.race([written, hung]);
    timer?.cancel();
    await this.#unwritten.keepAll();
    await others;
    await this.#spool?.close();
  }

  async #replayOne(key: string, entry: Exclude<Spooled, SpooledMessage>): Promise<void> {
    const { attemptId } = entry;
    if ("ending" in entry) {
      const writing = this.#patience
        .run(() => this.#known(attemptId, entry.ending.at))
        .then(() => this.#records.add({ attemptId, ending: entry.ending }));
      this.#unwritten.follow(key, entry, writing);
      writing.catch((error: unknown) => this.#log.error({ err: error, ...entry }, "what an earlier process could not write cannot be written"));
      await writing;
      return;
    }
    await this.#writeEffects(key, attemptId, entry.at, entry.effects, true);
  }

  #writeEffects(key: string, attemptId: string, at: number, effects: readonly Effect[], replayed = false): Promise<void> {
    const writing = Promise.allSettled(effects.map((effect) => this.#writeEffect(attemptId, at, effect, replayed)))
      .then((ends) => {
        const faults = ends.filter((end) => end.status === "rejected").map(({ reason }) => reason as unknown);
        // One that may be written later counts for all of them.
        if (faults.length > 0) throw faults.find((fault) => !isRefusedForGood(fault)) ?? faults[0];
      })
      .finally(() => this.#effects.delete(key));
    this.#effects.set(key, writing);
    this.#unwritten.follow(key, { attemptId, at, effects }, writing);
    // Somebody's wish not to be called: if it is lost, a person must see it.
    writing.catch((error: unknown) => this.#log.error({ err: error, attempt: attemptId, effects }, "effects could not be written"));
    return writing;
  }

  async #writeEffect(attemptId: string, at: number, effect: Effect, replayed: boolean): Promise<void> {
    if (replayed) await this.#patience.run(() => this.#known(attemptId, at));
    if (effect.kind === "suppress") return this.#suppress(attemptId, at, effect);
    const { key, kind, body, dueAt, expiresAt } = effectRow(effect, at);
    const values = [attemptId, at, key, kind, JSON.stringify(body), dueAt, expiresAt];
    try {
      const { rowCount } = await this.#patience.run(() => this.#pool.query({ name: "attempt-effect", text: effectSql, values }));
      if (!rowCount) throw notWritten(attemptId, true);
    } catch (error) {
      throw databaseFault(error, `write a ${kind}`);
    }
  }

  /** @throws Fault `attempt-unknown` */
  async #known(attemptId: string, at: number): Promise<void> {
    const { rowCount } = await this.#pool.query(reservedSql, [attemptId, at]);
    if (!rowCount) throw notWritten(attemptId, true);
  }

  async #begin(items: readonly Beginning[]): Promise<readonly boolean[]> {
    const now = this.#clock.now();
    // What waited for its turn is asked about as of now.
    const asked = items.map((item) => ({ ...item, at: Math.max(item.at, now) }));
    const query = { name: "attempt-begin", text: beginSql, values: [JSON.stringify(asked)] };
    const { rows } = await this.#pool.query<{ id: string; permit_until: Date }>(query);
    const going = new Set(rows.map(({ id }) => id));
    // The commit may have taken long, and the hours in which this person may be called are over.
    const late = rows.filter(({ permit_until }) => permit_until.getTime() < this.#clock.now()).map(({ id }) => id);
    for (const id of late) going.delete(id);
    if (late.length > 0) this.#takeBack(late, "permit ran out");
    // Taken out when used, so that of two begins of one attempt in one batch only the first may go.
    return items.map(({ id }) => going.delete(id));
  }

  /** Ends attempts for which nothing has left and nothing will, however long it takes; their contacts are due again. */
  #takeBack(ids: readonly string[], reason: string): void {
    const writing = this.#patience
      .run(() => this.#pool.query({ name: "attempt-take-back", text: takeBackSql, values: [ids, this.#clock.now(), reason] }))
      .then(
        () => {},
        // Whoever takes over what this process leaves finds it.
        (error: unknown) => this.#log.error({ err: error, attempts: ids }, "contacts that were not called could not be put back"),
      )
      .finally(() => {
        for (const id of ids) this.#takenBack.delete(id);
      });
    for (const id of ids) this.#takenBack.set(id, writing);
  }

  async #record(recordings: readonly Recording[]): Promise<readonly (Error | undefined)[]> {
    const { rows, events, answers } = mergeRecordings(recordings);
    const values = [JSON.stringify(rows), JSON.stringify(events), JSON.stringify(answers)];
    const { rows: lost } = await this.#pool.query<{ id: string; unknown: boolean }>({ name: "attempt-record", text: recordSql, values });
    if (lost.length === 0) return recordings.map(() => undefined);
    const faults = new Map(lost.map(({ id, unknown }) => [id, notWritten(id, unknown)]));
    return recordings.map((recording) => faults.get(recording.attemptId));
  }

  async #suppress(attemptId: string, at: number, effect: Extract<Effect, { kind: "suppress" }>): Promise<void> {
    const { channels, scope } = effect;
    const { key, body } = effectRow(effect, at);
    const onlyCampaign = scope === "campaign";
    const whom = [attemptId, at, onlyCampaign, channels.length === 0 ? null : channels];
    const all = [...whom, body["reason"], JSON.stringify(body), key];
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
