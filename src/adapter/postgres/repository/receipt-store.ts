import type pg from "pg";
import type { Clock } from "../../../kernel/clock.ts";
import type { ReadReceipt } from "../../../sms/receipt.ts";
import type { KeptReceipt, ReceiptStore } from "../../../sms/store-ports.ts";
import { databaseFault } from "../faults.ts";
import { storable } from "./attempt-row.ts";
import { Batch } from "./batch.ts";
import { plainColumn, textColumn } from "./columns.ts";
import { largestId } from "./id.ts";
import type { PostgresMessageLog } from "./message-log.ts";
import { Patience } from "./patience.ts";
import { type KeptRow, keptColumns, toKept } from "./receipt-row.ts";
import { forgetReferencesSql, matchSql, onlyCandidateSql, reportSql, wholeReportSql } from "./report-sql.ts";
import { timeSql } from "./suppressed.ts";
import { inTransaction } from "./transaction.ts";

/** Which message a report belongs to. */
interface Match {
  readonly place: number;
  readonly attempt_id: string;
  /** Null when it was not found by an id: a part of its own then. */
  readonly part: number | null;
  readonly unknown: boolean;
  /** How many parts of the message have an id. */
  readonly known: number;
}

/** One row of the report statement; the names are those of its JSON. */
interface PartRow {
  readonly id: string;
  readonly part: number;
  readonly via: string;
  readonly remote_id: string;
  readonly state: string;
  readonly result: string | undefined;
  readonly error: string | undefined;
  readonly at: number;
  /** Whether its submit was answered. */
  readonly known: boolean;
}

/** $1: [{via, remote_id, reference, state, error, to, from, at, done}] */
const keepSql = `
insert into message_receipt (via, remote_id, reference, state, error, to_address, from_address, at, done_at)
select via, remote_id, reference, state, error, "to", "from", ${timeSql("at")}, ${timeSql("done")}
from json_to_recordset($1::json) as r(via text, remote_id text, reference int, state text, error text, "to" text, "from" text, at float8, done float8)`;

/** $1 since when, $2 how many, $3 and $4 id and time of the one they stand before. By the index from the newest back, however many older ones there are. */
export const keptSql = `
select ${keptColumns} from message_receipt
where attempt_id is null and at >= ${timeSql("$1")} and (at, message_receipt.id) < (${timeSql("$4")}, $3::bigint) order by at desc, message_receipt.id desc limit $2`;

const assignSql = "update message_receipt k set attempt_id = r.attempt from unnest($1::bigint[], $2::bigint[]) as r(id, attempt) where k.id = r.id";

const endOfTimeMs = Date.UTC(9999, 0);
/** The SMSC is told to try again what takes longer. */
const patienceMs = 2000;

/** Where answers wait to be written down. */
type Joining = Pick<PostgresMessageLog, "join">;

/** Reports of delivery in PostgreSQL. */
export class PostgresReceiptStore implements ReceiptStore {
  readonly #pool: pg.Pool;
  readonly #messages: Joining | undefined;
  readonly #batch: Batch<ReadReceipt, boolean>;

