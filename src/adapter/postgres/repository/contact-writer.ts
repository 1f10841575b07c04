import type pg from "pg";
import type { NewContact } from "../../../contact/contact.ts";
import { AddressLot } from "./address-lot.ts";
import { copyInto, type Turns } from "./copy-into.ts";
import { fieldsText, storable } from "./copy-line.ts";
import { CopyRows } from "./copy-rows.ts";
import { PeopleKeys } from "./people-keys.ts";

/** People who are written together. The more, the less the database waits between two lots. */
const lotPeople = 8192;
/** Addresses that are: with those people to whose they make up the number. The more, the more neighbours meet on a page of an index. */
const lotAddresses = 49_152;
/** Rows that are sent and not known to be written, before more are: the database has something to write while the next addresses gather. */
const rowsUnderWay = 65_536;
/** Of so many lots before it is known here who is on them. */
const lotsKnown = 2;
/** Ids that are taken ahead, where there were so many people that more must be expected: twice as many as were given so far, for a short list should not use up many. */
const manyPeople = 1000;
const leastIdsAtOnce = 8192;
const idsAtOnce = 65_536;

/** One statement for many: what is asked and answered one by one costs more than the id itself. Seldom somebody else takes one in between. */
const idsSql = `with taken as materialized (select array(select nextval('contact_id_seq'::regclass) from generate_series(1, $1)) as ids)
select ids[1]::text as first, cardinality(ids) as many, case when ids[cardinality(ids)] - ids[1] + 1 <> cardinality(ids) then array_to_string(ids, ',') end as apart from taken`;

/** Ids that follow each other. */
interface IdRange {
  next: number;
  readonly last: number;
}

interface TakenIds {
  readonly first: string;
  readonly many: number;
  readonly apart: string | null;
}

/**
 * Writes people in lots: while one is on its way, the next fills. Whatever is asked on the same connection is answered after the lots that are on their way.
 */
export class ContactWriter {
  readonly #client: pg.PoolClient;
  readonly #turns: Turns;
  readonly #listId: number;
  readonly #columns = new Set<string>();
  readonly #contacts = new CopyRows();
  #people = 0;
  readonly #addresses = new AddressLot();
  readonly #keys = new PeopleKeys();
  /** Ids that are taken and not given yet, and those that are being taken. */
  #ids: IdRange[] = [];
  #idsGiven = 0;
  #idsAhead: Promise<readonly IdRange[]> | undefined;
  /** What is under way, the first that was sent before the others. */
  #writing: { readonly rows: number; readonly written: Promise<void> }[] = [];
  #rowsUnderWay = 0;

  constructor(client: pg.PoolClient, turns: Turns, listId: string) {
    this.#client = client;
    this.#turns = turns;
    this.#listId = Number(listId);
  }

