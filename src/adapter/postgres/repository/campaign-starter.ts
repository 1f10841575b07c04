import type pg from "pg";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import type { Database } from "./change.ts";
import { dueByFieldSql, dueLateSql, duePageSql, leftListSql } from "./due-sql.ts";
import { listStillSql, startKeySql } from "./start-sql.ts";
import { inTransaction } from "./transaction.ts";

/** So many people are made due by one statement: half a second. */
const page = 50_000;
/** From so many on a start is no part of the change that asked for it, which has been answered by then. */
const longFrom = 100_000;

/** Whose list it is, of a campaign that is a draft. */
interface Start {
  readonly id: string;
  readonly name: string;
  readonly listId: string;
  readonly byField: boolean;
  /** How they are put in order. */
  readonly inOrder: string;
  /** On the list, as the list says. */
  readonly people: number;
}

export interface StarterOptions {
  readonly page?: number;
  readonly longFrom?: number;
}

/**
 * Makes everybody on the list of a campaign due and has it run, all of it or nothing. Fifteen million people take minutes: of long lists page by page in a transaction of its own, which
 * holds nothing of the campaign before its last statements, so that it can be told to stop meanwhile; how far it is stands in `campaign_start`. Whoever comes to the list or leaves it
 * meanwhile is found at the end.
 */
export class CampaignStarter {
  readonly #database: Database;
  readonly #loads: pg.Pool;
  readonly #notes: Pick<pg.Pool, "query">;
  readonly #clock: Clock;
  readonly #page: number;
  readonly #longFrom: number;
  /** Of long lists, by campaign: the connection of the database's that is at it, once there is one. */
  readonly #underWay = new Map<string, { pid: number | undefined }>();
  #ending = false;

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
    const text = `select c.id::text, c.name, c.list_id::text as "listId", coalesce(c.contact_order->>'by' = 'field', false) as "byField", coalesce(c.contact_order::text, '') as "inOrder",
      l.contacts as people from campaign c join list l on l.id = c.list_id where c.id = (${which}) and c.state = 'draft'`;
    const [found] = (await this.#database.query<Start>(text, [id])).rows;
    if (!found) return await inTransaction(this.#database, "start the campaign", (client) => run(client, 0));
    const long = found.people >= this.#longFrom;
    const start = async () =>
      await inTransaction(long ? this.#loads : this.#database, "start the campaign", async (client) => {
        await client.query("set local statement_timeout = 0");
        const stillFrom = await this.#alone(client, found, long);
        const people = await this.#makeDue(client, found, long);
        const settled = await this.#settle(client, found, stillFrom, people);
        await this.#unchanged(client, which, id, found);
        const moved = await run(client, settled);
        if (moved === 0) throw new NoDraft();
        return moved;
      });
    try {
      return await (long ? this.#noted(found, start) : start());
    } catch (error) {
      if (error instanceof NoDraft) return 0;
      throw error;
    }
  }

  /** Ends those over long lists that are under way, with nothing done. */
  async breakOff(): Promise<void> {
    this.#ending = true;
    const pids = [...this.#underWay.values()].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
    if (pids.length > 0) await this.#notes.query("select pg_cancel_backend(pid) from unnest($1::int[]) as at(pid)", [pids]);
  }

  /** So that it is known that somebody is at it. What was promised and may yet be done stays so. */
  async #noted<T>(found: Start, start: () => Promise<T>): Promise<T> {
    const { id, people } = found;
    if (this.#underWay.has(id)) throw new StartedAlready(found);
    this.#underWay.set(id, { pid: undefined });
    try {
      await this.#notes.query(beginSql, [id, Math.max(people, 1)]);
      const done = await start();
      await this.#over(id);
      return done;
    } catch (error) {
      if (!(error instanceof StartedAlready)) await this.#over(id, error instanceof Fault && error.retryable);
      throw error;
    } finally {
      this.#underWay.delete(id);
    }
  }

  async #over(id: string, again = false): Promise<void> {
    await this.#notes.query("delete from campaign_start where campaign_id = $1 and not (promised and $2)", [id, again]).catch(() => undefined);
  }

  /**
   * Of two who start the same campaign one does; the other one waits, or where that would be long is told.
   * @returns what the row of the list is until anybody comes to it or leaves it
   */
  async #alone(client: pg.PoolClient, found: Start, long: boolean): Promise<string> {
    const { id, listId } = found;
    const lock = `select ${long ? "pg_try_advisory_xact_lock" : "pg_advisory_xact_lock"}(${startKeySql("$1::text")})::text as free, pg_backend_pid() as pid`;
    const { rows } = await client.query<{ free: string; pid: number }>(lock, [id]);
    if (long && rows[0]?.free !== "true") throw new StartedAlready(found);
    const own = this.#underWay.get(id);
    if (own) own.pid = rows[0]?.pid;
    // Whoever had it before may have started the campaign by now, with everybody due.
    const draft = "select l.xmin::text as still from campaign c join list l on l.id = $2 where c.id = $1 and c.state = 'draft'";
    const { rows: drafts } = await client.query<{ still: string }>(draft, [id, listId]);
    if (drafts[0] === undefined) throw new NoDraft();
    return drafts[0].still;
  }

