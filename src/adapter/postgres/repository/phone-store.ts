import type pg from "pg";
import type { AgentState } from "../../../agent/state.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { isPhoneNumber } from "../../../kernel/phone.ts";
import type { Phone } from "../../../voice/phone.ts";
import type { KeptLeg, KeptPhone, PhoneStore, Seat } from "../../../voice/phone-store-ports.ts";
import { databaseFault, isUniqueViolation } from "../faults.ts";
import type { Database } from "./change.ts";
import { idOr0 } from "./id.ts";
import { type Incarnations, incarnationNow } from "./incarnation.ts";
import { timeSql } from "./suppressed.ts";
import { inTransaction } from "./transaction.ts";

const columns = "p.kind, p.uri, p.number, p.trunk, p.caller_id, p.username, p.sealed_password, p.nailed_up";

/** $1 agent, $2 kind, $3 URI, $4 number, $5 trunk, $6 caller id, $7 user name, $8 sealed password, $9 nailed up, $10 now (epoch ms). */
const setSql = `
insert into agent_phone (agent_id, kind, uri, number, trunk, caller_id, username, sealed_password, nailed_up, changed_at)
select id, $2, $3, $4, $5, $6, $7, $8, $9, ${timeSql("$10")} from agent where id = $1
on conflict (agent_id) do update set kind = excluded.kind, uri = excluded.uri, number = excluded.number, trunk = excluded.trunk,
  caller_id = excluded.caller_id, username = excluded.username, sealed_password = excluded.sealed_password, nailed_up = excluded.nailed_up,
  changed_at = excluded.changed_at`;

/** $1 agent, $2 user name, $3 sealed password: what has registered as somebody else, or with another password, is gone. */
const unbindSql = `delete from phone_binding where agent_id = $1
  and not exists (select from agent_phone p where p.agent_id = $1 and p.username = $2 and p.sealed_password = $3)`;

/** $1 node, $2 its incarnation. */
const seatsSql = `
select d.agent_id::text, d.state, d.reason, ${columns} from agent_desk d left join agent_phone p on p.agent_id = d.agent_id
where d.node = $1 and d.incarnation = $2 and d.state <> 'logged-out' order by d.agent_id`;

/** $1 dialog, $2 agent, $3 node, $4 incarnation, $5 media server, $6 endpoint, $7 transaction, $8 rings until (epoch ms), $9 attempt. */
const keepSql = `
insert into phone_leg (dialog_id, agent_id, node, incarnation, media_server, endpoint_id, transaction_id, rings_until, attempt_id)
values ($1, $2, $3, $4, $5, $6, $7, ${timeSql("$8")}, $9)
on conflict (dialog_id) do update set media_server = excluded.media_server, endpoint_id = excluded.endpoint_id, transaction_id = excluded.transaction_id, rings_until = excluded.rings_until, attempt_id = excluded.attempt_id
where phone_leg.node = excluded.node and phone_leg.incarnation = excluded.incarnation`;

/** $1 node, $2 incarnation. */
const takeSql = `
update phone_leg l set node = $1, incarnation = $2
where not exists (select from node n where n.name = l.node and n.incarnation = l.incarnation)
returning l.dialog_id, l.agent_id::text, l.media_server, l.endpoint_id, l.transaction_id, (extract(epoch from l.rings_until) * 1000)::float8 as rings_until,
  l.attempt_id::text`;

interface PhoneRow {
  readonly kind: Phone["place"]["kind"] | null;
  readonly uri: string | null;
  readonly number: string | null;
  readonly trunk: string | null;
  readonly caller_id: string | null;
  readonly username: string | null;
  readonly sealed_password: string | null;
  readonly nailed_up: boolean | null;
}

interface SeatRow extends PhoneRow {
  readonly agent_id: string;
  readonly state: AgentState;
  readonly reason: string | null;
}

interface LegRow {
  readonly dialog_id: string;
  readonly agent_id: string;
  readonly media_server: string;
  readonly endpoint_id: string;
  readonly transaction_id: string | null;
  readonly rings_until: number | null;
  readonly attempt_id: string | null;
}

/** Agents' telephones and the legs to them, in the tables `agent_phone` and `phone_leg`. */
export class PostgresPhoneStore implements PhoneStore {
  readonly #pool: Database;
  readonly #clock: Clock;
  readonly #nodes: Incarnations;
  readonly #node: string;

  constructor(pool: Database, clock: Clock, nodes: Incarnations, node: string) {
    this.#pool = pool;
    this.#clock = clock;
    this.#nodes = nodes;
    this.#node = node;
  }

