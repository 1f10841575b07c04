import type pg from "pg";
import type { AttemptState } from "../../../attempt/attempt.ts";
import type { LegIds } from "../../../attempt/ports.ts";
import type { NodeRegistry, Orphan } from "../../../attempt/recovery-ports.ts";
import type { Withdrawals } from "../../../attempt/withdrawal-ports.ts";
import { keptAddressSql } from "./follow-sql.ts";
import { latestSql } from "./latest-sql.ts";
import { type Query, queryFor } from "./query.ts";
import { timeSql } from "./suppressed.ts";
import { inTransaction } from "./transaction.ts";
import { raiseOldestSql, unfinishedAttemptsSql } from "./unfinished-sql.ts";

export interface NodeRegistryOptions {
  readonly pool: pg.Pool;
  /** How long a node counts as alive after a heartbeat. Default 15 s. */
  readonly leaseMs?: number;
}

/**
 * Leases are measured by the database's clock alone: those of the machines may be apart by more than a lease.
 * $1 name, $2 epoch ms, $3 lease. The transaction's number never comes again, also when the row was deleted in between.
 */
const registerSql = `
  insert into node (name, incarnation, lease_until, started_at)
  values ($1, pg_current_xact_id()::text::bigint, clock_timestamp() + $3 * interval '1 ms', ${timeSql("$2")})
  on conflict (name) do update
    set incarnation = excluded.incarnation, lease_until = excluded.lease_until, started_at = excluded.started_at
  returning incarnation`;

/** What an earlier process of that name left is orphaned from here on. */
const orphanSql = `
  update attempt set orphaned = true, taken = false where id in (select id from ${unfinishedAttemptsSql()} u) and node = $1 and ended_at is null`;

/** With the name's hash: shared by the claims of a node, exclusive for who takes its name. Any number, the same in every Carillon. */
export const nodeLock = 7_243;

/** Any number, the same in every Carillon: orphans are handed out by one process at a time. */
const takeLock = 7_243_252;

/**
 * $1 name, $2 incarnation, $3 lease. Gives the database's time in epoch ms, when the process still has the name. Nobody's lease is longer than one from now on: where the database's clock
 * was set back, the name of whoever died before that would stay taken for as long.
 */
const heartbeatSql = `with shortened as (
    update node set lease_until = clock_timestamp() + $3 * interval '1 ms' where name <> $1 and lease_until > clock_timestamp() + $3 * interval '1.5 ms'
  )
  update node set lease_until = clock_timestamp() + $3 * interval '1 ms' where name = $1 and incarnation = $2
  returning (extract(epoch from clock_timestamp()) * 1000)::float8 as now`;

/**
 * $1 name, $2 lease, $3 since when the database has answered this process without a break and $4 when it last did, epoch ms
 * of the database: whoever waited long for its turn here must not take those who could not renew meanwhile for dead. While the
 * database was away nobody could renew a lease, and those on the line are still there: so nobody is forgotten before
 * everybody has had the time of a lease to come back. A process that is forgotten here, should it live after all, finds its
 * name gone at its next heartbeat.
 */
const forgetSql = `delete from node where name <> $1 and lease_until < clock_timestamp()
  and ${timeSql("$3")} < clock_timestamp() - $2 * interval '1 ms' and ${timeSql("$4")} > clock_timestamp() - $2 * interval '0.5 ms'`;

/** An order is sent within a second or two, unless its prompts take long to render. */
const neverSentAfter = "interval '60 s'";

/**
 * $1 name, $2 epoch ms. Attempts this process has reserved and never begun: the answer to the claim was lost, or the call was
 * dropped on its way. Should one be held all the same, its begin is refused from now on. What an agent has before them, to look at, is not forgotten.
 */
const forgottenSql = `select id from ${unfinishedAttemptsSql()} attempt
  where node = $1 and state = 'reserved' and not orphaned and reserved_at < ${timeSql("$2")} - ${neverSentAfter}
    and not exists (select from agent_desk d where d.attempt_id = attempt.id and d.state in ('reserved', 'ringing'))`;

