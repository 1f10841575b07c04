import type pg from "pg";
import type { RetentionPass, RetentionStore } from "../../../privacy/ports.ts";
import type { RetentionKind } from "../../../privacy/retention.ts";
import { isCollision } from "../faults.ts";
import { purgeSql } from "./answer-keeper.ts";
import { eraseSql, stopSql } from "./person-erase-sql.ts";
import { bound, type PersonValues } from "./person-sql.ts";
import { type AgedKind, agedDueSql, agedStepSql, contactsDueSql, contactsStepSql, recordingsDueSql, recordingsStepSql } from "./retention-sql.ts";
import { timeSql } from "./suppressed.ts";
import { inTransaction } from "./transaction.ts";

interface Step {
  readonly removed: number;
  readonly place: string;
  readonly done: boolean;
}

/** Small, so that nobody waits for its locks. */
const rowsAtOnce = 5000;
const peopleAtOnce = 2000;
/** What is kept for a few days anyway, and found only by reading all of it. */
const soonGone: ReadonlySet<string> = new Set(["webhookMessages", "streamEvents", "keptAnswers", "deliveryReports"]);
/** One node at a time. */
const retentionLock = 7_243_271;
/** Some kinds are in several tables; the first has the name of the kind. */
const tablesOf: Partial<Readonly<Record<RetentionKind, readonly AgedKind[]>>> = {
  traces: ["traces"],
  "message-texts": ["message-texts", "replies"],
  "incoming-texts": ["incoming-texts", "mails"],
  notes: ["notes", "dispositions", "callbacks", "conversations"],
  "delivery-reports": ["delivery-reports"],
  imports: ["imports"],
};

/** What is kept for so many days; how far it has been looked through stands in the table `retention_tally`. */
export class PostgresRetentionStore implements RetentionStore {
  readonly #pool: pg.Pool;

  /** @param loads for what takes long */
  constructor(loads: pg.Pool) {
    this.#pool = loads;
  }

  async passes(): Promise<readonly RetentionPass[]> {
    return await inTransaction(this.#pool, "read how far retention is", async (client) => {
      const text = "select kind, (extract(epoch from at) * 1000)::float8 as at, removed::float8 as removed from retention_tally order by kind";
      return (await client.query<RetentionPass>(text)).rows;
    });
  }

  async sweep(): Promise<void> {
    await inTransaction(this.#pool, "take away kept answers", async (client) => {
      await client.query(purgeSql);
    });
  }

  async step(kind: RetentionKind, before: number | undefined, now: number) {
    try {
      return await inTransaction(this.#pool, "take away what is old", async (client) => {
        const { rows } = await client.query<{ mine: boolean }>("select pg_try_advisory_xact_lock($1) as mine", [retentionLock]);
        if (!rows[0]?.mine) return undefined;
        // Notes stand in rows that nobody else may change.
        await client.query("set local carillon.erasing = 'on'");
        return await this.#take(client, kind, before, now);
      });
    } catch (error) {
      // Somebody else had the rows; the next step comes to them.
      if (isCollision(error)) return { removed: 0, done: false };
      throw error;
    }
  }

  async due(kind: RetentionKind, before: number | undefined, now: number): Promise<number> {
    return await inTransaction(this.#pool, "count what is old", async (client) => {
      const count = async (text: string, values: unknown[]) => (await client.query<{ due: number }>(text, values)).rows[0]?.due ?? 0;
      if (kind === "recordings") return await count(recordingsDueSql, [before ?? null, now]);
      if (before === undefined) return 0;
      if (kind === "contacts") return await count(contactsDueSql, [before]);
      let due = 0;
      for (const table of tablesOf[kind] ?? []) due += await count(agedDueSql(table), [before, await placeOf(client, table)]);
      return due;
    });
  }

  async #take(client: pg.PoolClient, kind: RetentionKind, before: number | undefined, now: number) {
    if (kind === "recordings") {
      const { rows } = await client.query<Step>(recordingsStepSql, [before ?? null, now, rowsAtOnce]);
      return await noted(client, kind, now, rows[0]);
    }
    if (before === undefined) return { removed: 0, done: true };
    if (kind === "contacts") return await noted(client, kind, now, await forget(client, before));
    let removed = 0;
    for (const table of tablesOf[kind] ?? []) {
      const { rows } = await client.query<Step>(agedStepSql(table), [before, rowsAtOnce, await placeOf(client, table)]);
      const step = await noted(client, table, now, rows[0]);
      removed += step.removed;
      if (!step.done) return { removed, done: false };
    }
    return { removed, done: true };
  }
}

async function placeOf(client: pg.PoolClient, table: string): Promise<string> {
  const { rows } = await client.query<{ place: string }>("select place::text as place from retention_tally where kind = $1", [table]);
  return rows[0]?.place ?? "0";
}

/** Keeps how far it came. `at` moves only at the end of a pass. */
async function noted(client: pg.PoolClient, kind: string, now: number, step: Step | undefined) {
  const { removed, place, done } = step ?? { removed: 0, place: "0", done: true };
  const text = `insert into retention_tally as t (kind, at, removed, place) values ($1, case when $2 then ${timeSql("$3")} else to_timestamp(0) end, $4, $5)
    on conflict (kind) do update set at = case when $2 then excluded.at else t.at end, removed = t.removed + excluded.removed, place = excluded.place`;
  await client.query(text, [kind, done, now, removed, place]);
  return { removed, done };
}

/** Takes out who people are with whom all is done. Suppressions and consents stay as they are: they are evidence, and of others who have the number too. */
async function forget(client: pg.PoolClient, before: number): Promise<Step> {
  const { rows } = await client.query<{ contacts: readonly string[]; place: string; done: boolean }>(contactsStepSql, [
    ...[before, peopleAtOnce, await placeOf(client, "contacts")],
  ]);
  const { contacts = [], place = "0", done = true } = rows[0] ?? {};
  // From the start again at the next pass: people become done with in any order.
  const left = { place: done ? "0" : place, done };
  if (contacts.length === 0) return { removed: 0, ...left };
  const { rows: tried } = await client.query<{ id: string }>("select id::text as id from attempt where contact_id = any($1::bigint[])", [contacts]);
  const values: Partial<PersonValues> = { contacts, attempts: tried.map(({ id }) => id) };
  await client.query(bound(stopSql.lists, values));
  await client.query(bound(stopSql.left, values));
  for (const [kind, text] of Object.entries(eraseSql)) if (!soonGone.has(kind)) await client.query(bound(text, values));
  return { removed: contacts.length, ...left };
}