  /** @param messages of this process; left out, every report is written by itself */
  constructor(pool: pg.Pool, clock: Clock, windowMs = 20, messages?: Joining) {
    this.#pool = pool;
    this.#messages = messages;
    this.#batch = new Batch({
      clock,
      windowMs,
      patience: new Patience(clock, patienceMs),
      doing: "keep reports of delivery",
      write: (reads) => this.#take(reads),
    });
  }

  join(read: ReadReceipt): Promise<boolean> | undefined {
    return this.#messages?.join(read);
  }

  receive(read: ReadReceipt): Promise<boolean> {
    return this.#batch.add(read);
  }

  async kept(since: number, limit: number, before?: Pick<KeptReceipt, "id" | "at">): Promise<readonly KeptReceipt[]> {
    try {
      const { rows } = await this.#pool.query<KeptRow>({
        name: "receipt-kept",
        text: keptSql,
        values: [since, limit, before?.id ?? largestId, before?.at ?? endOfTimeMs],
      });
      return rows.map(toKept);
    } catch (error) {
      throw databaseFault(error, "read reports of delivery");
    }
  }

  async retry(reads: readonly ReadReceipt[], ids: readonly string[]): Promise<void> {
    if (reads.length > 0) await this.#apply(reads, ids);
  }

  async assignByNumber(read: ReadReceipt, id: string): Promise<boolean> {
    const { bind, to, at } = read.receipt;
    return await inTransaction(this.#pool, "give a report to its message", async (client) => {
      const { rows } = await client.query<{ attempt_id: string | null; known: number }>(onlyCandidateSql, [bind, numberOf(to), at]);
      const [only] = rows;
      if (!only?.attempt_id) return false;
      await client.query("select from attempt where id = $1 for update", [only.attempt_id]);
      await this.#report(client, [read], [{ place: 0, attempt_id: only.attempt_id, part: null, unknown: true, known: only.known }]);
      await client.query(assignSql, [[id], [only.attempt_id]]);
      return true;
    });
  }

  async forgetReferences(): Promise<void> {
    await this.#pool.query(forgetReferencesSql).catch((error: unknown) => {
      throw databaseFault(error, "let go of references");
    });
  }

  /** Writes what waits. */
  close(): Promise<void> {
    return this.#batch.drain();
  }

  /** The usual ones in one statement, and what is left by finding out first what it is of. Whoever is written twice says nothing new the second time. */
  async #take(reads: readonly ReadReceipt[]): Promise<readonly boolean[]> {
    const usual = new Map<string, { readonly place: number; readonly id: string; readonly read: ReadReceipt }>();
    for (const [place, read] of reads.entries()) {
      const { receipt, id, result } = read;
      const key = `${receipt.bind} ${id}`;
      // The first of what is said of one message stands: the others are looked at after it.
      if (id !== undefined && result !== undefined && !usual.has(key)) usual.set(key, { place, id: storable(id), read });
    }
    const fitted = new Set<number>();
    if (usual.size > 0) {
      const asked = [...usual.values()];
      const values = [
        plainColumn(asked.map(({ place }) => place)),
        plainColumn(asked.map(({ read }) => read.receipt.at)),
        textColumn(asked.map(({ read }) => read.receipt.bind)),
        textColumn(asked.map(({ id }) => id)),
        textColumn(asked.map(({ read }) => read.receipt.state)),
        textColumn(asked.map(({ read }) => read.result)),
        textColumn(asked.map(({ read: { receipt } }) => (receipt.error === undefined ? undefined : storable(receipt.error)))),
      ];
      const query = { name: "receipt-whole", text: wholeReportSql, values };
      const { rows } = await this.#pool.query<{ place: number }>(query);
      for (const { place } of rows) fitted.add(place);
    }
    const left = [...reads.keys()].filter((place) => !fitted.has(place));
    const found = left.length === 0 ? [] : await this.#apply(left.flatMap((place) => reads[place] ?? []));
    for (const [index, place] of left.entries()) if (found[index]) fitted.add(place);
    return reads.map((_, place) => fitted.has(place));
  }

  async #apply(reads: readonly ReadReceipt[], ids?: readonly string[]): Promise<readonly boolean[]> {
    const asked = reads.map(({ receipt: { at, bind, reference, to }, id, alternates }, place) => {
      return { place, at, via: bind, id: id === undefined ? undefined : storable(id), alternates, reference, to: numberOf(to) };
    });
    return await inTransaction(this.#pool, "keep reports of delivery", async (client) => {
      const { rows: matches } = await client.query<Match>({ name: "receipt-match", text: matchSql, values: [JSON.stringify(asked)] });
      await this.#report(client, reads, matches);
      const fitted = new Map(matches.map((match) => [match.place, match]));
      if (ids) {
        const found = matches.map(({ place, attempt_id }) => [ids[place], attempt_id]);
        await client.query(assignSql, [found.map(([id]) => id), found.map(([, attempt]) => attempt)]);
      } else {
        const unfit = reads.filter((_, place) => !fitted.has(place));
        if (unfit.length > 0) await client.query({ name: "receipt-keep", text: keepSql, values: [JSON.stringify(unfit.map(keptRow))] });
      }
      return reads.map((_, place) => fitted.has(place));
    });
  }

  async #report(client: pg.PoolClient, reads: readonly ReadReceipt[], matches: readonly Match[]): Promise<void> {
    const rows = partRows(reads, matches);
    if (rows.length > 0) await client.query({ name: "receipt-report", text: reportSql, values: [JSON.stringify(rows)] });
  }
}

/** One row for each part, however much is said of it: the first final state stands, and else the last one. */
function partRows(reads: readonly ReadReceipt[], matches: readonly Match[]): readonly PartRow[] {
  const rows = new Map<string, PartRow>();
  const added = new Map<string, string[]>();
  // In the order in which they came.
  for (const { place, attempt_id: id, part, unknown, known } of matches.toSorted((a, b) => a.place - b.place)) {
    const read = reads[place];
    if (!read) continue;
    const { receipt, result } = read;
    const remoteId = storable(read.id ?? "");
    const others = added.get(id) ?? [];
    added.set(id, others);
    if (part === null && !others.includes(remoteId)) others.push(remoteId);
    const number = part ?? known + 1 + others.indexOf(remoteId);
    const key = `${id} ${number}`;
    if (rows.get(key)?.result !== undefined) continue;
    const error = receipt.error === undefined ? undefined : storable(receipt.error);
    const row = { id, part: number, via: receipt.bind, remote_id: remoteId, state: receipt.state, result, error, at: receipt.at };
    rows.set(key, { ...row, known: !unknown && part !== null });
  }
  return [...rows.values()];
}

/** As attempts have it: SMSCs leave the + out. */
function numberOf(address: string): string {
  return /^[1-9]\d{6,14}$/.test(address) ? `+${address}` : storable(address);
}

function keptRow({ receipt }: ReadReceipt) {
  const { bind: via, remoteId, reference, state, error, to, from, at, doneAt: done } = receipt;
  return {
    ...{ via, reference, state, at, done, to: storable(to), from: storable(from) },
    ...(remoteId !== undefined && { remote_id: storable(remoteId) }),
    ...(error !== undefined && { error: storable(error) }),
  };
}