const takeSql = `
with taken as (
  update attempt a set orphaned = true, taken = true, node = $1
  where a.id in (select id from ${unfinishedAttemptsSql()} u) and ended_at is null and (
    (a.node = $1 and a.orphaned and not a.taken) or (a.node <> $1 and not exists (select from node n where n.name = a.node)))
  returning a.*
), unresolved as (
  -- Of messages that were leaving nobody knows whether they have been taken; a report may find them by their reference.
  insert into message_unresolved (via, reference, attempt_id)
  select m.via, m.reference, t.id from taken t join message m on m.attempt_id = t.id
  where t.channel = 'sms' and t.state = 'sending' and m.reference is not null order by 1, 2 on conflict do nothing
)
select t.id, t.campaign_id, t.state, t.sending_at, c.ring_timeout_ms, t.call_id, t.transaction_id, t.dialog_id, t.media_server, t.endpoint_id,
  (select e.detail from attempt_event e where e.attempt_id = t.id and e.kind = 'transfer' ${latestSql("e.id")}) as transfer,
  t.address, (select e.detail from attempt_event e where e.attempt_id = t.id and e.kind = 'sent' ${latestSql("e.id")}) as sent
from taken t left join campaign c on c.id = t.campaign_id order by t.id`;

/** $1 ids, $2 epoch ms, $3 why. Nothing had left for these; what was wished for by one of them is wished for again. */
const returnSql = `
with ended as (
  update attempt set state = 'ended', result = 'canceled', reason = $3, ended_at = ${timeSql("$2")}
  where id = any($1::bigint[]) and state = 'reserved'
  returning id, campaign_id, contact_id, ended_at, waited, ${keptAddressSql("attempt")} as kept_address
), logged as (
  insert into attempt_event (attempt_id, at, kind, detail)
  select id, ended_at, 'ended', jsonb_build_object('result', 'canceled', 'reason', $3::text) from ended
), wished as (
  update effect e set state = 'pending', due_at = clock_timestamp() from ended x where e.sent_attempt_id = x.id and e.kind = 'send' and e.state = 'done'
)
insert into work (contact_id, campaign_id, due_at, address_id) select contact_id, campaign_id, ended_at, kept_address from ended where waited on conflict do nothing`;

/** From the commit that let it go to the INVITE on the wire, and from its Expires to the end of the ringing. */
const sendSlackMs = 2000;

interface OrphanRow {
  readonly id: string;
  readonly campaign_id: string;
  readonly state: AttemptState;
  readonly sending_at: Date | null;
  readonly ring_timeout_ms: number | null;
  readonly call_id: string | null;
  readonly transaction_id: string | null;
  readonly dialog_id: string | null;
  readonly media_server: string | null;
  readonly endpoint_id: string | null;
  readonly transfer: Readonly<Record<string, unknown>> | null;
  readonly address: string;
  readonly sent: Readonly<Record<string, unknown>> | null;
}

/** Which Carillon processes live, in the table `node`. */
export class PostgresNodeRegistry implements NodeRegistry, Withdrawals {
  readonly #pool: pg.Pool;
  readonly #query: Query;
  readonly #leaseMs: number;
  /** The incarnation this process has of each name it registered. */
  readonly #held = new Map<string, string>();
  /** By the database's clock, epoch ms: since when it has answered without a break, and when it last did. */
  #answering: { readonly since: number; readonly last: number } | undefined;

  constructor({ pool, leaseMs = 15_000 }: NodeRegistryOptions) {
    this.#pool = pool;
    this.#query = queryFor(pool, "keep the register of nodes");
    this.#leaseMs = leaseMs;
  }

