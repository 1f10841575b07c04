import pg from "pg";
import type { ChannelName } from "../../../attempt/result.ts";
import type { PutBack } from "../../../attempt/treatment.ts";
import { isMailbox } from "../../../kernel/mailbox.ts";
import { isPhoneNumber } from "../../../kernel/phone.ts";
import type { Campaign } from "../../../strategy/campaign.ts";
import type { Candidate, Verdict } from "../../../strategy/ports.ts";
import { nodeLock } from "./node-registry.ts";
import { claimMessagesSql, settleMessagesSql } from "./work-message-sql.ts";
import { claimSql, lockPaceSql, settleSql } from "./work-sql.ts";

/** How far the claims of a campaign have come in the order (due_at, contact_id). */
export interface Mark {
  readonly dueAt: Date;
  readonly contactId: string;
}

export const fromTheStart: Mark = { dueAt: new Date(0), contactId: "0" };

export interface Claim {
  readonly campaign: Campaign;
  readonly node: string;
  readonly incarnation: string;
  /** Of its script or template. */
  readonly versionId: string;
  /** Epoch ms. */
  readonly now: number;
}

export interface CandidateRow {
  readonly contact_id: string;
  readonly due_at: Date;
  readonly time_zone: string | null;
  readonly fields: Readonly<Record<string, string>>;
  /** Null where the contact has no address of the channel, as `address`. */
  readonly address_id: string | null;
  readonly address: string | null;
  readonly suppressed: boolean;
  /** Of calls alone, as `abandoned_at`. */
  readonly on_the_line?: boolean;
  readonly abandoned_at?: number | null;
  readonly put_back: PutBack | null;
}

export interface ReservedRow {
  readonly id: string;
  readonly contact_id: string;
  /** Of calls alone. */
  readonly start_in_ms?: number;
}

/** Picks and locks what is due behind the mark; the first statement of a claim. @param besides what this transaction holds already */
export async function pickFrom(
  client: pg.PoolClient,
  { campaign, node, incarnation, now }: Claim,
  mark: Mark,
  count: number,
  besides?: readonly CandidateRow[],
): Promise<CandidateRow[]> {
  // Rows this transaction holds already are not skipped by SKIP LOCKED, so they are asked for on top and left out.
  const values = [campaign.id, now, mark.dueAt.toISOString(), mark.contactId, count + (besides?.length ?? 0), node, incarnation];
  const rows = await execute<CandidateRow>(client, besides ? "" : beginSql(node), statements[campaign.channel].claim, values, "");
  const held = new Set(besides?.map((row) => row.contact_id));
  return rows.filter((row) => !held.has(row.contact_id)).slice(0, count);
}

/** Verdicts from the first row on, until `count` of them were a yes. */
export function judgeUntil(
  channel: ChannelName,
  rows: readonly CandidateRow[],
  count: number,
  judge: (candidate: Candidate) => Verdict,
): ReadonlyMap<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  let yes = 0;
  for (const row of rows) {
    if (yes >= count) break;
    const verdict = judgeRow(channel, row, judge);
    verdicts.set(row.contact_id, verdict);
    if (verdict.go) yes += 1;
  }
  return verdicts;
}

function judgeRow(channel: ChannelName, row: CandidateRow, judge: (candidate: Candidate) => Verdict): Verdict {
  const { address, address_id: addressId } = row;
  if (address === null || addressId === null) return { go: false, rule: "no-address" };
  // The import lets nothing else in; an address that came some other way is not used.
  if (channel === "email" ? !isMailbox(address) : !isPhoneNumber(address)) return { go: false, rule: "bad-number" };
  return judge({
    contactId: row.contact_id,
    addressId,
    address,
    timeZone: row.time_zone ?? undefined,
    fields: row.fields,
    suppressed: row.suppressed,
    ...(row.on_the_line !== undefined && { onTheLine: row.on_the_line }),
    abandonedAt: row.abandoned_at ?? undefined,
  });
}

/** Writes the verdicts, and commits: the second statement of a claim. */
export async function settle(
  client: pg.PoolClient,
  { campaign, versionId, node, now }: Claim,
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
      ? { contact_id: row.contact_id, go: true, address_id: row.address_id, address: row.address, until: verdict.untilMs }
      : { contact_id: row.contact_id, go: false, rule: verdict.rule, retry: verdict.retryAt };
  });
  const values = [JSON.stringify(settled), campaign.id, now, node, versionId];
  return await execute(client, lockPaceSql(campaign.id), statements[campaign.channel].settle, values, "commit");
}

/** The lock goes before the claim's own statement, so that it sees who has the name by then. */
function beginSql(node: string): string {
  return `begin; select pg_advisory_xact_lock_shared(${nodeLock}, hashtext(${pg.escapeLiteral(node)}))`;
}

/** Names of the prepared statements: which they are is decided by the campaign's channel, not in the statement. */
const statements = {
  voice: { claim: "carillon_claim", settle: "carillon_settle" },
  sms: { claim: "carillon_claim_sms", settle: "carillon_settle_messages" },
  email: { claim: "carillon_claim_email", settle: "carillon_settle_messages" },
} as const;

const claimTypes = "(bigint, float8, timestamptz, bigint, int, text, bigint)";
const settleTypes = "(json, bigint, float8, text, bigint)";
const ofCalls = `prepare carillon_claim ${claimTypes} as ${claimSql}; prepare carillon_settle ${settleTypes} as ${settleSql}`;
const ofMessages = `prepare carillon_claim_sms ${claimTypes} as ${claimMessagesSql("sms")};
  prepare carillon_claim_email ${claimTypes} as ${claimMessagesSql("email")}; prepare carillon_settle_messages ${settleTypes} as ${settleMessagesSql}`;

/** Connections on which the statements are prepared. */
const prepared = { calls: new WeakSet<pg.PoolClient>(), messages: new WeakSet<pg.PoolClient>() };

export async function prepare(client: pg.PoolClient, channel: ChannelName): Promise<void> {
  const [known, text] = channel === "voice" ? [prepared.calls, ofCalls] : [prepared.messages, ofMessages];
  if (known.has(client)) return;
  await client.query(text);
  known.add(client);
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
