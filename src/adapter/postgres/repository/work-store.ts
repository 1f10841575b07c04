import pg from "pg";
import type { Order } from "../../../attempt/ports.ts";
import type { PutBack } from "../../../attempt/treatment.ts";
import { Fault } from "../../../kernel/fault.ts";
import { isPhoneNumber } from "../../../kernel/phone.ts";
import type { Campaign } from "../../../strategy/campaign.ts";
import type { Candidate, Verdict, WorkStore } from "../../../strategy/ports.ts";
import { databaseFault } from "../faults.ts";
import { nodeLock } from "./node-registry.ts";
import { claimSql, lockPaceSql, momentSql, settleSql } from "./work-sql.ts";

/** How far the claims of a campaign have come in the order (due_at, contact_id). */
interface Mark {
  readonly dueAt: Date;
  readonly contactId: string;
}

const fromTheStart: Mark = { dueAt: new Date(0), contactId: "0" };

/** Which life of its name a node's process is. */
export interface Incarnations {
  incarnationOf(node: string): string | undefined;
}

interface Claim {
  readonly campaignId: string;
  readonly node: string;
  readonly incarnation: string;
  readonly scriptVersionId: string;
  /** Epoch ms. */
  readonly now: number;
}

interface CandidateRow {
  readonly contact_id: string;
  readonly due_at: Date;
  readonly time_zone: string | null;
  readonly fields: Readonly<Record<string, string>>;
  readonly address_id: string;
  readonly number: string;
  readonly suppressed: boolean;
  readonly on_the_line: boolean;
  readonly abandoned_at: number | null;
  readonly put_back: PutBack | null;
}

interface ReservedRow {
  readonly id: string;
  readonly contact_id: string;
  readonly start_in_ms: number;
}

/** The work table: who is still to be called. */
export class PostgresWorkStore implements WorkStore {
  readonly #pool: pg.Pool;
  readonly #nodes: Incarnations;
  /**
   * Claims resume behind what was claimed last, so that a claim never reads again through the rows deleted before it,
   * which a long report may keep in the index. What was locked or put back behind the mark is found when a claim comes
   * back short: then it starts again from the beginning.
   */
  readonly #marks = new Map<string, Mark>();

  constructor(pool: pg.Pool, nodes: Incarnations) {
    this.#pool = pool;
    this.#nodes = nodes;
  }

