import type pg from "pg";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import type { Database } from "./change.ts";
import { dueByFieldSql, duePageSql } from "./due-sql.ts";
import { inTransaction } from "./transaction.ts";

/** So many people are made due by one statement: half a second. */
const page = 50_000;
/** From so many on a start is no part of the change that asked for it, which has been answered by then. */
const longFrom = 100_000;
/** A start of which nothing was heard for so long has died. */
export const startSilentMs = 60_000;

/** Whose list it is, of a campaign that is a draft. */
interface Start {
  readonly id: string;
  readonly name: string;
  readonly listId: string;
  readonly byField: boolean;
  /** On the list, as the list says. */
  readonly people: number;
}

export interface StarterOptions {
  readonly page?: number;
  readonly longFrom?: number;
}

/**
 * Makes everybody on the list of a campaign due and has it run, all of it or nothing. Fifteen million people take minutes: of long lists page by page in a transaction of its own, which
 * holds nothing of the campaign before its last statement, so that it can be told to stop meanwhile; how far it is stands in `campaign_start`.
 */
export class CampaignStarter {
  readonly #database: Database;
  readonly #loads: pg.Pool;
  readonly #notes: Pick<pg.Pool, "query">;
  readonly #clock: Clock;
  readonly #page: number;
  readonly #longFrom: number;

  /**
   * @param loads connections for what takes long
   * @param notes others: starts that have all of those for themselves must be able to say how far they are
   */
  constructor(database: Database, loads: pg.Pool, notes: Pick<pg.Pool, "query">, clock: Clock, options: StarterOptions = {}) {
    this.#database = database;
    this.#loads = loads;
    this.#notes = notes;
    this.#clock = clock;
    this.#page = options.page ?? page;
    this.#longFrom = options.longFrom ?? longFrom;
  }

  /**
   * @param which SQL: the id of the campaign whose list it is, by $1
   * @param run moves the campaign on, given how many people are due; 0 when it is no draft any more, and then nothing has happened
   * @returns what `run` did. Faults: `campaign-state` when it is being started already
   */
  async start(which: string, id: string, run: (client: pg.PoolClient, people: number) => Promise<number>): Promise<number> {
    const text = `select c.id::text, c.name, c.list_id::text as "listId", coalesce(c.contact_order->>'by' = 'field', false) as "byField", l.contacts as people
      from campaign c join list l on l.id = c.list_id where c.id = (${which}) and c.state = 'draft'`;
    const [found] = (await this.#database.query<Start>(text, [id])).rows;
    if (!found) return await inTransaction(this.#database, "start the campaign", (client) => run(client, 0));
    const long = found.people >= this.#longFrom;
    let alone = false;
    try {
      return await inTransaction(long ? this.#loads : this.#database, "start the campaign", async (client) => {
        await client.query("set local statement_timeout = 0");
        await this.#alone(client, found, long);
        alone = true;
        const people = await this.#makeDue(client, found, long);
        const moved = await run(client, people);
        if (moved === 0) throw new NoDraft();
        return moved;
      });
    } catch (error) {
      if (error instanceof NoDraft) return 0;
      throw error;
    } finally {
      if (long && alone) await this.#notes.query("delete from campaign_start where campaign_id = $1", [found.id]).catch(() => undefined);
    }
  }

  /** Of two who start the same campaign one does; the other one waits, or where that would be long is told. */
  async #alone(client: pg.PoolClient, { id, name }: Start, long: boolean): Promise<void> {
    const key = "hashtextextended('start of campaign ' || $1, 0)";
    const lock = `select ${long ? "pg_try_advisory_xact_lock" : "pg_advisory_xact_lock"}(${key})::text as free`;
    const { rows } = await client.query<{ free: string }>(lock, [id]);
    if (long && rows[0]?.free !== "true")
      throw new Fault("campaign-state", `Campaign ${name} is being started already.`, { detail: { campaign: id, order: "start" } });
    // Whoever had it before may have started the campaign by now, with everybody due.
    const { rows: drafts } = await client.query("select from campaign where id = $1 and state = 'draft'", [id]);
    if (drafts.length === 0) throw new NoDraft();
  }

  async #makeDue(client: pg.PoolClient, { id, listId, byField, people }: Start, long: boolean): Promise<number> {
    const at = this.#clock.now();
    const total = Math.max(people, 1);
    if (long) await this.#note(id, 0, total);
    if (byField) return (await client.query(dueByFieldSql, [id, listId, at])).rowCount ?? 0;
    let last = "0";
    for (let done = 0; ; ) {
      const { rows } = await client.query<{ made: number; last: string | null }>(duePageSql, [id, listId, at, last, this.#page]);
      const { made = 0, last: end = null } = rows[0] ?? {};
      done += made;
      if (end === null) return done;
      last = end;
      if (long) await this.#note(id, done, Math.max(total, done));
    }
  }

  async #note(id: string, done: number, total: number): Promise<void> {
    await this.#notes.query(noteSql, [id, done, total]);
  }
}

/** What undoes the transaction of a start that came too late. */
class NoDraft extends Fault {
  constructor() {
    super("campaign-state", "The campaign is no draft any more.");
  }
}

const noteSql = `
insert into campaign_start (campaign_id, done, total, seen_at) values ($1, $2, $3, clock_timestamp())
on conflict (campaign_id) do update set done = excluded.done, total = excluded.total, seen_at = excluded.seen_at`;
