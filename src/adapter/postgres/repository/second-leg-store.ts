import type pg from "pg";
import type { SecondLeg, SecondLegStore } from "../../../voice/second-leg-ports.ts";
import { idOr0 } from "./id.ts";
import { type Incarnations, incarnationNow } from "./incarnation.ts";
import { type Query, queryFor } from "./query.ts";
import { timeSql } from "./suppressed.ts";

/** $1 dialog, $2 node, $3 incarnation, $4 trunk, $5 kind, $6 attempt, $7 began, $8 answered, $9 ended (epoch ms), $10 whose telephone it is. A transfer is for whoever has the call by now. */
const keepSql = `
insert into second_leg (dialog_id, node, incarnation, trunk, kind, attempt_id, campaign_id, began_at, answered_at, ended_at, agent_id)
select $1, $2, $3, $4, $5, $6, coalesce(a.campaign_id, a.inbound_campaign_id, 0), ${timeSql("$7")}, ${timeSql("$8")}, ${timeSql("$9")}, coalesce($10::bigint, a.agent_id, 0)
from (select 1) one left join attempt a on a.id = $6
on conflict (dialog_id) do update set answered_at = excluded.answered_at, ended_at = excluded.ended_at where second_leg.ended_at is null`;

/** $1 epoch ms. Whoever is not noted as a leg any more was ended by whoever took it over, or had ended before. */
const endLeftSql = `
with gone as materialized (
  select l.dialog_id, l.answered_at, case l.kind when 'transfer' then a.ended_at end as ended_at
  from second_leg l left join attempt a on a.id = l.attempt_id
  where l.ended_at is null and not exists (select from node n where n.name = l.node and n.incarnation = l.incarnation)
    and case l.kind when 'transfer' then a.id is null or a.ended_at is not null else not exists (select from phone_leg p where p.dialog_id = l.dialog_id) end
), unanswered as (
  delete from second_leg l using gone g where l.dialog_id = g.dialog_id and g.answered_at is null
)
update second_leg l set ended_at = greatest(g.answered_at, coalesce(g.ended_at, ${timeSql("$1")}))
from gone g where l.dialog_id = g.dialog_id and g.answered_at is not null and l.ended_at is null`;

/** Legs over trunks beside those to people, in the table `second_leg`. */
export class PostgresSecondLegStore implements SecondLegStore {
  readonly #query: Query;
  readonly #nodes: Incarnations;
  readonly #node: string;

  constructor(pool: pg.Pool, nodes: Incarnations, node: string) {
    this.#query = queryFor(pool, "keep second legs");
    this.#nodes = nodes;
    this.#node = node;
  }

  async keep({ dialogId, trunk, kind, attemptId, agentId, beganAt, answeredAt, endedAt }: SecondLeg): Promise<void> {
    const incarnation = incarnationNow(this.#nodes, this.#node, "calls over trunks");
    const attempt = attemptId === undefined ? null : idOr0(attemptId);
    const times = [beganAt, answeredAt ?? null, endedAt ?? null];
    await this.#query(keepSql, [dialogId, this.#node, incarnation, trunk, kind, attempt, ...times, agentId === undefined ? null : idOr0(agentId)]);
  }

  async forget(dialogId: string): Promise<void> {
    await this.#query("delete from second_leg where dialog_id = $1 and answered_at is null", [dialogId]);
  }

  async endLeft(now: number): Promise<void> {
    await this.#query(endLeftSql, [now]);
  }
}
