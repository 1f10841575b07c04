import pg from "pg";
import type { Order } from "../../../attempt/ports.ts";
import { Fault } from "../../../kernel/fault.ts";
import { isPhoneNumber } from "../../../kernel/phone.ts";
import type { Campaign } from "../../../strategy/campaign.ts";
import type { Candidate, Verdict, WorkStore } from "../../../strategy/ports.ts";
import { databaseFault } from "../faults.ts";
import { nodeLock } from "./node-registry.ts";
import { suppressedSql, timeSql } from "./suppressed.ts";

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
}

/** $1 campaign, $2 epoch ms, $3 and $4 the mark, $5 how many, $6 node and $7 its incarnation: a process whose name was taken gets nothing. */
const claimSql = `
with picked as materialized (
  select w.contact_id, w.due_at from work w
  where w.campaign_id = $1 and w.due_at <= ${timeSql("$2")} and (w.due_at, w.contact_id) > ($3::timestamptz, $4::bigint)
    and exists (select from campaign c where c.id = $1 and c.state = 'running')
    and exists (select from node n where n.name = $6 and n.incarnation = $7)
  order by w.due_at, w.contact_id limit $5
  for update of w skip locked
)
select w.contact_id, w.due_at, c.time_zone, c.fields, a.id as address_id, a.number,
  ${suppressedSql({ number: "a.number", clientId: "c.client_id", campaignId: "$1", channel: "'voice'", at: timeSql("$2") })} as suppressed
from picked w
join contact c on c.id = w.contact_id
join lateral (select id, number from address where contact_id = w.contact_id order by position limit 1) a on true
order by w.due_at, w.contact_id`;

/** $1 the verdicts, $2 campaign, $3 epoch ms, $4 node. */
const settleSql = `
with r as (
  select contact_id, go, address_id, address, rule, ${timeSql("until")} as until, ${timeSql("retry")} as retry, position
  from rows from (json_to_recordset($1::json) as (contact_id bigint, go boolean, address_id bigint, address text, rule text, until float8, retry float8))
    with ordinality as r(contact_id, go, address_id, address, rule, until, retry, position)
), gone as (
  delete from work w using r where w.campaign_id = $2 and w.contact_id = r.contact_id and (r.go or r.retry is null)
), later as (
  update work w set due_at = r.retry from r where w.campaign_id = $2 and w.contact_id = r.contact_id and not r.go and r.retry is not null
), refused as (
  insert into refusal (campaign_id, contact_id, at, rule, retry_at) select $2, contact_id, ${timeSql("$3")}, rule, retry from r where not go
)
insert into attempt (campaign_id, contact_id, address_id, channel, address, state, node, permit_until, reserved_at)
select $2, contact_id, address_id, 'voice', address, 'reserved', $4, until, ${timeSql("$3")} from r where go order by position
returning id, contact_id`;

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
    const asked = { campaignId: campaign.id, node, incarnation, now };
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw databaseFault(error, "claim contacts");
    });
    try {
      await prepare(client);
      const picked = await this.#pick(client, asked, reach);
      const verdicts = judgeUntil(picked, count, judge);
      const rows = picked.slice(0, verdicts.size);
      const last = rows.at(-1);
      // What was picked and not judged stays as it is, in front of the mark.
      if (last && rows.length < picked.length && this.#marks.has(campaign.id))
        this.#marks.set(campaign.id, { dueAt: last.due_at, contactId: last.contact_id });
      const reserved = await settle(client, asked, rows, verdicts);
      // A full claim says by itself that there may be more.
      const nextDueAt = picked.length === reach ? now : await nextDue(client, campaign.id);
      client.release();
      const byContact = new Map(rows.map((row) => [row.contact_id, row]));
      const orders = reserved.flatMap(({ id, contact_id }) => {
        const row = byContact.get(contact_id);
        const verdict = verdicts.get(contact_id);
        return row && verdict?.go ? orderOf(id, campaign, row, { at: now, untilMs: verdict.untilMs }) : [];
      });
      return { orders, refused: rows.length - orders.length, nextDueAt };
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

  async #pick(client: pg.PoolClient, claim: Claim, count: number): Promise<readonly CandidateRow[]> {
    const mark = this.#marks.get(claim.campaignId) ?? fromTheStart;
    const rows = await pickFrom(client, claim, mark, count, beginSql(claim.node));
    if (rows.length < count && mark !== fromTheStart) {
      const missed = await pickFrom(client, claim, fromTheStart, count - rows.length, "", rows);
      rows.push(...missed);
      this.#marks.delete(claim.campaignId);
      return rows;
    }
    const last = rows.at(-1);
    if (last && rows.length === count) this.#marks.set(claim.campaignId, { dueAt: last.due_at, contactId: last.contact_id });
    return rows;
  }

  async #query<Row extends pg.QueryResultRow>(name: string, text: string, values: unknown[]): Promise<pg.QueryResult<Row>> {
    try {
      return await this.#pool.query<Row>({ name, text, values });
    } catch (error) {
      throw databaseFault(error, "read the work table");
    }
  }
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
  });
}

async function settle(
  client: pg.PoolClient,
  { campaignId, node, now }: Claim,
  rows: readonly CandidateRow[],
  verdicts: ReadonlyMap<string, Verdict>,
): Promise<readonly { readonly id: string; readonly contact_id: string }[]> {
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
  return await execute(client, "", "carillon_settle", [JSON.stringify(settled), campaignId, now, node], "commit");
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
    prepare carillon_settle (json, bigint, float8, text) as ${settleSql}`);
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
  return all.findLast(({ command }) => command === "SELECT" || command === "INSERT")?.rows ?? [];
}

function orderOf(attemptId: string, campaign: Campaign, row: CandidateRow, permit: Order["permit"]): Order[] {
  const { number } = row;
  if (!isPhoneNumber(number)) return [];
  return [
    {
      attemptId,
      campaignId: campaign.id,
      contactId: row.contact_id,
      addressId: row.address_id,
      channel: "voice",
      address: number,
      callerId: campaign.callerId,
      fields: row.fields,
      scriptVersionId: campaign.scriptVersionId,
      permit,
    },
  ];
}
