import type pg from "pg";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import {
  attributionMs,
  type EventDeed,
  type EventStore,
  type KeptEvent,
  type OutsideEvent,
  type RecordedEvent,
} from "../../../strategy/event-ports.ts";
import type { StrategySource } from "../../../strategy/strategy-ports.ts";
import { databaseFault, isCollision } from "../faults.ts";
import { storable } from "./attempt-row.ts";
import {
  aboutSql,
  attributedSql,
  deedSql,
  deedsSql,
  eventSql,
  eventsSql,
  keepEventSql,
  keptEventSql,
  moveForEventSql,
  strategiesOfSql,
  unqueueForEventSql,
  withdrawForEventSql,
} from "./event-sql.ts";
import { idOr0 } from "./id.ts";
import { inTransaction } from "./transaction.ts";

/** An event is about a person; an address that so many have is a mistake. */
const mostContacts = 1000;
/** When it ran into somebody who was writing about the same people. */
const mostTries = 5;

interface StrategyRow {
  readonly id: string;
  readonly versionId: string;
  readonly contacts: readonly string[];
}

/** Events from outside, and what they do to people in strategies that run. */
export class PostgresEventStore implements EventStore {
  readonly #pool: pg.Pool;
  readonly #clock: Clock;
  readonly #strategies: StrategySource;

  constructor(pool: pg.Pool, clock: Clock, strategies: StrategySource) {
    this.#pool = pool;
    this.#clock = clock;
    this.#strategies = strategies;
  }

  async record(event: OutsideEvent): Promise<RecordedEvent> {
    for (let time = 1; ; time++) {
      try {
        return await inTransaction(this.#pool, "record an event", (client) => this.#record(client, event));
      } catch (error) {
        if (time >= mostTries || !isCollision(error)) throw error;
      }
    }
  }

  async page({ limit, afterId }: { readonly limit: number; readonly afterId?: string }): Promise<readonly KeptEvent[]> {
    return await this.#events(eventsSql, [idOr0(afterId), limit]);
  }

  async find(id: string) {
    const [event] = await this.#events(eventSql, [idOr0(id)]);
    if (!event) return undefined;
    const { rows } = await this.#pool.query<EventDeed>(deedsSql, [event.id]);
    return { ...event, deeds: rows.map(withoutNull) };
  }

  async #events(text: string, values: readonly unknown[]): Promise<readonly KeptEvent[]> {
    try {
      return (await this.#pool.query<KeptEvent>(text, [...values])).rows.map(withoutNull);
    } catch (error) {
      throw databaseFault(error, "read events");
    }
  }

  async #record(client: pg.PoolClient, event: OutsideEvent): Promise<RecordedEvent> {
    const { name, key = null, clientId = null, address = null, amount = null, currency = null, channel = null, occurredAt } = event;
    const now = this.#clock.now();
    const kept = clientId === null ? null : storable(clientId);
    const values = [storable(name), key === null ? null : storable(key), kept, address, amount, currency, channel, occurredAt, now];
    const { rows: made } = await client.query<{ id: string }>(keepEventSql, values);
    const [fresh] = made;
    if (!fresh) return await this.#again(client, event);

    const { rows: about } = await client.query<{ id: string }>(aboutSql, [kept, address, mostContacts + 1]);
    if (about.length > mostContacts)
      throw new Fault("event-too-wide", `More than ${mostContacts} contacts would be meant by that; give the client id of the person.`);
    const contacts = about.map(({ id }) => id);
    const { rows: put } = await client.query<{ contactId: string; attemptId: string }>(attributedSql, [contacts, occurredAt, channel, attributionMs]);
    const attempts = new Map(put.map(({ contactId, attemptId }) => [contactId, attemptId]));
    const deeds: EventDeed[] = [];
    for (const strategy of (await client.query<StrategyRow>(strategiesOfSql, [contacts])).rows)
      deeds.push(...(await this.#treat(client, name, strategy, now)));
    const treated = new Set(deeds.map(({ contactId }) => contactId));
    for (const contactId of contacts) if (!treated.has(contactId)) deeds.push({ contactId });
    const all = deeds.map((deed) => {
      const attemptId = attempts.get(deed.contactId);
      return { ...deed, ...(attemptId !== undefined && { attemptId }) };
    });
    await client.query(deedSql, [fresh.id, JSON.stringify(all)]);
    return { id: fresh.id, fresh: true, deeds: all };
  }

  /** What one strategy campaign does about it. */
  async #treat(client: pg.PoolClient, name: string, { id, versionId, contacts }: StrategyRow, now: number): Promise<readonly EventDeed[]> {
    const events = (await this.#strategies.version(versionId))?.strategy.events ?? {};
    const treatment = Object.hasOwn(events, name) ? events[name] : undefined;
    if (treatment === undefined) return [];
    // What was claimed, or ended, while one statement ran is seen by the next.
    for (let found = 1; found > 0; ) {
      const withdrawn = await client.query(withdrawForEventSql, [id, contacts, now]);
      const unqueued = await client.query(unqueueForEventSql, [id, contacts, now]);
      found = withdrawn.rows.length + unqueued.rows.length;
    }
    const deeds = contacts.map((contactId) => ({ contactId, strategyCampaignId: id }));
    if (treatment.do === "stop") return deeds;
    const { rows } = await client.query<{ id: string }>("select id::text from campaign where strategy_campaign_id = $1 and pass = $2", [
      id,
      treatment.pass,
    ]);
    const [pass] = rows;
    if (!pass) return deeds;
    await client.query(moveForEventSql, [pass.id, contacts, now + treatment.afterS * 1000]);
    return deeds.map((deed) => ({ ...deed, campaignId: pass.id }));
  }

  async #again(client: pg.PoolClient, { name, key, clientId, address }: OutsideEvent): Promise<RecordedEvent> {
    const { rows } = await client.query<{ id: string; name: string; clientId: string | null; address: string | null }>(keptEventSql, [key]);
    const [known] = rows;
    if (!known || known.name !== name || known.clientId !== (clientId ?? null) || known.address !== (address ?? null))
      throw new Fault("event-key-reused", `The key ${key} belongs to another event; give each event a key of its own.`);
    const { rows: deeds } = await client.query<{ [Name in keyof EventDeed]: string | null } & { contactId: string }>(deedsSql, [known.id]);
    return { id: known.id, fresh: false, deeds: deeds.map(deedOf) };
  }
}

function deedOf({
  contactId,
  strategyCampaignId,
  campaignId,
  attemptId,
}: { [Name in keyof EventDeed]: string | null } & { contactId: string }): EventDeed {
  return {
    contactId,
    ...(strategyCampaignId && { strategyCampaignId }),
    ...(campaignId && { campaignId }),
    ...(attemptId && { attemptId }),
  };
}

/** A row has null where an event has nothing. */
function withoutNull<Row extends object>(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Row;
}