  async claim(campaign: Campaign, count: number, now: number, node: string, judge: (candidate: Candidate) => Verdict, reach = count) {
    const incarnation = this.#nodes.incarnationOf(node);
    if (incarnation === undefined) throw new Fault("node-unregistered", `Node ${node} claims contacts without having registered.`);
    const asked = { campaignId: campaign.id, scriptVersionId: campaign.scriptVersionId, node, incarnation, now };
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw databaseFault(error, "claim contacts");
    });
    try {
      await prepare(client);
      const before = this.#marks.get(campaign.id);
      const picked = await this.#pick(client, asked, reach);
      const verdicts = judgeUntil(picked, count, judge);
      const rows = picked.slice(0, verdicts.size);
      const reserved = await settle(client, asked, rows, verdicts);
      const byContact = new Map(reserved.map((row) => [row.contact_id, row]));
      const wanted = rows.filter(({ contact_id }) => verdicts.get(contact_id)?.go);
      const firstHeld = rows.findIndex(({ contact_id }) => verdicts.get(contact_id)?.go && !byContact.has(contact_id));
      const used = firstHeld < 0 ? rows.length : firstHeld;
      // What was picked and not judged, or held back by the limits, stays as it is, in front of the mark.
      if (used < picked.length && this.#marks.has(campaign.id)) this.#mark(campaign.id, used > 0 ? markOf(picked[used - 1]) : before);
      // A full claim says by itself that there may be more.
      const nextDueAt = picked.length === reach ? now : await nextDue(client, campaign.id);
      client.release();
      const taken = wanted.flatMap((row) => {
        const [id, verdict] = [byContact.get(row.contact_id)?.id, verdicts.get(row.contact_id)];
        const order = id !== undefined && verdict?.go ? orderOf(id, campaign, row, { at: now, untilMs: verdict.untilMs }) : undefined;
        return order ? [{ order, putBack: row.put_back ?? {} }] : [];
      });
      const orders = taken.map(({ order }) => order);
      const putBack = taken.map((each) => each.putBack);
      const startInMs = reserved.map((row) => row.start_in_ms);
      return { orders, startInMs, putBack, refused: rows.length - wanted.length, held: wanted.length - orders.length, nextDueAt };
    } catch (error) {
      this.#marks.delete(campaign.id);
      await client.query("rollback").catch(() => undefined);
      // Not put back: what state it is in nobody knows.
      client.release(true);
      throw databaseFault(error, "claim contacts");
    }
  }

  async unfinished(campaignId: string): Promise<number> {
    const { rows } = await this.#query<{ count: string }>(
      "work-unfinished",
      `select (select count(*) from work where campaign_id = $1) + (select count(*) from attempt where campaign_id = $1 and ended_at is null) as count`,
      [campaignId],
    );
    return Number(rows[0]?.count ?? 0);
  }

  async moment(campaignId: string): Promise<number> {
    const id = pg.escapeLiteral(campaignId);
    try {
      // In one message, and so one transaction.
      const results: unknown = await this.#pool.query(`${lockPaceSql(id)}; ${momentSql(id)}`);
      const [, moments] = results as readonly [unknown, pg.QueryResult<{ start_in_ms: number }>];
      return moments.rows[0]?.start_in_ms ?? 0;
    } catch (error) {
      throw databaseFault(error, "take another moment");
    }
  }

  async #pick(client: pg.PoolClient, claim: Claim, count: number): Promise<readonly CandidateRow[]> {
    const mark = this.#marks.get(claim.campaignId) ?? fromTheStart;
    const rows = await pickFrom(client, claim, mark, count, beginSql(claim.node));
    if (rows.length < count && mark !== fromTheStart) {
      const missed = await pickFrom(client, claim, fromTheStart, count - rows.length, "", rows);
      rows.push(...missed);
      this.#marks.delete(claim.campaignId);
      return rows;
    }
    if (rows.length === count) this.#mark(claim.campaignId, markOf(rows.at(-1)));
    return rows;
  }

  #mark(campaignId: string, mark: Mark | undefined): void {
    if (mark) this.#marks.set(campaignId, mark);
    else this.#marks.delete(campaignId);
  }

  async #query<Row extends pg.QueryResultRow>(name: string, text: string, values: unknown[]): Promise<pg.QueryResult<Row>> {
    try {
      return await this.#pool.query<Row>({ name, text, values });
    } catch (error) {
      throw databaseFault(error, "read the work table");
    }
  }
}

function markOf(row: CandidateRow | undefined): Mark | undefined {
  return row && { dueAt: row.due_at, contactId: row.contact_id };
}

/** When the next contact of the campaign is due, later or already; undefined when none waits. */
async function nextDue(client: pg.PoolClient, campaignId: string): Promise<number | undefined> {
  const text = "select due_at from work where campaign_id = $1 order by due_at, contact_id limit 1";
  const { rows } = await client.query<{ due_at: Date }>({ name: "work-next", text, values: [campaignId] });
  return rows[0]?.due_at.getTime();
}

async function pickFrom(
  client: pg.PoolClient,
  { campaignId, node, incarnation, now }: Claim,
  mark: Mark,
  count: number,
  before: string,
  besides: readonly CandidateRow[] = [],
): Promise<CandidateRow[]> {
  // Rows this transaction holds already are not skipped by SKIP LOCKED, so they are asked for on top and left out.
  const values = [campaignId, now, mark.dueAt.toISOString(), mark.contactId, count + besides.length, node, incarnation];
  const rows = await execute<CandidateRow>(client, before, "carillon_claim", values, "");
  const held = new Set(besides.map((row) => row.contact_id));
  return rows.filter((row) => !held.has(row.contact_id)).slice(0, count);
}

