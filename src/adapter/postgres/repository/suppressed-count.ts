import type pg from "pg";
import { type Address, type NewContact, type Reach, reaches, serves } from "../../../contact/contact.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { subjectSql } from "./consented.ts";
import type { Turns } from "./copy-into.ts";
import { storable } from "./copy-line.ts";
import { KeyFilter } from "./key-filter.ts";
import { anyErasedSql } from "./suppressed.ts";

/** $1 numbers, $2 mailboxes, $3 client ids, $4 a time: what keeps one of them from a channel (null: every one), whatever the campaign. */
const suppressedSql = `
select number as key, channel from suppression where number = any($1::text[]) and campaign_id is null and (expires_at is null or expires_at > $4)
union select mailbox, channel from suppression where mailbox = any($2::text[]) and campaign_id is null and (expires_at is null or expires_at > $4)
union select 'id ' || client_id, channel from suppression where client_id = any($3::text[]) and campaign_id is null and (expires_at is null or expires_at > $4)
union select k.key, s.channel
from (
  select n as key, ${subjectSql("number", "n")} as subject from unnest($1::text[]) n where ${anyErasedSql}
  union all select m, ${subjectSql("mailbox", "m")} from unnest($2::text[]) m where ${anyErasedSql}
  union all select 'id ' || c, ${subjectSql("client-id", "c")} from unnest($3::text[]) c where ${anyErasedSql}) k
join suppression s on s.subject = k.subject where s.campaign_id is null and (s.expires_at is null or s.expires_at > $4)`;

/** $1 where the last page ended, $2 how many. */
const keysSql = `
select max(id)::text as last, json_agg(coalesce(number, mailbox)) filter (where coalesce(number, mailbox) is not null) as addresses, json_agg(client_id) filter (where client_id is not null) as client_ids, bool_or(subject is not null) as erased
from (select id, number, mailbox, client_id, subject from suppression where id > $1 and campaign_id is null order by id limit $2) page`;

/** What of a person is held until it is asked about: their fields would hold the whole piece of the file that they stand in. */
interface Reachable {
  readonly clientId: string | undefined;
  readonly addresses: readonly Address[];
}

interface Page {
  readonly last: string | null;
  readonly addresses: readonly string[] | null;
  readonly client_ids: readonly string[] | null;
  readonly erased: boolean | null;
}

/** People who are asked about together. */
const askedAtOnce = 1000;
/** From so many people on it pays to know beforehand who cannot be suppressed; with more suppressions the filter would say yes to everybody. */
const filteredFrom = 20_000;
const filteredSuppressions = 1_000_000;
const keysAtOnce = 100_000;

/** Counts whom a suppression for all campaigns keeps from a channel, as it is when they are counted. Nobody waits for it until the end. */
export class SuppressedCount {
  readonly #client: pg.PoolClient;
  readonly #turns: Turns;
  readonly #clock: Clock;
  readonly #found: Record<Reach, number> = { voice: 0, sms: 0, email: 0 };
  #waiting: Reachable[] = [];
  #people = 0;
  #filter: KeyFilter | undefined;
  /** While it is made, nobody is asked about: most need not be. */
  #filtering: Promise<void> | undefined;
  #filtered = false;
  /** What was asked last. The answers come in order. */
  #asked: Promise<void> | undefined;

  constructor(client: pg.PoolClient, turns: Turns, clock: Clock) {
    this.#client = client;
    this.#turns = turns;
    this.#clock = clock;
  }

  add(contacts: readonly NewContact[]): void {
    this.#people += contacts.length;
    const filter = this.#filter;
    for (const { clientId, addresses } of contacts) {
      const known = clientId === undefined ? undefined : storable(clientId);
      if (filter === undefined || mayBeIn(filter, known, addresses)) this.#waiting.push({ clientId: known, addresses });
    }
    if (this.#people > filteredFrom && this.#filtering === undefined) {
      this.#filtering = this.#turns.take(() => this.#makeFilter());
      // Heard of by whoever takes the next turn.
      this.#filtering.catch(() => undefined);
    }
    if (this.#filtering === undefined || this.#filtered) this.#askAbout(askedAtOnce);
  }

  /** By channel, of everybody who was added. @throws the error of the database, as it is */
  async total(): Promise<Readonly<Record<Reach, number>>> {
    await this.#filtering;
    this.#askAbout(1);
    await this.#asked;
    return this.#found;
  }

  /** @param least how many must wait */
  #askAbout(least: number): void {
    while (this.#waiting.length >= least) {
      const people = this.#waiting.splice(0, askedAtOnce);
      this.#asked = this.#turns.take(() => this.#count(people));
      this.#asked.catch(() => undefined);
    }
  }

  async #makeFilter(): Promise<void> {
    const filter = await this.#keyed();
    this.#filter = filter;
    this.#filtered = true;
    if (filter) this.#waiting = this.#waiting.filter(({ clientId, addresses }) => mayBeIn(filter, clientId, addresses));
  }

  /** Undefined where it would say yes to everybody. */
  async #keyed(): Promise<KeyFilter | undefined> {
    const [{ rows: counted }, firstPage] = await Promise.all([
      this.#client.query<{ many: number }>(
        `select count(*)::int as many from (select 1 from suppression where campaign_id is null limit ${filteredSuppressions + 1}) found`,
      ),
      this.#page("0"),
    ]);
    const many = counted[0]?.many ?? 0;
    if (many > filteredSuppressions) return undefined;
    const filter = new KeyFilter(many);
    for (let page = firstPage, read = 0; page?.last; page = read < many ? await this.#page(page.last) : undefined) {
      // Whom those name only a hash says: everybody is asked about.
      if (page.erased) return undefined;
      for (const key of page.addresses ?? []) filter.add("address", key);
      for (const key of page.client_ids ?? []) filter.add("clientId", key);
      read += keysAtOnce;
    }
    return filter;
  }

  async #page(after: string): Promise<Page | undefined> {
    return (await this.#client.query<Page>(keysSql, [after, keysAtOnce])).rows[0];
  }

  async #count(people: readonly Reachable[]): Promise<void> {
    const addresses = people.flatMap((each) => each.addresses);
    const numbers = addresses.flatMap((address) => (address.kind === "email" ? [] : [address.number]));
    const mailboxes = addresses.flatMap((address) => (address.kind === "email" ? [address.mailbox] : []));
    const clientIds = people.flatMap(({ clientId }) => (clientId === undefined ? [] : [clientId]));
    const values = [numbers, mailboxes, clientIds, new Date(this.#clock.now())];
    const { rows } = await this.#client.query<{ key: string; channel: Reach | null }>({ name: "contact-suppressed", text: suppressedSql, values });
    if (rows.length === 0) return;
    const found = new Set(rows.map(({ key, channel }) => `${channel ?? "every"} ${key}`));
    const covered = (reach: Reach, key: string) => found.has(`every ${key}`) || found.has(`${reach} ${key}`);
    for (const { clientId, addresses: own } of people)
      for (const reach of reaches) {
        const serving = own.filter(({ kind }) => serves(reach, kind));
        if (serving.length === 0) continue;
        const person = clientId !== undefined && covered(reach, `id ${clientId}`);
        if (person || serving.every((address) => covered(reach, address.kind === "email" ? address.mailbox : address.number)))
          this.#found[reach] += 1;
      }
  }
}

function mayBeIn(filter: KeyFilter, clientId: string | undefined, addresses: readonly Address[]): boolean {
  if (clientId !== undefined && filter.has("clientId", clientId)) return true;
  return addresses.some((address) => filter.has("address", address.kind === "email" ? address.mailbox : address.number));
}
