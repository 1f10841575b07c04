import type pg from "pg";
import type { ContactLoad, ContactStore, ListLoad } from "../../../contact/ports.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { databaseFault } from "../faults.ts";
import { type Database, writeLine } from "./change.ts";
import { type OpenList, PostgresContactLoad } from "./contact-load.ts";
import { anybodyErased, importingSql } from "./erased.ts";
import { type LoadLimits, limitLoad, loadFault, usualLoadLimits } from "./load-limits.ts";
import { checkLookups } from "./lookup-run-sql.ts";

/** Loads lists of any length in one transaction each. */
export class PostgresContactStore implements ContactStore {
  readonly #pool: Database;
  readonly #clock: Clock;
  readonly #limits: LoadLimits;

  constructor(pool: Database, clock: Clock, limits = usualLoadLimits) {
    this.#pool = pool;
    this.#clock = clock;
    this.#limits = limits;
  }

  async openLoad(load: ListLoad): Promise<ContactLoad> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw databaseFault(error, "open the import");
    });
    try {
      await client.query("begin");
      await limitLoad(client, this.#limits);
      if (!load.dry) await client.query(importingSql);
      if (load.lookups) await checkLookups(client, load.lookups);
      const erased = await anybodyErased(client);
      const lists = new Map<string, OpenList>();
      // In the order of their names, so that two loads into the same ones do not wait for each other for ever.
      for (const name of [...new Set([load.name, ...(load.others ?? [])])].sort()) lists.set(name, await this.#list(client, { ...load, name }));
      const own = lists.get(load.name);
      if (own === undefined) throw new TypeError("a load has a list of its own");
      lists.delete(load.name);
      const parts = { clock: this.#clock, limits: this.#limits, erased, beforeCommit: () => writeLine(this.#pool, client) };
      return await PostgresContactLoad.open(client, parts, load, own, lists);
    } catch (error) {
      await client.query("rollback").catch(() => undefined);
      client.release(true);
      throw loadFault(error, "open the import", this.#limits);
    }
  }

  async #list(client: pg.PoolClient, { name, append, existing, dry }: ListLoad): Promise<OpenList> {
    const { rows: made } = await client.query<{ id: string }>(
      "insert into list (name, created_at) values ($1, $2) on conflict (name) do nothing returning id",
      [name, new Date(this.#clock.now())],
    );
    if (made[0]) return { listId: made[0].id, made: true };
    if (!append && existing === undefined)
      throw new Fault(
        "list-exists",
        `A list named ${name} exists already; choose another name, or add to it with append (--append on the command line).`,
      );
    // Holds off a second import into the same list until this one has ended.
    const { rows: known } = await client.query<{ id: string }>(`select id from list where name = $1 ${dry ? "" : "for update"}`, [name]);
    if (!known[0]) throw new Fault("list-exists", `The list ${name} was taken away meanwhile.`, { retryable: true });
    return { listId: known[0].id, made: false };
  }
}
