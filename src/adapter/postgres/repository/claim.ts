import pg from "pg";
import type { ChannelName } from "../../../attempt/result.ts";
import type { PutBack } from "../../../attempt/treatment.ts";
import type { CapFact } from "../../../compliance/frequency.ts";
import type { LookupFact } from "../../../contact/lookup/lookup.ts";
import { isMailbox } from "../../../kernel/mailbox.ts";
import { isPhoneNumber } from "../../../kernel/phone.ts";
import type { Campaign } from "../../../strategy/campaign.ts";
import type { Asked } from "../../../strategy/candidate-ports.ts";
import type { Past } from "../../../strategy/past.ts";
import type { Candidate, Verdict } from "../../../strategy/ports.ts";
import { jsonColumn, plainColumn, textColumn } from "./columns.ts";
import { capKeysOf, lockCapsSql } from "./frequency-sql.ts";
import { nodeLock } from "./node-registry.ts";
import { settlePlainSql } from "./plain-message-sql.ts";
import { claimMessagesSql, settleMessagesSql } from "./work-message-sql.ts";
import { claimSql, lockPaceSql, ofThoseBack, settleSql } from "./work-sql.ts";

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
  /** Where its row lies in the work table, for as long as it is locked. */
  readonly place: string;
  readonly time_zone: string | null;
  readonly fields: Readonly<Record<string, string>>;
  /** Null where the contact has no address of the channel, as `address`. */
  readonly address_id: string | null;
  readonly address: string | null;
  readonly suppressed: boolean;
  readonly no_consent: boolean;
  /** Of calls alone, as `abandoned_at`. */
  readonly on_the_line?: boolean;
  readonly abandoned_at?: number | null;
  readonly put_back: PutBack | null;
  readonly client_id: string | null;
  /** Null where no cap holds. */
  readonly caps: readonly CapFact[] | null;
  /** Null where the campaign wants no look-up. */
  readonly lookups: readonly LookupFact[] | null;
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
  of: "all" | "back" = "all",
): Promise<CandidateRow[]> {
  // Rows this transaction holds already are not skipped by SKIP LOCKED, so they are asked for on top and left out.
  const values = [campaign.id, now, mark.dueAt.toISOString(), mark.contactId, count + (besides?.length ?? 0), node, incarnation];
  const rows = await execute<CandidateRow>(client, besides ? "" : beginSql(node), statements[campaign.channel][of], values, "");
  const held = new Set(besides?.map((row) => row.contact_id));
  return rows.filter((row) => !held.has(row.contact_id)).slice(0, count);
}

/** How candidates are judged. */
export interface Judging {
  readonly judge: (candidate: Candidate) => Verdict;
  /** The verdict on those who have no address that the campaign uses. */
  readonly noAddress: Verdict;
  /** By contact; of passes alone. */
  readonly past: ReadonlyMap<string, Past>;
}

/** Verdicts from the first row on, until `count` of them were a yes, or somebody comes whom caps may hold because of one before: that one's turn is in the next claim. */
export function judgeUntil(channel: ChannelName, rows: readonly CandidateRow[], count: number, judging: Judging): ReadonlyMap<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  const capped = new Set<string>();
  let yes = 0;
  for (const row of rows) {
    if (yes >= count) break;
    const verdict = judgeRow(channel, row, judging);
    if (!verdict.go && verdict.leave) break;
    const keys = verdict.go ? capKeys(row) : [];
    if (keys.some((key) => capped.has(key))) break;
    for (const key of keys) capped.add(key);
    verdicts.set(row.contact_id, verdict);
    if (verdict.go) yes += 1;
  }
  return verdicts;
}

/** What caps know a person by; none where no cap holds. */
function capKeys({ contact_id: contactId, client_id: clientId, address, caps }: CandidateRow): readonly string[] {
  if (caps === null) return [];
  return capKeysOf({ contactId, clientId, addresses: address === null ? [] : [address] });
}

/** @param judge undefined: they stay as they are */
export function judgeRow<Word extends Verdict | undefined>(
  channel: ChannelName,
  row: CandidateRow,
  { judge, noAddress, past }: Omit<Judging, "judge"> & { readonly judge: (candidate: Candidate) => Word },
): Word | Verdict {
  const candidate = candidateOf(channel, row);
  if (candidate === "no-address") return noAddress;
  if (candidate === "bad-number") return { go: false, rule: candidate };
  const before = past.get(row.contact_id);
  return judge({ ...candidate, ...(before && { past: before }) });
}