  /** The names of all fields so far. */
  get columns(): readonly string[] {
    return [...this.#columns];
  }

  /** Of those that are not known to be written, and of those that will be added at once; whoever adds them tells them. */
  get keys(): PeopleKeys {
    return this.#keys;
  }

  /** @returns their ids; some may not be written yet */
  async add(contacts: readonly NewContact[]): Promise<readonly number[]> {
    if (contacts.length === 0) return [];
    const ids = await this.#takeIds(contacts.length);
    for (const [index, contact] of contacts.entries()) this.#put(ids[index] ?? 0, contact);
    if (this.#people >= lotPeople || this.#addresses.many >= lotAddresses) await this.#send(lotAddresses);
    return ids;
  }

  /** Resolves when everything is written. @throws the error of the database, as it is */
  async flush(): Promise<void> {
    await this.#send(1);
    while (this.#writing.length > 0) await this.#settleFirst();
  }

  #put(id: number, { clientId, timeZone, fields, addresses }: NewContact): void {
    const [listId, contacts, { rows }] = [this.#listId, this.#contacts, this.#addresses];
    for (const column in fields) if (!this.#columns.has(column)) this.#columns.add(storable(column));
    contacts.begin(5);
    contacts.bigint(id);
    contacts.bigint(listId);
    contacts.text(clientId && storable(clientId));
    contacts.text(timeZone);
    contacts.text(fieldsText(fields));
    this.#people += 1;
    for (const [position, address] of addresses.entries()) {
      const place = address.kind === "email" ? placeOfText(address.mailbox) : placeOfNumber(address.number);
      const [number, mailbox] = address.kind === "email" ? [undefined, address.mailbox] : [address.number, undefined];
      rows.begin(6);
      rows.bigint(id);
      rows.bigint(listId);
      rows.smallint(position);
      rows.text(address.kind);
      rows.text(number);
      rows.text(mailbox);
      this.#addresses.add(place);
    }
  }

  /** Sends the people who have gathered, and the addresses if there are so many of them, when not much else is under way. */
  async #send(leastAddresses: number): Promise<void> {
    if (this.#people === 0 && this.#addresses.many === 0) return;
    while (this.#rowsUnderWay >= rowsUnderWay) await this.#settleFirst();
    const all = this.#addresses.many >= leastAddresses;
    const rows = this.#people + (all ? this.#addresses.many : 0);
    const contacts = this.#contacts.take();
    this.#people = 0;
    this.#keys.turnIds(lotsKnown);
    const addresses = all ? this.#addresses.take() : [];
    if (all) this.#keys.turnFirsts(1);
    const written = this.#turns.take(() =>
      copyInto(this.#client, [
        { statement: "copy contact (id, list_id, client_id, time_zone, fields) from stdin (format binary)", pieces: contacts },
        { statement: "copy address (contact_id, list_id, position, kind, number, mailbox) from stdin (format binary)", pieces: addresses },
      ]),
    );
    // Heard of by whoever waits for it next.
    written.catch(() => undefined);
    this.#writing.push({ rows, written });
    this.#rowsUnderWay += rows;
  }

  async #settleFirst(): Promise<void> {
    const first = this.#writing.shift();
    if (first === undefined) return;
    this.#rowsUnderWay -= first.rows;
    await first.written;
  }

  /** The first are taken as many as there are, others ahead: the answer comes behind the lots that are under way. */
  async #takeIds(count: number): Promise<readonly number[]> {
    this.#idsGiven += count;
    const ahead = this.#idsGiven < manyPeople ? 0 : Math.min(Math.max(leastIdsAtOnce, 2 * this.#idsGiven), idsAtOnce);
    const taken: number[] = [];
    while (taken.length < count) {
      const range = this.#ids[0];
      if (range === undefined) {
        this.#ids.push(...(await (this.#idsAhead ?? this.#askIds(Math.max(count - taken.length, ahead)))));
        this.#idsAhead = undefined;
        continue;
      }
      for (; taken.length < count && range.next <= range.last; range.next += 1) taken.push(range.next);
      if (range.next > range.last) this.#ids.shift();
    }
    if (this.#idsAhead === undefined && this.#ids.reduce((left, { next, last }) => left + last - next + 1, 0) < ahead) {
      this.#idsAhead = this.#askIds(ahead);
      this.#idsAhead.catch(() => undefined);
    }
    return taken;
  }

  async #askIds(count: number): Promise<readonly IdRange[]> {
    const { rows } = await this.#turns.take(() => this.#client.query<TakenIds>({ name: "contact-ids", text: idsSql, values: [count] }));
    const [{ first, many, apart } = { first: "0", many: 0, apart: null }] = rows;
    if (apart === null) return [{ next: Number(first), last: Number(first) + many - 1 }];
    return apart.split(",").map((id) => ({ next: Number(id), last: Number(id) }));
  }
}

/** Ten digits of a number: its place among numbers. */
function placeOfNumber(number: string): number {
  let place = 0;
  for (let at = 1; at <= 10; at += 1) place = place * 10 + (at < number.length ? number.charCodeAt(at) - 48 : 0);
  return place;
}

/** Four characters: the place of a mailbox among mailboxes. */
function placeOfText(text: string): number {
  let place = 0;
  for (let at = 0; at < 4; at += 1) place = place * 128 + (at < text.length ? text.charCodeAt(at) & 127 : 0);
  return place;
}
