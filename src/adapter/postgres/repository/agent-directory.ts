import type pg from "pg";
import type { Disposition } from "../../../agent/disposition.ts";
import { defaultDispositions } from "../../../agent/disposition.ts";
import { type Agent, defaultReasonCodes, type Group, type Membership, type ReasonCode } from "../../../agent/group.ts";
import type { AgentDirectory, AgentView, GroupView, LogEntry, Page } from "../../../agent/ports.ts";
import type { Staff } from "../../../agent/staff.ts";
import type { AgentState, WrapUpRules } from "../../../agent/state.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { codeOf, databaseFault, isForeignKeyViolation } from "../faults.ts";
import { deskOf, deskSql, type RuledRow } from "./agent-desk-row.ts";
import type { Database } from "./change.ts";
import { idOr0 } from "./id.ts";
import { inTransaction } from "./transaction.ts";

/** Agents, groups and what is configured for them. Asked by people and at logins, so each answer is put together anew. */
export class PostgresAgentDirectory implements AgentDirectory {
  readonly #pool: Database;
  readonly #clock: Clock;

  constructor(pool: Database, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  async addAgent(name: string): Promise<Agent> {
    const [made] = await this.#rows<{ id: string }>(addAgentSql, [name, new Date(this.#clock.now())]);
    if (!made) throw new Fault("agent-exists", `An agent named ${name} exists already.`);
    return { id: made.id, name, active: true };
  }

  async agents({ limit, afterId }: Page): Promise<readonly AgentView[]> {
    return await this.#agents("a.id > $1 order by a.id limit $2", [idOr0(afterId), limit]);
  }

  async agent(id: string): Promise<AgentView | undefined> {
    return (await this.#agents("a.id = $1", [idOr0(id)]))[0];
  }

  async setActive(id: string, active: boolean): Promise<boolean> {
    return (await this.#rows("update agent set active = $2 where id = $1 returning id", [idOr0(id), active])).length > 0;
  }

  async addGroup(name: string, wrapUp: WrapUpRules): Promise<Group> {
    const [made] = await this.#rows<{ id: string }>(
      `insert into agent_group (name, wrap_up_ms, extension_ms, max_extensions, created_at) values ($1, $2, $3, $4, $5)
       on conflict (name) do nothing returning id::text`,
      [name, ...ruleValues(wrapUp), new Date(this.#clock.now())],
    );
    if (!made) throw new Fault("group-exists", `A group named ${name} exists already.`);
    return { id: made.id, name, wrapUp };
  }

  async setWrapUp(id: string, wrapUp: WrapUpRules): Promise<boolean> {
    const text = "update agent_group set wrap_up_ms = $2, extension_ms = $3, max_extensions = $4 where id = $1 returning id";
    return (await this.#rows(text, [idOr0(id), ...ruleValues(wrapUp)])).length > 0;
  }

  async groups({ limit, afterId }: Page): Promise<readonly GroupView[]> {
    return await this.#groups("g.id > $1 order by g.id limit $2", [idOr0(afterId), limit]);
  }

  async group(id: string): Promise<GroupView | undefined> {
    return (await this.#groups("g.id = $1", [idOr0(id)]))[0];
  }

  async join({ agentId, groupId, priority, skills }: Membership): Promise<void> {
    const text = `insert into membership (agent_id, group_id, priority, skills) values ($1, $2, $3, $4)
      on conflict (agent_id, group_id) do update set priority = excluded.priority, skills = excluded.skills`;
    await this.#linked(text, [idOr0(agentId), idOr0(groupId), priority, skills], {
      membership_agent_id_foreign: ["agent-unknown", `There is no agent ${agentId}.`],
      membership_group_id_foreign: ["group-unknown", `There is no group ${groupId}.`],
    });
  }

  async leave(agentId: string, groupId: string): Promise<boolean> {
    return (
      (await this.#rows("delete from membership where agent_id = $1 and group_id = $2 returning 1", [idOr0(agentId), idOr0(groupId)])).length > 0
    );
  }

  async assign(groupId: string, campaignId: string): Promise<void> {
    await this.#linked(
      "insert into group_campaign (group_id, campaign_id) values ($1, $2) on conflict do nothing",
      [idOr0(groupId), idOr0(campaignId)],
      {
        group_campaign_group_id_foreign: ["group-unknown", `There is no group ${groupId}.`],
        group_campaign_campaign_id_foreign: ["campaign-unknown", `There is no campaign ${campaignId}.`],
      },
    );
  }

  async unassign(groupId: string, campaignId: string): Promise<boolean> {
    const text = "delete from group_campaign where group_id = $1 and campaign_id = $2 returning 1";
    return (await this.#rows(text, [idOr0(groupId), idOr0(campaignId)])).length > 0;
  }

  async reasonCodes(): Promise<readonly ReasonCode[]> {
    const rows = await this.#rows<ReasonCode & pg.QueryResultRow>("select code, label from reason_code order by position", []);
    return rows.length > 0 ? rows : defaultReasonCodes;
  }

  async setReasonCodes(codes: readonly ReasonCode[]): Promise<void> {
    await inTransaction(this.#pool, "write the reason codes", async (client) => {
      // Two at once: the second waits, and replaces what the first has written.
      await client.query("lock table reason_code in share row exclusive mode");
      await client.query("delete from reason_code");
      const rows = JSON.stringify(codes.map(({ code, label }, position) => ({ code, label, position })));
      await client.query("insert into reason_code select * from json_to_recordset($1::json) as r(code text, label text, position smallint)", [rows]);
    });
  }

  async staffOf(campaignId: string): Promise<Staff> {
    const text = `
select count(distinct gc.group_id)::int as groups, count(distinct d.agent_id) filter (where d.state <> 'logged-out')::int as "loggedIn",
  count(distinct d.agent_id) filter (where d.state not in ('logged-out', 'not-ready'))::int as "atWork",
  count(distinct d.agent_id) filter (where d.state not in ('logged-out', 'not-ready') and p.nailed_up)::int as "onTheLine"
from group_campaign gc
left join membership m on m.group_id = gc.group_id
left join agent_desk d on d.agent_id = m.agent_id
left join agent_phone p on p.agent_id = d.agent_id
where gc.campaign_id = $1`;
    const [staff] = await this.#rows<Staff & pg.QueryResultRow>(text, [idOr0(campaignId)]);
    return staff ?? { groups: 0, loggedIn: 0, atWork: 0, onTheLine: 0 };
  }

  async dispositions(campaignId: string): Promise<readonly Disposition[]> {
    const [own] = await this.#rows<{ entries: readonly Disposition[] }>("select entries from disposition_set where campaign_id = $1", [
      idOr0(campaignId),
    ]);
    return own?.entries ?? defaultDispositions;
  }

  async setDispositions(campaignId: string, set: readonly Disposition[] | undefined): Promise<void> {
    if (set === undefined) {
      await this.#rows("delete from disposition_set where campaign_id = $1", [idOr0(campaignId)]);
      return;
    }
    const text = `insert into disposition_set (campaign_id, entries, changed_at) values ($1, $2::jsonb, $3)
      on conflict (campaign_id) do update set entries = excluded.entries, changed_at = excluded.changed_at`;
    await this.#rows(text, [idOr0(campaignId), JSON.stringify(set), new Date(this.#clock.now())]);
  }

  async log(
    agentId: string,
    { limit, afterId }: Page,
    { from, to }: { readonly from?: number; readonly to?: number } = {},
  ): Promise<readonly LogEntry[]> {
    const values: unknown[] = [idOr0(agentId), idOr0(afterId), limit];
    const since = from === undefined ? "" : `and at >= $${values.push(new Date(from))}`;
    const until = to === undefined ? "" : `and at < $${values.push(new Date(to))}`;
    const text = `select id::text, at, state, reason, cause, by_whom, attempt_id::text from agent_log
      where agent_id = $1 and id > $2 ${since} ${until} order by agent_log.id limit $3`;
    const rows = await this.#rows<LogRow>(text, values);
    return rows.map(({ id, at, state, reason, cause, by_whom: by, attempt_id: attemptId }) => {
      return { id, at: at.getTime(), state, reason: reason ?? undefined, cause, by: by ?? undefined, attemptId: attemptId ?? undefined };
    });
  }

  async times(agentId: string, from: number, to: number): Promise<Readonly<Partial<Record<AgentState, number>>>> {
    const rows = await this.#rows<{ state: AgentState; ms: number }>(timesSql, [idOr0(agentId), new Date(from), new Date(to)]);
    return Object.fromEntries(rows.map(({ state, ms }) => [state, ms]));
  }

  async #agents(rest: string, values: unknown[]): Promise<readonly AgentView[]> {
    const agents = await this.#rows<{ id: string; name: string; active: boolean }>(
      `select a.id::text, a.name, a.active from agent a where ${rest}`,
      values,
    );
    const ids = [agents.map(({ id }) => id)];
    const desks = await this.#rows<RuledRow & pg.QueryResultRow>(`${deskSql} where d.agent_id = any($1::bigint[])`, ids);
    const members = await this.#members("agent_id", ids);
    return agents.flatMap((agent) => {
      const row = desks.find(({ agent_id }) => agent_id === agent.id);
      return row ? [{ ...agent, desk: deskOf(row), memberships: members.filter(({ agentId }) => agentId === agent.id) }] : [];
    });
  }