/** Verdicts from the first row on, until `count` of them were a yes. */
function judgeUntil(rows: readonly CandidateRow[], count: number, judge: (candidate: Candidate) => Verdict): ReadonlyMap<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  let yes = 0;
  for (const row of rows) {
    if (yes >= count) break;
    const verdict = judgeRow(row, judge);
    verdicts.set(row.contact_id, verdict);
    if (verdict.go) yes += 1;
  }
  return verdicts;
}

function judgeRow(row: CandidateRow, judge: (candidate: Candidate) => Verdict): Verdict {
  // The import lets nothing else in; a number that came some other way is not called.
  if (!isPhoneNumber(row.number)) return { go: false, rule: "bad-number" };
  return judge({
    contactId: row.contact_id,
    addressId: row.address_id,
    address: row.number,
    timeZone: row.time_zone ?? undefined,
    fields: row.fields,
    suppressed: row.suppressed,
    onTheLine: row.on_the_line,
    abandonedAt: row.abandoned_at ?? undefined,
  });
}

async function settle(
  client: pg.PoolClient,
  { campaignId, scriptVersionId, node, now }: Claim,
  rows: readonly CandidateRow[],
  verdicts: ReadonlyMap<string, Verdict>,
): Promise<readonly ReservedRow[]> {
  if (rows.length === 0) {
    await client.query("commit");
    return [];
  }
  const settled = rows.map((row) => {
    const verdict = verdicts.get(row.contact_id) ?? { go: false as const, rule: "unknown" };
    return verdict.go
      ? { contact_id: row.contact_id, go: true, address_id: row.address_id, address: row.number, until: verdict.untilMs }
      : { contact_id: row.contact_id, go: false, rule: verdict.rule, retry: verdict.retryAt };
  });
  const values = [JSON.stringify(settled), campaignId, now, node, scriptVersionId];
  return await execute(client, lockPaceSql(campaignId), "carillon_settle", values, "commit");
}

/** The lock goes before the claim's own statement, so that it sees who has the name by then. */
function beginSql(node: string): string {
  return `begin; select pg_advisory_xact_lock_shared(${nodeLock}, hashtext(${pg.escapeLiteral(node)}))`;
}

/** Connections on which the two statements are prepared. */
const prepared = new WeakSet<pg.PoolClient>();

async function prepare(client: pg.PoolClient): Promise<void> {
  if (prepared.has(client)) return;
  await client.query(`prepare carillon_claim (bigint, float8, timestamptz, bigint, int, text, bigint) as ${claimSql};
    prepare carillon_settle (json, bigint, float8, text, bigint) as ${settleSql}`);
  prepared.add(client);
}

/**
 * Runs a prepared statement together with the begin before it or the commit behind it, in one message: a claim is two
 * exchanges with the server instead of four. It is on the way of every call, and the exchanges are most of its cost.
 */
async function execute<Row extends pg.QueryResultRow>(
  client: pg.PoolClient,
  before: string,
  statement: string,
  values: readonly (string | number)[],
  after: string,
): Promise<Row[]> {
  const literals = values.map((value) => (typeof value === "number" ? (Number.isFinite(value) ? String(value) : "null") : pg.escapeLiteral(value)));
  const text = [before, `execute ${statement} (${literals.join(", ")})`, after].filter((part) => part !== "").join("; ");
  // pg types this as one result, and gives one for each statement when there are several.
  const results: unknown = await client.query<Row>(text);
  const all = (Array.isArray(results) ? results : [results]) as readonly pg.QueryResult<Row>[];
  // Before it may stand a lock, behind it a commit.
  return all.findLast(({ command }) => command === "SELECT")?.rows ?? [];
}

/** Scripts look at the person's own zone under this name, whatever its column was called. */
const zoneField = "time_zone";

function orderOf(attemptId: string, campaign: Campaign, row: CandidateRow, permit: Order["permit"]): Order | undefined {
  const { number } = row;
  if (!isPhoneNumber(number)) return undefined;
  return {
    attemptId,
    campaignId: campaign.id,
    contactId: row.contact_id,
    addressId: row.address_id,
    channel: "voice",
    address: number,
    callerId: campaign.callerId,
    fields: row.time_zone === null ? row.fields : { ...row.fields, [zoneField]: row.time_zone },
    scriptVersionId: campaign.scriptVersionId,
    permit,
  };
}