  async #makeDue(client: pg.PoolClient, { id, name, listId, byField, people }: Start, long: boolean): Promise<number> {
    const at = this.#clock.now();
    const total = Math.max(people, 1);
    if (long) {
      await this.#note(id, 0, total);
      this.#mayGoOn(name);
    }
    if (byField) return (await client.query(dueByFieldSql, [id, listId, at])).rowCount ?? 0;
    let last = "0";
    for (let done = 0; ; ) {
      const { rows } = await client.query<{ made: number; last: string | null }>(duePageSql, [id, listId, at, last, this.#page]);
      const { made = 0, last: end = null } = rows[0] ?? {};
      done += made;
      if (end === null) return done;
      last = end;
      if (!long) continue;
      await this.#note(id, done, Math.max(total, done));
      this.#mayGoOn(name);
    }
  }

  /** @throws Fault `campaign-start-ended` */
  #mayGoOn(name: string): void {
    if (!this.#ending) return;
    throw new Fault("campaign-start-ended", `The server was stopped while it started campaign ${name}; nothing of it was started.`, {
      retryable: true,
    });
  }

  /** Whoever came to the list, or left it, while its people were made due. From here to the end nobody does. @returns how many are due now */
  async #settle(client: pg.PoolClient, { id, listId }: Start, stillFrom: string, people: number): Promise<number> {
    await client.query(listStillSql, [listId]);
    const { rows } = await client.query("select from list where id = $1 and xmin::text = $2", [listId, stillFrom]);
    if (rows.length > 0) return people;
    const { rowCount: left } = await client.query(leftListSql, [id, listId]);
    const { rowCount: late } = await client.query(dueLateSql, [id, listId, this.#clock.now()]);
    return people - (left ?? 0) + (late ?? 0);
  }

  /** Another version of its strategy has another first pass perhaps, or another order: nobody may change that from here to the end. @throws Fault `campaign-state` */
  async #unchanged(client: pg.PoolClient, which: string, id: string, { id: campaign, name, inOrder }: Start): Promise<void> {
    await client.query("select from strategy_campaign g join campaign c on c.strategy_campaign_id = g.id where c.id = $1 for share of g", [campaign]);
    const { rows } = await client.query<{ id: string; inOrder: string }>(
      `select c.id::text, coalesce(c.contact_order::text, '') as "inOrder" from campaign c where c.id = (${which})`,
      [id],
    );
    if (rows[0]?.id === campaign && rows[0].inOrder === inOrder) return;
    throw new Fault("campaign-state", `Campaign ${name} was changed while it was being started; start it again.`, {
      detail: { campaign, order: "start" },
    });
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

/** Another process that is at it has said so, and is told of here in a moment. */
class StartedAlready extends Fault {
  constructor({ id, name }: Start) {
    super("campaign-state", `Campaign ${name} is being started already.`, { detail: { campaign: id, order: "start" }, retryable: true });
  }
}

const beginSql = `
insert into campaign_start (campaign_id, done, total, seen_at) values ($1, 0, $2, clock_timestamp()) on conflict do nothing`;

const noteSql = `
insert into campaign_start (campaign_id, done, total, seen_at) values ($1, $2, $3, clock_timestamp())
on conflict (campaign_id) do update set done = excluded.done, total = excluded.total, seen_at = excluded.seen_at`;
