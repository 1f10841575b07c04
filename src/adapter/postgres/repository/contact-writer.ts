import type pg from "pg";
import type { NewContact } from "../../../contact/contact.ts";
import { CopyText, copyInto, type Turns } from "./copy-into.ts";
import { copyLine, fieldsText, storable } from "./copy-line.ts";

/** Addresses that are written together. The more, the less the database waits between two lots, and the more neighbours meet on a page of an index. */
const lotAddresses = 8192;
/** Lots that are sent and not known to be written: the database has its next one when it is done with the one before. */
const lotsUnderWay = 2;
/** Ids that are taken ahead, where there were so many people that more must be expected: twice as many as were given so far, for a short list should not use up many. */
const manyPeople = 1000;
const leastIdsAtOnce = 8192;
const idsAtOnce = 65_536;

/** One statement for many: what is asked and answered one by one costs more than the id itself. Seldom somebody else takes one in between. */
const idsSql = `select min(id)::text as first, count(*)::int as many, case when max(id) - min(id) + 1 <> count(*) then string_agg(id::text, ',') end as apart
from (select nextval('contact_id_seq') as id from generate_series(1, $1)) taken`;

interface TakenIds {
  readonly first: string;
  readonly many: number;
  readonly apart: string | null;
}

/** By what people stand on a list once: their client id, and their first number or mailbox. */
export class PeopleKeys {
  readonly #ids = new Set<string>();
  readonly #firsts = new Set<string>();
  #before: PeopleKeys | undefined;

  /** @param before those of rows further up, which it knows too */
  constructor(before?: PeopleKeys) {
    this.#before = before;
  }

  add(clientId: string | undefined, first: string): void {
    if (clientId !== undefined) this.#ids.add(clientId);
    this.#firsts.add(first);
  }

  hasId(clientId: string | undefined): boolean {
    return clientId !== undefined && (this.#ids.has(clientId) || this.#before?.hasId(clientId) === true);
  }

  hasFirst(first: string): boolean {
    return this.#firsts.has(first) || this.#before?.hasFirst(first) === true;
  }

  /** Forgets all but its own and those of so many before it. */
  keep(before: number): void {
    if (before === 0) this.#before = undefined;
    else this.#before?.keep(before - 1);
  }

  /** Its own; a client id begins with `id `. */
  texts(): readonly string[] {
    return [...[...this.#ids].map((id) => `id ${id}`), ...this.#firsts];
  }
}

/**
 * Writes people in lots: while one is on its way, the next fills. Whatever is asked on the same connection is answered after the lots that are on their way.
 */
export class ContactWriter {
  readonly #client: pg.PoolClient;
  readonly #turns: Turns;
  readonly #listId: string;
  readonly #columns = new Set<string>();
  #contacts = new CopyText();
  #addresses: string[] = [];
  #places: number[] = [];
  #keys = new PeopleKeys();
  /** Ids that are taken and not given yet, and those that are being taken. */
  #ids: string[] = [];
  #idsGiven = 0;
  #idsAhead: Promise<readonly string[]> | undefined;
  /** What is under way, the first that was sent before the others. */
  #writing: Promise<void>[] = [];

  constructor(client: pg.PoolClient, turns: Turns, listId: string) {
    this.#client = client;
    this.#turns = turns;
    this.#listId = listId;
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
  async add(contacts: readonly NewContact[]): Promise<readonly string[]> {
    if (contacts.length === 0) return [];
    const ids = await this.#takeIds(contacts.length);
    for (const [index, contact] of contacts.entries()) this.#put(ids[index] ?? "", contact);
    if (this.#addresses.length >= lotAddresses) await this.#send();
    return ids;
  }

  /** Resolves when everything is written. @throws the error of the database, as it is */
  async flush(): Promise<void> {
    await this.#send();
    await Promise.all(this.#writing);
  }

  #put(id: string, { clientId, timeZone, fields, addresses }: NewContact): void {
    const listId = this.#listId;
    for (const column in fields) if (!this.#columns.has(column)) this.#columns.add(storable(column));
    this.#contacts.push(copyLine([id, listId, clientId && storable(clientId), timeZone, fieldsText(fields)]));
    for (const [place, address] of addresses.entries()) {
      this.#places.push(address.kind === "email" ? placeOfText(address.mailbox) : placeOfNumber(address.number));
      const [number, mailbox] = address.kind === "email" ? [undefined, address.mailbox] : [address.number, undefined];
      this.#addresses.push(copyLine([id, listId, String(place), address.kind, number, mailbox]));
    }
  }

  /** Sends what has gathered, when not much else is under way. */
  async #send(): Promise<void> {
    if (this.#addresses.length === 0) return;
    if (this.#writing.length >= lotsUnderWay) await this.#writing.shift();
    const contacts = this.#contacts.take();
    const addresses = this.#takeAddresses();
    this.#keys = new PeopleKeys(this.#keys);
    this.#keys.keep(lotsUnderWay);
    const writing = this.#turns.take(() =>
      copyInto(this.#client, [
        { statement: "copy contact (id, list_id, client_id, time_zone, fields) from stdin", pieces: contacts },
        { statement: "copy address (contact_id, list_id, position, kind, number, mailbox) from stdin", pieces: addresses },
      ]),
    );
    // Heard of by whoever waits for it next.
    writing.catch(() => undefined);
    this.#writing.push(writing);
  }

  /** About in the order of the index that they go into: neighbours lie on one page of it, the more of them the more there are. */
  #takeAddresses(): readonly Buffer[] {
    const text = new CopyText();
    for (let from = 0; from < this.#addresses.length; from += lotAddresses) {
      const order = Float64Array.from(this.#places.slice(from, from + lotAddresses), (place, index) => place * lotAddresses + index).sort();
      for (const each of order) text.push(this.#addresses[from + (each % lotAddresses)] ?? "");
    }
    [this.#addresses, this.#places] = [[], []];
    return text.take();
  }

  /** The first are taken as many as there are, others ahead: the answer comes behind the lots that are under way. */
  async #takeIds(count: number): Promise<readonly string[]> {
    this.#idsGiven += count;
    const ahead = this.#idsGiven < manyPeople ? 0 : Math.min(Math.max(leastIdsAtOnce, 2 * this.#idsGiven), idsAtOnce);
    while (this.#ids.length < count) {
      const more = await (this.#idsAhead ?? this.#askIds(Math.max(count, ahead)));
      this.#idsAhead = undefined;
      this.#ids = this.#ids.length === 0 ? [...more] : this.#ids.concat(more);
    }
    const taken = this.#ids.splice(0, count);
    if (this.#idsAhead === undefined && this.#ids.length < ahead) {
      this.#idsAhead = this.#askIds(ahead);
      this.#idsAhead.catch(() => undefined);
    }
    return taken;
  }

  async #askIds(count: number): Promise<readonly string[]> {
    const { rows } = await this.#turns.take(() => this.#client.query<TakenIds>({ name: "contact-ids", text: idsSql, values: [count] }));
    const [{ first, many, apart } = { first: "0", many: 0, apart: null }] = rows;
    return apart === null ? Array.from({ length: many }, (_, index) => String(Number(first) + index)) : apart.split(",");
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
