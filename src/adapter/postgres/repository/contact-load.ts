import type pg from "pg";
import type { NewContact } from "../../../contact/contact.ts";
import type { ContactLoad, LeftOut, ListEntry, ListLoad, LoadEnd } from "../../../contact/ports.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { type KnownRow, knownSql, seenSql, seenTablesSql, unseenSql } from "./contact-known-sql.ts";
import { type Known, leaveSql, updateContacts, withdrawSql } from "./contact-update.ts";
import { ContactWriter } from "./contact-writer.ts";
import { Turns } from "./copy-into.ts";
import { erasedAmong } from "./erased.ts";
import { settleFeedRun } from "./feed-run-sql.ts";
import { KeyFilter } from "./key-filter.ts";
import { LoadEntry } from "./load-entry.ts";
import { Heartbeat, type LoadLimits, loadFault } from "./load-limits.ts";
import { beginImported } from "./lookup-run-sql.ts";
import { type Keys, keysOf, PeopleKeys } from "./people-keys.ts";
import { SuppressedCount } from "./suppressed-count.ts";

/** $1 list, $2 contacts that came in, $3 the names of their fields. */
const keepSql = `
update list set contacts = contacts + $2,
  columns = (select coalesce(array_agg(distinct c order by c), '{}') from unnest(columns || $3::text[]) c)
where id = $1`;

const leaveOthersSql = leaveSql("not exists (select from import_kept k where k.contact_id = c.id)", "insert into import_left select id from gone");
const withdrawLeftSql = withdrawSql("in (select id from import_left)", "$1");

/** Without the name itself: reasons are kept. */
const erasedReason = "names somebody who was erased; carillon suppression search WHOM shows it, and who ends that lets them in";

/** A list that people are loaded into. */
export interface OpenList {
  readonly listId: string;
  /** Whether it was made for this load. */
  readonly made: boolean;
}

/** What all lists of a load share. */
interface Shared {
  readonly client: pg.PoolClient;
  readonly clock: Clock;
  readonly turns: Turns;
  readonly load: ListLoad;
  readonly limits: LoadLimits;
  /** Whether anybody was erased: otherwise nobody is asked about. */
  readonly erased: boolean;
  /** Before the commit: what goes into the same transaction. */
  readonly beforeCommit: () => Promise<void>;
  /** The lists. */
  readonly many: number;
}

/** Rows of which the database is asked nothing, as a rule: the fewer wait, the more of them are forgotten before the garbage collector has to copy them. */
const unaskedRows = 128;

/** A list that is being made need not be searched; all such lists of a load together take about what one does. */
const filteredKeys = 1 << 22;
const leastFilteredKeys = 1 << 17;

/** One load into the lists that belong to it, in one transaction. */
export class PostgresContactLoad implements ContactLoad {
  readonly #shared: Shared;
  readonly #own: ListPart;
  readonly others: ReadonlyMap<string, ListPart>;
  readonly rowsAtOnce: number | undefined;
  readonly #heartbeat: Heartbeat;
  #open = true;

  private constructor(shared: Shared, own: OpenList, others: ReadonlyMap<string, OpenList>) {
    this.#shared = shared;
    this.#heartbeat = new Heartbeat(shared.client, shared.turns, shared.clock, shared.limits);
    this.#own = new ListPart(shared, own);
    this.others = new Map([...others].map(([name, list]) => [name, new ListPart(shared, list)]));
    const asks = shared.erased || shared.load.enter === true || keepsSeen(shared.load) || [own, ...others.values()].some(({ made }) => !made);
    this.rowsAtOnce = asks ? undefined : unaskedRows;
  }

  /** In the transaction that the client is in. */
  static async open(
    client: pg.PoolClient,
    parts: Pick<Shared, "clock" | "erased" | "limits" | "beforeCommit">,
    load: ListLoad,
    own: OpenList,
    others: ReadonlyMap<string, OpenList>,
  ): Promise<PostgresContactLoad> {
    if (keepsSeen(load)) await client.query(seenTablesSql);
    return new PostgresContactLoad({ ...parts, client, load, turns: new Turns(client), many: 1 + others.size }, own, others);
  }

  add(batch: readonly NewContact[]): Promise<readonly LeftOut[]> {
    return this.#own.add(batch);
  }