  async phone(agentId: string): Promise<KeptPhone | undefined> {
    const [row] = await this.#rows<PhoneRow>(`select ${columns} from agent_phone p where p.agent_id = $1`, [idOr0(agentId)]);
    const phone = row && phoneOf(row);
    return phone && { agentId, ...phone, ...(row.sealed_password !== null && { sealedPassword: row.sealed_password }) };
  }

  async set({ agentId, place, nailedUp, sealedPassword }: KeptPhone): Promise<void> {
    const uri = place.kind === "uri" ? place.uri : null;
    const [number, trunk, callerId] = place.kind === "number" ? [place.number, place.trunk, place.callerId] : [null, null, null];
    const [username, sealed] = place.kind === "device" ? [place.username, sealedPassword ?? null] : [null, null];
    const id = idOr0(agentId);
    await inTransaction(this.#pool, "keep a telephone", async (client) => {
      const values = [id, place.kind, uri, number, trunk, callerId, username, sealed, nailedUp, this.#clock.now()];
      await client.query(unbindSql, [id, username, sealed]);
      const { rowCount } = await client.query(setSql, values).catch((error: unknown) => {
        if (isUniqueViolation(error)) throw new Fault("phone-exists", `Another agent's device has the user name ${username}.`, { cause: error });
        throw error;
      });
      if (!rowCount) throw new Fault("agent-unknown", `There is no agent ${agentId}.`);
    });
  }

  async remove(agentId: string): Promise<boolean> {
    return await inTransaction(this.#pool, "take a telephone away", async (client) => {
      const { rowCount } = await client.query("delete from agent_phone where agent_id = $1", [idOr0(agentId)]);
      await client.query("delete from phone_binding where agent_id = $1", [idOr0(agentId)]);
      return rowCount === 1;
    });
  }

  async sealed(): Promise<readonly { readonly agentId: string; readonly sealedPassword: string }[]> {
    const text = "select agent_id::text, sealed_password from agent_phone where sealed_password is not null order by agent_id";
    const rows = await this.#rows<{ agent_id: string; sealed_password: string }>(text, []);
    return rows.map((row) => ({ agentId: row.agent_id, sealedPassword: row.sealed_password }));
  }

  async reseal(agentId: string, before: string, sealedPassword: string): Promise<boolean> {
    const text = "update agent_phone set sealed_password = $3 where agent_id = $1 and sealed_password = $2 returning agent_id";
    return (await this.#rows(text, [idOr0(agentId), before, sealedPassword])).length > 0;
  }

  async seats(): Promise<readonly Seat[]> {
    const rows = await this.#rows<SeatRow>(seatsSql, [this.#node, this.#nodes.incarnationOf(this.#node) ?? null]);
    return rows.map((row) => ({ agentId: row.agent_id, state: row.state, reason: row.reason ?? undefined, phone: phoneOf(row) }));
  }

  async keep({ dialogId, agentId, mediaServer, endpointId, transactionId, ringsUntil, attemptId }: KeptLeg): Promise<void> {
    const here = [this.#node, this.#incarnation()];
    await this.#rows(keepSql, [dialogId, agentId, ...here, mediaServer, endpointId, transactionId ?? null, ringsUntil ?? null, attemptId ?? null]);
  }

  async forget(dialogId: string): Promise<void> {
    await this.#rows("delete from phone_leg where dialog_id = $1", [dialogId]);
  }

  async takeDead(): Promise<readonly KeptLeg[]> {
    const rows = await this.#rows<LegRow>(takeSql, [this.#node, this.#incarnation()]);
    return rows.map((row) => ({
      dialogId: row.dialog_id,
      agentId: row.agent_id,
      mediaServer: row.media_server,
      endpointId: row.endpoint_id,
      ...(row.transaction_id !== null && { transactionId: row.transaction_id }),
      ...(row.rings_until !== null && { ringsUntil: row.rings_until }),
      ...(row.attempt_id !== null && { attemptId: row.attempt_id }),
    }));
  }

  #incarnation(): string {
    return incarnationNow(this.#nodes, this.#node, "calls telephones");
  }

  async #rows<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "keep the telephones");
    }
  }
}

/** Undefined where there is none. */
function phoneOf(row: PhoneRow): Phone | undefined {
  const { kind, uri, number, trunk, caller_id: callerId, username } = row;
  const nailedUp = row.nailed_up === true;
  if (kind === "uri" && uri !== null) return { place: { kind, uri }, nailedUp };
  if (kind === "number" && number !== null && isPhoneNumber(number) && trunk !== null && callerId !== null)
    return { place: { kind, number, trunk, callerId }, nailedUp };
  return kind === "device" && username !== null ? { place: { kind, username }, nailedUp } : undefined;
}
