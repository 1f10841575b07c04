import type pg from "pg";
import type { Clock } from "../../../kernel/clock.ts";
import type { Account, Binding, Rebinding, RegistrarStore, UsedNonce } from "../../../voice/registrar-ports.ts";
import { databaseFault } from "../faults.ts";
import { idOr0 } from "./id.ts";
import { timeSql } from "./suppressed.ts";
import { inTransaction } from "./transaction.ts";

/** $1 nonce, $2 its use, $3 until when it holds, $4 now (epoch ms). */
const useSql = `
with over as (delete from phone_nonce where holds_until < ${timeSql("$4")})
insert into phone_nonce as n (nonce, uses, holds_until) values ($1, $2, ${timeSql("$3")})
on conflict (nonce) do update set uses = excluded.uses where n.uses < excluded.uses
returning nonce`;

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;

/** $1 agent, $2 now (epoch ms). */
const bindingsSql = `
select contact, proxy, via, call_id, cseq::float8 as cseq, user_agent, ${ms("registered_at")} as registered_at, ${ms("expires_at")} as expires_at
from phone_binding where agent_id = $1 and expires_at > ${timeSql("$2")} order by registered_at desc, contact`;

/** $1 agent, $2 bindings as JSON. */
const bindSql = `
insert into phone_binding (agent_id, contact, proxy, via, call_id, cseq, user_agent, registered_at, expires_at)
select $1, contact, proxy, via, "callId", cseq, "userAgent", ${timeSql('"registeredAt"')}, ${timeSql('"expiresAt"')}
from json_to_recordset($2::json) as r(contact text, proxy text, via text, "callId" text, cseq bigint, "userAgent" text, "registeredAt" float8, "expiresAt" float8)`;

interface BindingRow {
  readonly contact: string;
  readonly proxy: string;
  readonly via: string | null;
  readonly call_id: string;
  readonly cseq: number;
  readonly user_agent: string | null;
  readonly registered_at: number;
  readonly expires_at: number;
}

/** The devices that have registered, in the tables `phone_binding` and `phone_nonce`. */
export class PostgresRegistrarStore implements RegistrarStore {
  readonly #pool: pg.Pool;
  readonly #clock: Clock;

  constructor(pool: pg.Pool, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  async account(username: string): Promise<Account | undefined> {
    const [row] = await this.#rows<{ agent_id: string; sealed_password: string | null }>(
      "select p.agent_id::text, p.sealed_password from agent_phone p join agent a on a.id = p.agent_id and a.active where p.username = $1",
      [username.replaceAll("\0", "")],
    );
    return row && row.sealed_password !== null ? { agentId: row.agent_id, sealedPassword: row.sealed_password } : undefined;
  }

  async bindings(agentId: string): Promise<readonly Binding[]> {
    return (await this.#rows<BindingRow>(bindingsSql, [idOr0(agentId), this.#clock.now()])).map(bindingOf);
  }

  async useNonce({ nonce, count, holdsUntil }: UsedNonce): Promise<boolean> {
    return (await this.#rows(useSql, [nonce, count, holdsUntil, this.#clock.now()])).length > 0;
  }

  async rebind(agentId: string, decide: (bindings: readonly Binding[]) => Rebinding): Promise<Rebinding> {
    return await inTransaction(this.#pool, "register a device", async (client) => {
      await client.query("select from agent_phone where agent_id = $1 for update", [agentId]);
      const { rows } = await client.query<BindingRow>(bindingsSql, [agentId, this.#clock.now()]);
      const after = decide(rows.map(bindingOf));
      if ("refused" in after) return after;
      await client.query("delete from phone_binding where agent_id = $1", [agentId]);
      if (after.bindings.length > 0) await client.query(bindSql, [agentId, JSON.stringify(after.bindings)]);
      return after;
    });
  }

  async #rows<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "keep what devices register");
    }
  }
}

function bindingOf(row: BindingRow): Binding {
  const { contact, proxy, cseq } = row;
  return {
    ...{ contact, proxy, cseq, callId: row.call_id, registeredAt: row.registered_at, expiresAt: row.expires_at },
    ...(row.via !== null && { via: row.via }),
    ...(row.user_agent !== null && { userAgent: row.user_agent }),
  };
}
