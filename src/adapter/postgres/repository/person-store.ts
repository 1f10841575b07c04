import type pg from "pg";
import type { ReadPerson } from "../../../contact/person.ts";
import type { PersonStore } from "../../../contact/person-ports.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { codeOf, databaseFault, isUniqueViolation } from "../faults.ts";
import { type Database, keepNow } from "./change.ts";
import { changeAddresses, leaveSql, withdrawSql } from "./contact-update.ts";
import { storable } from "./copy-line.ts";
import { enterSql } from "./enter-sql.ts";
import { addingSql, anybodyErased, erasedAmong } from "./erased.ts";
import { moveOnListSql } from "./start-sql.ts";
import { inTransaction } from "./transaction.ts";

/** An import holds its list for as long as it takes; whoever adds one person waits for a moment only. */
const lockTimeout = "set local lock_timeout = '3s'";
const leaveOneSql = leaveSql("c.id = $2", "select id from gone");
const withdrawOneSql = withdrawSql("= $1", "$2");

export class PostgresPersonStore implements PersonStore {
  readonly #pool: Database;
  readonly #clock: Clock;

  constructor(pool: Database, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  async add(listId: string, { clientId, timeZone, addresses = [], fields }: ReadPerson & { readonly clientId: string | undefined }, enter: boolean) {
    return await this.#onList("add a contact", async (client) => {
      await refuseErased(client, { clientId, addresses });
      await lockList(client, listId);
      const known = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
      const { rows } = await client.query<{ id: string }>(
        "insert into contact (list_id, client_id, time_zone, fields) values ($1, $2, $3, $4) returning id::text as id",
        [listId, clientId === undefined ? null : storable(clientId), timeZone ?? null, JSON.stringify(known)],
      );
      const id = rows[0]?.id ?? "";
      await changeAddresses(client, listId, [{ id, addresses }]);
      await client.query(
        "update list set contacts = contacts + 1, columns = (select coalesce(array_agg(distinct c order by c), '{}') from unnest(columns || $2::text[]) c) where id = $1",
        [listId, Object.keys(known)],
      );
      await client.query(moveOnListSql, [listId]);
      if (enter) await client.query(enterSql, [[id], this.#clock.now()]);
      return id;
    });
  }

  async change(contactId: string, { timeZone, addresses, fields }: ReadPerson): Promise<void> {
    await this.#onList("change a contact", async (client) => {
      if (addresses) await refuseErased(client, { clientId: undefined, addresses });
      const listId = await listOf(client, contactId);
      if (listId === undefined) throw new Fault("contact-left", `Contact ${contactId} is on no list any more; add them again.`);
      await lockList(client, listId);
      const known = Object.entries(fields).filter(([, value]) => value !== null);
      const gone = Object.entries(fields).flatMap(([name, value]) => (value === null ? [name] : []));
      await client.query(
        "update contact set fields = (fields::jsonb || $2::jsonb) - $3::text[], time_zone = case when $4 then $5 else time_zone end where id = $1",
        [contactId, JSON.stringify(Object.fromEntries(known)), gone, timeZone !== undefined, timeZone ?? null],
      );
      if (addresses) await changeAddresses(client, listId, [{ id: contactId, addresses }]);
    });
  }

  async withdraw(contactId: string): Promise<void> {
    await this.#onList("withdraw a contact", async (client) => {
      const listId = await listOf(client, contactId);
      if (listId !== undefined) {
        await lockList(client, listId);
        await client.query(leaveOneSql, [listId, contactId]);
        await client.query(moveOnListSql, [listId]);
      }
      await client.query(withdrawOneSql, [contactId, this.#clock.now()]);
    });
    await this.#pool.query(withdrawOneSql, [contactId, this.#clock.now()]).catch((error: unknown) => {
      throw databaseFault(error, "withdraw a contact");
    });
  }

  async #onList<T>(doing: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const done = await inTransaction(this.#pool, doing, async (client) => {
      await client.query(lockTimeout);
      try {
        return await work(client);
      } catch (error) {
        if (isUniqueViolation(error))
          throw new Fault("contact-exists", "Somebody with this client id, or this first address, is on the list already.", { cause: error });
        if (codeOf(error) === "55P03")
          throw new Fault("list-busy", "An import, or the start of a campaign, has the list; ask again when it has ended.", {
            cause: error,
            retryable: true,
          });
        throw error;
      }
    });
    // Nobody waits for the list until this is answered.
    await keepNow(this.#pool, typeof done === "string" ? { id: done } : undefined);
    return done;
  }
}

async function lockList(client: pg.PoolClient, listId: string): Promise<void> {
  const { rows } = await client.query("select from list where id = $1 for update", [listId]);
  if (rows.length === 0) throw new Fault("list-unknown", `There is no list ${listId}; GET /api/v1/lists has them.`);
}

/** @throws Fault `person-erased` */
async function refuseErased(client: pg.PoolClient, person: Parameters<typeof erasedAmong>[1][number]): Promise<void> {
  await client.query(addingSql);
  if (!(await anybodyErased(client)) || (await erasedAmong(client, [person])).size === 0) return;
  throw new Fault(
    "person-erased",
    "A number, mailbox or client id is that of somebody who was erased. GET /api/v1/suppressions, or carillon suppression search, shows the suppression; who ends it lets them in.",
  );
}

/** @throws Fault `contact-unknown` */
async function listOf(client: pg.PoolClient, contactId: string): Promise<string | undefined> {
  const { rows } = await client.query<{ list_id: string | null }>("select list_id::text from contact where id = $1", [contactId]);
  if (!rows[0]) throw new Fault("contact-unknown", `There is no contact ${contactId}.`);
  return rows[0].list_id ?? undefined;
}