  async #groups(rest: string, values: unknown[]): Promise<readonly GroupView[]> {
    const text = `select g.id::text, g.name, g.wrap_up_ms, g.extension_ms, g.max_extensions,
      array(select c.campaign_id::text from group_campaign c where c.group_id = g.id order by c.campaign_id) as campaigns
      from agent_group g where ${rest}`;
    const groups = await this.#rows<GroupRow>(text, values);
    const members = await this.#members("group_id", [groups.map(({ id }) => id)]);
    return groups.map((row) => ({
      id: row.id,
      name: row.name,
      wrapUp: { wrapUpMs: row.wrap_up_ms ?? undefined, extensionMs: row.extension_ms, maxExtensions: row.max_extensions },
      members: members.filter(({ groupId }) => groupId === row.id),
      campaignIds: row.campaigns,
    }));
  }

  async #members(column: "agent_id" | "group_id", values: unknown[]): Promise<readonly Membership[]> {
    const text = `select agent_id::text as "agentId", group_id::text as "groupId", priority, skills from membership
      where ${column} = any($1::bigint[]) order by group_id, priority, agent_id`;
    return await this.#rows<Membership & pg.QueryResultRow>(text, values);
  }

  async #linked(text: string, values: unknown[], unknown: Readonly<Record<string, readonly [string, string]>>): Promise<void> {
    try {
      await this.#pool.query(text, values);
    } catch (error) {
      const name = error instanceof Error && "constraint" in error ? String(error.constraint) : "";
      const [code, message] = unknown[name] ?? [];
      if (isForeignKeyViolation(error) && code !== undefined && message !== undefined) throw new Fault(code, message, { cause: error });
      throw databaseFault(error, `write a link (${codeOf(error)})`);
    }
  }

  async #rows<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "keep the agents");
    }
  }
}

