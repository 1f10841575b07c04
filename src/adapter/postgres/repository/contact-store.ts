import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { NewContact } from "../../../contact/contact.ts";
import type { ContactLoad, ContactStore } from "../../../contact/ports.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { databaseFault } from "../faults.ts";

/** Loads lists of any length in one transaction each. */
export class PostgresContactStore implements ContactStore {
  readonly #pool: pg.Pool;
  readonly #clock: Clock;

  constructor(pool: pg.Pool, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  async openLoad({ name, append }: { readonly name: string; readonly append: boolean }): Promise<ContactLoad> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw databaseFault(error, "open the import");
    });
    try {
      await client.query("begin");
      // The reader of the file may be slow; the transaction is not forgotten.
      await client.query("set local idle_in_transaction_session_timeout = 0");
      const { rows: made } = await client.query<{ id: string }>(
        "insert into list (name, created_at) values ($1, $2) on conflict (name) do nothing returning id",
        [name, new Date(this.#clock.now())],
      );
      if (made[0]) return new PostgresContactLoad(client, made[0].id);
      if (!append)
        throw new Fault(
          "list-exists",
          `A list named ${name} exists already; choose another name, or add to it with append (--append on the command line).`,
        );
      // Holds off a second import into the same list until this one has ended.
      const { rows: known } = await client.query<{ id: string }>("select id from list where name = $1 for update", [name]);
      if (!known[0]) throw new Fault("list-exists", `The list ${name} was taken away meanwhile.`, { retryable: true });
      return new PostgresContactLoad(client, known[0].id);
    } catch (error) {
      await client.query("rollback").catch(() => undefined);
      client.release(true);
      throw databaseFault(error, "open the import");
    }
  }
}

interface CheckRow {
  /** Of the contact, should it go in. */
  readonly id: string;
  readonly client_id_taken: boolean;
  readonly address_taken: boolean;
}

/**
 * $1 list, $2 rows. The list is locked, so what is free here stays free until the rows are in. Scalar look-ups rather than
 * EXISTS: of that the planner makes a hash of the whole list, anew for each batch, which is quadratic in a long list.
 */
const checkSql = `
select nextval('contact_id_seq') as id,
  (select true from contact c where c.list_id = $1 and c.client_id = r.client_id limit 1) is not null as client_id_taken,
  case when r.number is not null
    then (select true from address a where a.list_id = $1 and a.number = r.number and a.position = 0 limit 1)
    else (select true from address a where a.list_id = $1 and a.mailbox = r.mailbox and a.position = 0 limit 1) end is not null as address_taken
from rows from (json_to_recordset($2::json) as (client_id text, number text, mailbox text)) with ordinality as r(client_id, number, mailbox, position)
order by r.position`;

/** $1 list, $2 contacts that came in, $3 the names of their fields. */
const keepSql = `
update list set contacts = contacts + $2,
  columns = (select coalesce(array_agg(distinct c order by c), '{}') from unnest(columns || $3::text[]) c)
where id = $1`;

type Duplicate = Awaited<ReturnType<ContactLoad["add"]>>[number];

class PostgresContactLoad implements ContactLoad {
  readonly #client: pg.PoolClient;
  readonly #listId: string;
  #contacts = 0;
  readonly #columns = new Set<string>();
  #open = true;

  constructor(client: pg.PoolClient, listId: string) {
    this.#client = client;
    this.#listId = listId;
  }

  async add(batch: readonly NewContact[]): Promise<readonly Duplicate[]> {
    if (batch.length === 0) return [];
    try {
      const keys = batch.map(({ clientId, addresses }) => ({ client_id: clientId && storable(clientId), ...firstOf(addresses) }));
      const { rows } = await this.#client.query<CheckRow>({ name: "contact-check", text: checkSql, values: [this.#listId, JSON.stringify(keys)] });
      const duplicates: Duplicate[] = [];
      const clientIds = new Set<string>();
      const firsts = new Set<string>();
      const contactLines: string[] = [];
      const addressLines: string[] = [];
      for (const [position, contact] of batch.entries()) {
        const row = rows[position];
        const { number, mailbox = "" } = firstOf(contact.addresses);
        const first = number ?? mailbox;
        const clientId = contact.clientId && storable(contact.clientId);
        if (!row) continue;
        if (clientId !== undefined && (row.client_id_taken || clientIds.has(clientId))) {
          duplicates.push({ position, column: "client_id", reason: `the client id ${clientId} is on the list already` });
        } else if (row.address_taken || firsts.has(first)) {
          const [column, what] = number === undefined ? ["email", "mailbox"] : ["phone", "number"];
          duplicates.push({ position, column, reason: `the ${what} ${first} is on the list already` });
        } else {
          if (clientId !== undefined) clientIds.add(clientId);
          firsts.add(first);
          for (const column of Object.keys(contact.fields)) this.#columns.add(storable(column));
          contactLines.push(copyLine([row.id, this.#listId, clientId, contact.timeZone, fieldsText(contact.fields)]));
          for (const [place, address] of contact.addresses.entries()) {
            const own = firstOf([address]);
            addressLines.push(copyLine([row.id, this.#listId, String(place), address.kind, own.number, own.mailbox]));
          }
        }
      }
      await this.#copy("copy contact (id, list_id, client_id, time_zone, fields) from stdin", contactLines);
      await this.#copy("copy address (contact_id, list_id, position, kind, number, mailbox) from stdin", addressLines);
      this.#contacts += contactLines.length;
      return duplicates;
    } catch (error) {
      throw databaseFault(error, "add contacts to the list");
    }
  }

  async commit(): Promise<{ readonly listId: string; readonly contacts: number }> {
    try {
      await this.#client.query(keepSql, [this.#listId, this.#contacts, [...this.#columns]]);
      await this.#client.query("commit");
    } catch (error) {
      await this.abort();
      throw databaseFault(error, "complete the import");
    }
    this.#open = false;
    this.#client.release();
    return { listId: this.#listId, contacts: this.#contacts };
  }

  async abort(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#client.query("rollback").catch(() => undefined);
    this.#client.release(true);
  }

  async #copy(statement: string, lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const stream = this.#client.query(copyFrom(statement));
    await new Promise<void>((resolve, reject) => {
      stream.once("error", reject);
      stream.once("finish", resolve);
      stream.end(lines.join(""));
    });
  }
}

/** By what a contact stands on a list once: its first number, or else its first mailbox. */
function firstOf([first]: NewContact["addresses"]): { readonly number?: string; readonly mailbox?: string } {
  if (first === undefined) return {};
  return first.kind === "email" ? { mailbox: first.mailbox } : { number: first.number };
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Text PostgreSQL can store: no NUL, no half of a surrogate pair. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "");
}

/** What JSON.stringify escapes but jsonb does not take is rare, and looked for before anything is copied. */
const unstorable = /\\u(?:0000|d[89a-f])/;

function fieldsText(fields: Readonly<Record<string, string>>): string {
  const text = JSON.stringify(fields);
  if (!unstorable.test(text)) return text;
  return JSON.stringify(Object.fromEntries(Object.entries(fields).map(([name, value]) => [storable(name), storable(value)])));
}

/** One row in COPY's text format (PostgreSQL manual, COPY, "Text Format"). */
function copyLine(values: readonly (string | undefined)[]): string {
  const cells = values.map((value) => (value === undefined ? "\\N" : value.replace(/[\\\n\r\t]/g, (found) => escapes[found] ?? found)));
  return `${cells.join("\t")}\n`;
}
