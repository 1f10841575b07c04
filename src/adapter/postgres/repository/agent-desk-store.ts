import type pg from "pg";
import type { Membership } from "../../../agent/group.ts";
import type { Decide, Decision, DeskStore, Moment, Overdue, Reserved, Seen, StaffedGroup, Wanted } from "../../../agent/ports.ts";
import { Fault } from "../../../kernel/fault.ts";
import { isUniqueViolation } from "../faults.ts";
import {
  type DeskRow,
  deskOf,
  deskSql,
  momentOf,
  nowSql,
  type RuledRow,
  type Seat,
  type WrittenRow,
  writeSql,
  writtenRow,
} from "./agent-desk-row.ts";
import { idOr0, isId } from "./id.ts";
import { type Incarnations, incarnationNow } from "./incarnation.ts";
import { type Query, queryFor } from "./query.ts";
import { inTransaction } from "./transaction.ts";

const alive = (node: string, incarnation: string) => `exists (select from node n where n.name = ${node} and n.incarnation = ${incarnation})`;

/** $1 groups, $2 skills, $3 agent or null, $4 node or null, $5 its incarnation. Whoever is locked is being given to somebody else at this moment. */
const pickSql = `
select d.agent_id::text, m.group_id::text from agent_desk d
join membership m on m.agent_id = d.agent_id and m.group_id = any($1::bigint[]) and m.skills @> $2::text[]
join agent a on a.id = d.agent_id and a.active
where d.state = 'ready' and d.lost_at is null and d.session is not null and ${alive("d.node", "d.incarnation")}
  and ($3::bigint is null or d.agent_id = $3) and ($4::text is null or (d.node = $4 and d.incarnation = $5::bigint))
order by m.priority, d.since, d.agent_id limit 1
for update of d skip locked`;

/** $1 node, $2 its incarnation, $3 a name or null, $4 a campaign or null. */
const groupsSql = `
select g.id::text as "groupId", array(
  select d.agent_id::text from membership m join agent_desk d on d.agent_id = m.agent_id
  where m.group_id = g.id and d.state <> 'logged-out' and d.node = $1 and d.incarnation = $2::bigint) as "agentIds"
from agent_group g
where g.name = $3 or g.id in (select group_id from group_campaign where campaign_id = $4::bigint)
order by g.id`;

/** $1 agents. */
const seenSql = `
select s.*, (select coalesce(jsonb_agg(jsonb_build_object('agentId', m.agent_id::text, 'groupId', m.group_id::text, 'priority', m.priority, 'skills', m.skills)
  order by m.group_id), '[]') from membership m where m.agent_id = s.agent_id::bigint) as memberships
from (${deskSql} where d.agent_id = any($1::bigint[])) s`;

/** $1 how long a program may be gone, in ms. */
const overdueRows = `
from agent_desk d cross join (select clock_timestamp() as now offset 0) t
where d.until <= t.now
  or (d.state <> 'logged-out' and d.node is not null and (d.lost_at <= t.now - $1 * interval '1 ms'
    or not exists (select from node n where n.name = d.node) or (d.lost_at is null and not ${alive("d.node", "d.incarnation")})))
  or (d.state in ('reserved', 'ringing', 'talking') and not ${alive("d.holder", "d.holder_incarnation")})`;

/**
 * Also $2 node, $3 its incarnation, $4 the programs that are connected to it. Others of this process are gone, and that could not be written when they
 * went; one that came or went since this was asked is put right by the next look. Gives a row when something is overdue: mostly nothing is, and nobody
 * is locked to find that out.
 */
const lookSql = `
with corrected as (
  update agent_desk set lost_at = case when session <> all($4::text[]) then clock_timestamp() end
  where node = $2 and incarnation = $3 and session is not null and (session <> all($4::text[])) = (lost_at is null)
)
select 1 ${overdueRows} limit 1`;

/** The first reason that holds. */
const overdueSql = `
select d.agent_id::text, case
    when d.until <= t.now then 'lapse'
    when d.lost_at <= t.now - $1 * interval '1 ms' then 'session-lost'
    when d.node is not null and not exists (select from node n where n.name = d.node) then 'session-lost'
    when d.lost_at is null and d.node is not null and not ${alive("d.node", "d.incarnation")} then 'lost-now'
    when d.state in ('reserved', 'ringing', 'talking') and not ${alive("d.holder", "d.holder_incarnation")} then 'holder-lost'
  end as why
${overdueRows}
order by d.agent_id limit 500
for update of d skip locked`;

/** What every agent does, in the tables `agent_desk` and `agent_log`. */
export class PostgresDeskStore implements DeskStore {
  readonly #pool: pg.Pool;
  readonly #query: Query;
  readonly #nodes: Incarnations;
  readonly #node: string;

  constructor(pool: pg.Pool, nodes: Incarnations, node: string) {
    this.#pool = pool;
    this.#query = queryFor(pool, "read what agents do");
    this.#nodes = nodes;
    this.#node = node;
  }