interface LogRow {
  readonly id: string;
  readonly at: Date;
  readonly state: AgentState;
  readonly reason: string | null;
  readonly cause: string;
  readonly by_whom: string | null;
  readonly attempt_id: string | null;
}

interface GroupRow {
  readonly id: string;
  readonly name: string;
  readonly wrap_up_ms: number | null;
  readonly extension_ms: number;
  readonly max_extensions: number;
  readonly campaigns: readonly string[];
}

/** $1 name, $2 now. An agent has a desk from the beginning. */
const addAgentSql = `
with made as (insert into agent (name, created_at) values ($1, $2) on conflict (name) do nothing returning id, created_at),
desk as (insert into agent_desk (agent_id, state, since) select id, 'logged-out', created_at from made),
logged as (insert into agent_log (agent_id, at, state, cause) select id, created_at, 'logged-out', 'made' from made)
select id::text from made`;

/** $1 agent, $2 from, $3 to. Each state lasts until the next entry, the last one until now; begins with the one that was on at the start. */
const timesSql = `
with entries as (
  select at, id, state from agent_log where agent_id = $1 and at >= $2 and at < $3
  union all
  (select at, id, state from agent_log where agent_id = $1 and at < $2 order by at desc, id desc limit 1)
), stretches as (
  select state, greatest(at, $2) as began, coalesce(lead(at) over (order by at, id), least($3, clock_timestamp())) as ended from entries
)
select state, sum(extract(epoch from ended - began) * 1000)::float8 as ms from stretches where ended > began group by state order by state`;

function ruleValues({ wrapUpMs, extensionMs, maxExtensions }: WrapUpRules): readonly [number | null, number, number] {
  return [wrapUpMs ?? null, extensionMs, maxExtensions];
}