/** What the gate is asked about somebody. */
export function candidateOf(channel: ChannelName, row: CandidateRow): Asked {
  const { address, address_id: addressId } = row;
  if (address === null || addressId === null) return "no-address";
  // The import lets nothing else in; an address that came some other way is not used.
  if (channel === "email" ? !isMailbox(address) : !isPhoneNumber(address)) return "bad-number";
  return {
    contactId: row.contact_id,
    addressId,
    address,
    timeZone: row.time_zone ?? undefined,
    fields: row.fields,
    suppressed: row.suppressed,
    ...(row.no_consent && { noConsent: true }),
    ...(row.on_the_line !== undefined && { onTheLine: row.on_the_line }),
    abandonedAt: row.abandoned_at ?? undefined,
    ...(row.caps && { caps: row.caps }),
    ...(row.lookups && { lookups: row.lookups }),
  };
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
  const others = [campaign.id, now, node, versionId];
  const plain = campaign.channel === "voice" ? undefined : plainColumns(rows, verdicts, others);
  if (plain) return await execute(client, lockPaceSql(campaign.id), "carillon_settle_plain", plain, "commit");
  const values = [...verdictColumns(rows, verdicts, others)];
  const capped = rows.flatMap((row) => (verdicts.get(row.contact_id)?.go ? capKeys(row) : []));
  const locks = capped.length === 0 ? lockPaceSql(campaign.id) : `${lockPaceSql(campaign.id)}; ${lockCapsSql(capped)}`;
  return await execute(client, locks, statements[campaign.channel].settle, values, "commit");
}

const unknown: Verdict = { go: false, rule: "unknown" };

/** The parameters of the settling statements. @param others $2 to $5 */
function* verdictColumns(
  rows: readonly CandidateRow[],
  verdicts: ReadonlyMap<string, Verdict>,
  others: readonly (string | number)[],
): Generator<string | number> {
  const settled = rows.map((row) => ({ row, verdict: verdicts.get(row.contact_id) ?? unknown }));
  const yes = <T>(of: (go: Extract<Verdict, { go: true }>, row: CandidateRow) => T) =>
    settled.map(({ row, verdict }) => (verdict.go ? of(verdict, row) : undefined));
  const no = <T>(of: (refused: Extract<Verdict, { go: false }>) => T) => settled.map(({ verdict }) => (verdict.go ? undefined : of(verdict)));
  yield plainColumn(rows.map(({ contact_id }) => contact_id));
  yield* others;
  yield plainColumn(settled.map(({ verdict }) => verdict.go));
  yield plainColumn(yes((_, row) => row.address_id));
  yield textColumn(yes((_, row) => row.address));
  yield textColumn(no(({ rule }) => rule));
  yield plainColumn(yes(({ untilMs }) => untilMs));
  yield plainColumn(no(({ retryAt }) => retryAt));
  yield plainColumn(no(({ retryAddressId }) => retryAddressId));
  yield plainColumn(yes((_, { caps }) => caps !== null));
  yield jsonColumn(yes(({ follows }) => follows));
  yield jsonColumn(no(({ onward }) => onward));
  yield textColumn(rows.map(({ place }) => place));
}

/** The parameters of `settlePlainSql`; undefined where some are refused, follow something, or may be held by a cap. @param others $2 to $5 */
function plainColumns(
  rows: readonly CandidateRow[],
  verdicts: ReadonlyMap<string, Verdict>,
  others: readonly (string | number)[],
): (string | number)[] | undefined {
  const untilMs: number[] = [];
  for (const { contact_id, caps } of rows) {
    const verdict = verdicts.get(contact_id);
    if (!verdict?.go || verdict.follows !== undefined || caps !== null) return undefined;
    untilMs.push(verdict.untilMs);
  }
  const contacts = plainColumn(rows.map(({ contact_id }) => contact_id));
  const addresses = [plainColumn(rows.map(({ address_id }) => address_id)), textColumn(rows.map(({ address }) => address))];
  return [contacts, ...others, ...addresses, plainColumn(untilMs), textColumn(rows.map(({ place }) => place))];
}

/** The lock goes before the claim's own statement, so that it sees who has the name by then. */
function beginSql(node: string): string {
  return `begin; select pg_advisory_xact_lock_shared(${nodeLock}, hashtext(${pg.escapeLiteral(node)}))`;
}

/** Names of the prepared statements: which they are is decided by the campaign's channel, not in the statement. */
const statements = {
  voice: { all: "carillon_claim", back: "carillon_claim_back", settle: "carillon_settle" },
  sms: { all: "carillon_claim_sms", back: "carillon_claim_sms_back", settle: "carillon_settle_messages" },
  email: { all: "carillon_claim_email", back: "carillon_claim_email_back", settle: "carillon_settle_messages" },
} as const;

const claimTypes = "(bigint, float8, timestamptz, bigint, int, text, bigint)";
const settleTypes =
  "(bigint[], bigint, float8, text, bigint, boolean[], bigint[], text[], text[], float8[], float8[], bigint[], boolean[], jsonb[], jsonb[], tid[])";
/** The one of everybody, and the one of those who go first where the campaign says so. */
const claims = (name: string, text: string) => `prepare ${name} ${claimTypes} as ${text}; prepare ${name}_back ${claimTypes} as ${ofThoseBack(text)}`;
const settlePlainTypes = "(bigint[], bigint, float8, text, bigint, bigint[], text[], float8[], tid[])";
const ofCalls = `${claims("carillon_claim", claimSql)}; prepare carillon_settle ${settleTypes} as ${settleSql}`;
const ofMessages = `${claims("carillon_claim_sms", claimMessagesSql("sms"))};
  ${claims("carillon_claim_email", claimMessagesSql("email"))}; prepare carillon_settle_messages ${settleTypes} as ${settleMessagesSql};
  prepare carillon_settle_plain ${settlePlainTypes} as ${settlePlainSql}`;

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