  async attach(agentId: string, session: string, decide: Decide): Promise<Moment> {
    const seat = { session, node: this.#node, incarnation: this.#incarnation(), lost_at: null };
    return await this.#locked(agentId, undefined, decide, seat);
  }

  async detach(agentId: string, session: string): Promise<void> {
    await this.#query("update agent_desk set lost_at = clock_timestamp() where agent_id = $1 and session = $2 and lost_at is null", [
      agentId,
      session,
    ]);
  }

  async change(agentId: string, session: string | undefined, decide: Decide): Promise<Moment> {
    return await this.#locked(agentId, session, decide, {});
  }

  async hold(agentId: string, session: string | undefined, decide: Decide): Promise<Moment> {
    return await this.#locked(agentId, session, decide, { holder: this.#node, holder_incarnation: this.#incarnation() });
  }

  async reserve(
    { attemptId, groupIds, skills = [], agentId, here = false }: Wanted,
    decide: (moment: Moment, groupId: string) => Decision,
  ): Promise<Reserved | undefined> {
    const ids = [attemptId, ...groupIds, ...(agentId === undefined ? [] : [agentId])];
    if (!ids.every(isId)) return undefined;
    const incarnation = this.#incarnation();
    const seat = { holder: this.#node, holder_incarnation: incarnation };
    return await inTransaction(this.#pool, "reserve an agent", async (client) => {
      const values = [groupIds, skills, agentId, here ? this.#node : null, incarnation];
      const { rows } = await client.query<{ agent_id: string; group_id: string }>(pickSql, values);
      const [picked] = rows;
      if (!picked) return undefined;
      const [found] = await momentsOf(client, [picked.agent_id]);
      if (!found) return undefined;
      const decision = decide(found.moment, picked.group_id);
      await write(client, [writtenRow(found.row, decision, seat)]);
      return { agentId: picked.agent_id, desk: decision.desk };
    }).catch((error: unknown) => {
      if (isUniqueViolation(error)) throw new Fault("agent-state", `Attempt ${attemptId} has an agent already.`, { cause: error });
      throw error;
    });
  }

  async overdue(graceMs: number, connected: readonly string[], decide: (moment: Moment, why: Overdue) => Decision): Promise<number> {
    const { rowCount } = await this.#query(lookSql, [graceMs, this.#node, this.#nodes.incarnationOf(this.#node), connected]);
    if (!rowCount) return 0;
    return await inTransaction(this.#pool, "look for agents who are gone", async (client) => {
      const { rows } = await client.query<{ agent_id: string; why: Overdue | "lost-now" | null }>(overdueSql, [graceMs]);
      const whys = new Map(rows.map(({ agent_id, why }) => [agent_id, why]));
      const written: WrittenRow[] = [];
      for (const { row, moment } of await momentsOf(client, [...whys.keys()])) {
        const why = whys.get(row.agent_id) ?? "lapse";
        // Its process was begun anew: the program has a while to come back, as after any broken connection.
        if (why === "lost-now") written.push(writtenRow(row, { desk: moment.desk, cause: why }, { lost_at: moment.at }));
        else {
          const gone = { session: null, node: null, incarnation: null, lost_at: null };
          written.push(writtenRow(row, decide(moment, why), why === "session-lost" ? gone : {}));
        }
      }
      await write(client, written);
      return written.length;
    });
  }

  async seen(agentIds: readonly string[]): Promise<readonly Seen[]> {
    if (agentIds.length === 0) return [];
    const { rows } = await this.#query<RuledRow & { readonly memberships: readonly Membership[] }>(seenSql, [agentIds]);
    return rows.map((row) => ({ agentId: row.agent_id, session: row.session ?? undefined, desk: deskOf(row), memberships: row.memberships }));
  }

  async groupsOf(whose: { readonly name: string } | { readonly campaignId: string }): Promise<readonly StaffedGroup[]> {
    const [name, campaignId] = "name" in whose ? [whose.name, null] : [null, idOr0(whose.campaignId)];
    return (await this.#query<StaffedGroup & pg.QueryResultRow>(groupsSql, [this.#node, this.#incarnation(), name, campaignId])).rows;
  }

  #incarnation(): string {
    return incarnationNow(this.#nodes, this.#node, "serves agents");
  }

  async #locked(agentId: string, session: string | undefined, decide: Decide, seat: Partial<Seat>): Promise<Moment> {
    const unknown = new Fault("agent-unknown", `There is no agent ${agentId}.`);
    if (!isId(agentId)) throw unknown;
    return await inTransaction(this.#pool, "change what an agent does", async (client) => {
      await client.query("select from agent_desk where agent_id = $1 for update", [agentId]);
      const [found] = await momentsOf(client, [agentId]);
      if (!found) throw unknown;
      if (session !== undefined && found.row.session !== session)
        throw new Fault("agent-session", "This session of yours is over: you have logged in elsewhere, or were gone for too long.");
      const decision = decide(found.moment);
      await write(client, [writtenRow(found.row, decision, seat)]);
      return { ...found.moment, desk: decision.desk };
    });
  }
}

/** Rows that are locked already, as they are by now. */
async function momentsOf(client: pg.PoolClient, ids: readonly string[]): Promise<readonly { readonly row: DeskRow; readonly moment: Moment }[]> {
  if (ids.length === 0) return [];
  const { rows: times } = await client.query<{ now: number }>(nowSql);
  const { rows } = await client.query<RuledRow>(`${deskSql} where d.agent_id = any($1::bigint[])`, [ids]);
  const now = times[0]?.now ?? 0;
  return rows.map((row) => ({ row, moment: momentOf(row, now) }));
}

async function write(client: pg.PoolClient, rows: readonly WrittenRow[]): Promise<void> {
  if (rows.length > 0) await client.query(writeSql, [JSON.stringify(rows)]);
}