  async commit(): Promise<LoadEnd & { readonly others: ReadonlyMap<string, LoadEnd> }> {
    const { client, clock, load, limits, beforeCommit } = this.#shared;
    this.#heartbeat.stop();
    try {
      const own = await this.#own.finish();
      const others = new Map<string, LoadEnd>();
      for (const [name, part] of this.others) others.set(name, await part.finish());
      if (load.dry) {
        await this.abort();
        return { ...own, others };
      }
      for (const part of [this.#own, ...this.others.values()]) await part.entry?.settle();
      if (load.feedRun !== undefined) await settleFeedRun(client, load.feedRun);
      await beforeCommit();
      await this.#shared.turns.end(() => client.query("commit"));
      if ([own, ...others.values()].some(({ left }) => left > 0)) await client.query(withdrawLeftSql, [clock.now()]);
      this.#open = false;
      // Not to be used by another load: it may hold tables of this one.
      client.release(keepsSeen(load));
      return { ...own, others };
    } catch (error) {
      await this.abort();
      throw loadFault(error, "complete the import", limits);
    }
  }

  async abort(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#heartbeat.stop();
    const { client, turns } = this.#shared;
    await turns.end(() => client.query("rollback")).catch(() => undefined);
    client.release(true);
  }
}

function keepsSeen({ dry, existing }: ListLoad): boolean {
  return dry === true || existing !== undefined;
}

/** One list of a load. */
class ListPart implements ListEntry {
  readonly #client: pg.PoolClient;
  readonly #clock: Clock;
  readonly #load: ListLoad & OpenList;
  /** What may be on the list, while nothing else is than what came with this load. */
  readonly #filter: KeyFilter | undefined;
  readonly #keepsSeen: boolean;
  readonly #erased: boolean;
  readonly #limits: LoadLimits;
  #inserted = 0;
  #firstId: string | undefined;
  /** Of a list that is being made there are no campaigns. */
  readonly entry: LoadEntry | undefined;
  #updated = 0;
  readonly #turns: Turns;
  readonly #writer: ContactWriter;
  readonly #suppressed: SuppressedCount;

  constructor({ client, clock, turns, load, limits, erased, many }: Shared, list: OpenList) {
    this.#limits = limits;
    this.#erased = erased;
    this.#client = client;
    this.#clock = clock;
    this.#turns = turns;
    this.#load = { ...load, ...list };
    this.#filter = list.made ? new KeyFilter(Math.max(leastFilteredKeys, filteredKeys / many)) : undefined;
    this.#keepsSeen = keepsSeen(load);
    this.entry = list.made ? undefined : new LoadEntry(client, list.listId, clock);
    this.#writer = new ContactWriter(client, turns, list.listId);
    this.#suppressed = new SuppressedCount(client, turns, clock);
  }

  async add(batch: readonly NewContact[]): Promise<readonly LeftOut[]> {
    if (batch.length === 0) return [];
    try {
      const erased = this.#erased ? await this.#turns.take(() => erasedAmong(this.#client, batch)) : undefined;
      const keys = batch.map(keysOf);
      const maybe = this.#mayBeThere(keys);
      const known = await this.#known(keys, maybe);
      const leftOut: LeftOut[] = [];
      const fresh: NewContact[] = [];
      const people: Known[] = [];
      // Rows further up that no question to the database would find.
      const unwritten = this.#keepsSeen ? new PeopleKeys() : this.#writer.keys;
      for (const [position, contact] of batch.entries()) {
        const forgotten = erased?.get(position);
        if (forgotten !== undefined) {
          leftOut.push({ position, column: forgotten, reason: erasedReason, erased: true });
          continue;
        }
        const row = known.get(position);
        const { clientId, first = "" } = keys[position] ?? {};
        const hasId = clientId !== undefined && maybe[2 * position] !== 0;
        const hasFirst = maybe[2 * position + 1] !== 0;
        // Whoever is on the list already and is to be changed: by client id, or where the file has none by the first address.
        const who = this.#load.existing === undefined ? undefined : clientId === undefined ? row?.by_address : row?.by_client_id;
        if (hasId && (unwritten.hasId(clientId) || row?.client_id_seen || (row?.by_client_id != null && who == null))) {
          leftOut.push({ position, column: "client_id", reason: `the client id ${clientId} is on the list already` });
        } else if (hasFirst && (unwritten.hasFirst(first) || row?.address_seen || (row?.by_address != null && row.by_address !== who))) {
          const [column, what] = first.includes("@") ? ["email", "mailbox"] : ["phone", "number"];
          leftOut.push({ position, column, reason: `the ${what} ${first} is on the list already` });
        } else {
          unwritten.add(clientId, first);
          if (who == null) fresh.push(contact);
          else people.push({ id: who, contact });
        }
      }
      await this.#keep(fresh, people, unwritten);
      return leftOut;
    } catch (error) {
      throw loadFault(error, "add contacts to the list", this.#limits);
    }
  }

  /** Everything that is to be done before the transaction ends. @throws the error of the database, as it is */
  async finish(): Promise<LoadEnd> {
    const { listId, made, dry, existing, lookups } = this.#load;
    await this.#writer.flush();
    const end = { contacts: this.#inserted, updated: this.#updated, suppressed: await this.#suppressed.total(), left: 0 };
    if (this.#inserted + this.#updated === 0) {
      if (made) await this.#client.query("delete from list where id = $1", [listId]);
      return { ...end, listId: made ? "" : listId };
    }
    if (dry) return { ...end, ...(existing === "replace" && { left: await this.#absent() }), listId: made ? "" : listId };
    const left = existing === "replace" ? await this.#leave() : 0;
    await this.#client.query(keepSql, [listId, this.#inserted, this.#writer.columns]);
    if (lookups === undefined) return { ...end, left, listId };
    const brought = { listId, inserted: this.#inserted, firstId: this.#firstId, updated: this.#updated, everybody: existing === "replace" };
    return { ...end, left, listId, lookupRun: await beginImported(this.#client, lookups, brought) };
  }

  /** Of each of a batch whether a row further up, or the list, may have the client id, and after it the first address; from now on it may. */
  #mayBeThere(keys: readonly Keys[]): Uint8Array {
    const maybe = new Uint8Array(2 * keys.length).fill(1);
    const filter = this.#filter;
    if (filter === undefined) return maybe;
    for (const [position, { clientId, first }] of keys.entries()) {
      maybe[2 * position] = clientId !== undefined && filter.add("clientId", clientId) ? 1 : 0;
      maybe[2 * position + 1] = filter.add("address", first) ? 1 : 0;
    }
    return maybe;
  }

  /** What the list has of a batch, by position; those that cannot be there are not asked for. */
  async #known(keys: readonly Keys[], maybe: Uint8Array): Promise<ReadonlyMap<number, KnownRow>> {
    const asked: { readonly position: number; readonly client_id: string | undefined; readonly number?: string; readonly mailbox?: string }[] = [];
    for (const [position, each] of keys.entries())
      if (this.#filter === undefined || this.#mayBeWritten(keys, maybe, position))
        asked.push({ position, client_id: each.clientId, [each.first.includes("@") ? "mailbox" : "number"]: each.first });
    if (asked.length === 0) return new Map();
    const [name, text] = this.#keepsSeen ? ["contact-known-seen", knownSql(seenSql)] : ["contact-known", knownSql(unseenSql)];
    const values = [this.#load.listId, JSON.stringify(asked)];
    const { rows } = await this.#turns.take(() => this.#client.query<KnownRow>({ name, text, values }));
    return new Map(rows.map((row) => [row.position, row]));
  }

  /** Whoever waits to be written is known here, and what a batch has twice was not there before it unless its first one may have been. */
  #mayBeWritten(keys: readonly Keys[], maybe: Uint8Array, position: number): boolean {
    const { clientId, first = "" } = keys[position] ?? {};
    const waiting = this.#writer.keys;
    const byId = maybe[2 * position] !== 0 && maybe[2 * keys.findIndex((each) => each.clientId === clientId)] !== 0;
    if (byId && waiting.hasId(clientId)) return false;
    if (byId) return true;
    return maybe[2 * position + 1] !== 0 && maybe[2 * keys.findIndex((each) => each.first === first) + 1] !== 0 && !waiting.hasFirst(first);
  }

  async #keep(fresh: readonly NewContact[], people: readonly Known[], keys: PeopleKeys): Promise<void> {
    const { dry, enter } = this.#load;
    const ids = dry ? [] : await this.#writer.add(fresh);
    if (this.#keepsSeen || enter) {
      // What is asked of people who are on the list must find them there.
      await this.#writer.flush();
      await this.#turns.take(() => this.#settle(ids.map(String), people, keys));
    }
    if (ids[0] !== undefined) this.#firstId ??= String(ids[0]);
    this.#inserted += fresh.length;
    this.#updated += people.length;
    this.#suppressed.add(fresh);
    this.#suppressed.add(people.map(({ contact }) => contact));
  }

  async #settle(ids: readonly string[], people: readonly Known[], keys: PeopleKeys): Promise<void> {
    const { dry, listId, enter } = this.#load;
    if (!dry) await updateContacts(this.#client, listId, people);
    if (enter) await this.entry?.add(ids);
    if (!this.#keepsSeen) return;
    await this.#client.query("insert into import_seen select $1, unnest($2::text[])", [listId, keys.texts()]);
    await this.#client.query("insert into import_kept select unnest($2::bigint[]), $1", [listId, [...ids, ...people.map(({ id }) => id)]]);
  }

  /** Whoever is not in the file leaves the list. */
  async #leave(): Promise<number> {
    await this.#client.query("create temp table if not exists import_left (id bigint primary key)");
    const { rowCount } = await this.#client.query(leaveOthersSql, [this.#load.listId]);
    if (rowCount !== null && rowCount > 0) await this.#client.query(withdrawLeftSql, [this.#clock.now()]);
    return rowCount ?? 0;
  }

  async #absent(): Promise<number> {
    const text = "select (select contacts from list where id = $1) - (select count(*) from import_kept k where k.list_id = $1) as absent";
    const { rows } = await this.#client.query<{ absent: string }>(text, [this.#load.listId]);
    return Number(rows[0]?.absent ?? 0);
  }
}