  async register(node: string, now: number): Promise<void> {
    await inTransaction(this.#pool, "register the node", async (client) => {
      // After this no claim of the earlier process is under way: its attempts are there to be seen, or will never be.
      await client.query("select pg_advisory_xact_lock($1, hashtext($2))", [nodeLock, node]);
      const { rows } = await client.query<{ incarnation: string }>(registerSql, [node, now, this.#leaseMs]);
      await client.query(orphanSql, [node]);
      this.#held.set(node, String(rows[0]?.incarnation));
    });
  }

  /** Which life of that name this process is; undefined before `register` and after `release`. */
  incarnationOf(node: string): string | undefined {
    return this.#held.get(node);
  }

  async heartbeat(node: string): Promise<boolean> {
    try {
      const { rows } = await this.#query<{ now: number }>(heartbeatSql, [node, this.#held.get(node) ?? "0", this.#leaseMs]);
      const [row] = rows;
      if (!row) return false;
      // After a gap of half a lease others may have had one of a whole lease. A clock that was set back measures no gap.
      const sinceLastMs = row.now - (this.#answering?.last ?? 0);
      const unbroken = sinceLastMs >= 0 && sinceLastMs < this.#leaseMs / 2;
      this.#answering = { since: unbroken && this.#answering ? this.#answering.since : row.now, last: row.now };
      return true;
    } catch (error) {
      this.#answering = undefined;
      throw error;
    }
  }

  async release(node: string): Promise<void> {
    const held = this.#held.get(node) ?? "0";
    this.#held.delete(node);
    // What it leaves unfinished belongs to nobody then, and to the next who asks for orphans.
    await this.#query("delete from node where name = $1 and incarnation = $2", [node, held]);
  }

  async takeOrphans(node: string, now: number): Promise<readonly Orphan[]> {
    const orphans = await inTransaction(this.#pool, "take over orphans", async (client) => {
      await client.query("select pg_advisory_xact_lock($1)", [takeLock]);
      if (this.#answering) await client.query(forgetSql, [node, this.#leaseMs, this.#answering.since, this.#answering.last]);
      const { rows: forgotten } = await client.query<{ id: string }>(forgottenSql, [node, now]);
      await giveBack(client, forgotten, now, "reserved and never sent");
      const { rows } = await client.query<OrphanRow>(takeSql, [node]);
      const unsent = rows.filter(({ state }) => state === "reserved");
      await giveBack(client, unsent, now, "the server stopped before it left");
      return rows.filter(({ state }) => state !== "reserved").map(toOrphan);
    });
    await this.#query(raiseOldestSql, []);
    return orphans;
  }

  async withdrawn(node: string): Promise<readonly string[]> {
    const { rows } = await this.#query<{ id: string }>(
      "select id from attempt where node = $1 and listed_unfinished and withdrawn and state in ('sending', 'ringing') order by id",
      [node],
    );
    return rows.map(({ id }) => id);
  }
}

async function giveBack(client: pg.PoolClient, attempts: readonly { readonly id: string }[], now: number, reason: string): Promise<void> {
  if (attempts.length > 0) await client.query(returnSql, [attempts.map(({ id }) => id), now, reason]);
}

function toOrphan(row: OrphanRow): Orphan {
  const { id, campaign_id: campaignId, state, sending_at: sendingAt, ring_timeout_ms: ringTimeoutMs } = row;
  const lost = state === "sending" && row.dialog_id !== null && row.transaction_id === null && sendingAt !== null && ringTimeoutMs !== null;
  const peer = peerOf(row.transfer ?? {});
  const { trunk, callerId } = row.sent ?? {};
  return {
    attemptId: id,
    campaignId,
    state,
    legIds: legIdsOf(row),
    told: {
      address: row.address,
      ...(trunk !== undefined && { trunk: String(trunk) }),
      ...(callerId !== undefined && { callerId: String(callerId) }),
    },
    peer,
    ...(lost && { ringsUntil: sendingAt.getTime() + ringTimeoutMs + sendSlackMs }),
  };
}

function peerOf(detail: Readonly<Record<string, unknown>>): Orphan["peer"] {
  const { peerDialogId, peerMediaServer, peerEndpointId, peerTransactionId, peerRingsUntil } = detail;
  if (!peerDialogId || !peerEndpointId) return undefined;
  return {
    dialogId: String(peerDialogId),
    ...(peerMediaServer !== undefined && { mediaServer: String(peerMediaServer) }),
    endpointId: String(peerEndpointId),
    ...(peerTransactionId !== undefined && { transactionId: String(peerTransactionId) }),
    ...(peerRingsUntil !== undefined && { ringsUntil: Number(peerRingsUntil) }),
  };
}

function legIdsOf(row: OrphanRow): LegIds {
  return {
    ...(row.call_id !== null && { callId: row.call_id }),
    ...(row.transaction_id !== null && { transactionId: row.transaction_id }),
    ...(row.dialog_id !== null && { dialogId: row.dialog_id }),
    ...(row.media_server !== null && { mediaServer: row.media_server }),
    ...(row.endpoint_id !== null && { endpointId: row.endpoint_id }),
  };
}
