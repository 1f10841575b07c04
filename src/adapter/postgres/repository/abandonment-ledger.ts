import pg from "pg";
import type { AbandonmentLedger, AbandonmentShare, ShareWish } from "../../../voice/agent-pacing-ports.ts";
import { type Holdout, missedShare } from "../../../voice/amd/holdout.ts";
import type { Share } from "../../../voice/pacing/ledger.ts";
import { databaseFault } from "../faults.ts";
import { latestSql } from "./latest-sql.ts";

/** Any number, the same in every Carillon: whoever takes shares of a campaign waits for the others who do. */
const shareLock = 7_244;

/** In the order of ids. A statement of its own, so that those after it see what others have taken. */
const lockSql = (wishes: string) => `
select pg_advisory_xact_lock(${shareLock}, (campaign_id % 2147483647)::int)
from (select campaign_id from json_to_recordset(${wishes}) as w(campaign_id bigint) order by campaign_id) o`;

/** Nodes that are gone risk nothing any more: their calls are ended by whoever took them over. */
const goneSql = "delete from abandonment_share s where not exists (select from node n where n.name = s.node)";

/** The rolling windows. What is in the oldest stretch counts until all of it is out. */
const windowSql = (campaign: string, span: "day" | "month", window: string) => `
  select coalesce(sum(answers), 0)::int as answers, coalesce(sum(abandoned), 0)::int as abandoned, coalesce(sum(machines), 0)::int as machines from live_answer
  where campaign_id = ${campaign} and span = '${span}' and from_at > clock_timestamp() - interval '${window}'`;
const daySql = (campaign: string) => windowSql(campaign, "day", "24 hours 5 minutes");
const monthSql = (campaign: string) => windowSql(campaign, "month", "30 days 1 hour");

const withMissedSql = (window: string, missed: string) => `
  select answers + ${missed} * machines as answers, abandoned + ${missed} * machines as abandoned, ${missed} * machines as missed from (${window}) c`;

const judgedSql = "coalesce(d.answered_by, case when h.responded then 'person' end)";
/** $1 campaigns: of whom agents have said what they were, they are that; who pressed a key is a person. */
const holdoutSql = `
select h.campaign_id::text as id, count(*)::int as "heldOut", (count(*) filter (where ${judgedSql} = 'person'))::int as people,
  (count(*) filter (where ${judgedSql} = 'machine'))::int as machines
from held_out h
left join lateral (
  select answered_by from disposition where contact_id = h.contact_id and attempt_id = h.attempt_id ${latestSql("id")}) d on true
where h.campaign_id = any($1::bigint[]) and h.at > clock_timestamp() - interval '30 days 1 hour'
group by h.campaign_id`;
/** What agents say of machines is read anew with every so many shares: it changes slowly, and is more to read. */
const holdoutEvery = 10;

/**
 * Headroom is how many more may be abandoned, by the stricter of the two windows, if nobody else answers: cap · answers − abandoned. A node gets its part of it by the
 * agents it has, as far as the others leave it; and keeps what it has spent. Of the machines the share `missed` is people who answered and were abandoned.
 */
const shareSql = (wishes: string, node: string) => `
with w as materialized (
  select w.*, d.answers as day_answers, d.abandoned as day_abandoned, d.missed as day_missed,
    m.answers as month_answers, m.abandoned as month_abandoned, m.missed as month_missed,
    least(w.cap * d.answers - d.abandoned, w.cap * m.answers - m.abandoned) as headroom, o.agents as other_agents, o.allowed as other_allowed
  from json_to_recordset(${wishes}) as w(campaign_id bigint, cap float8, agents int, kept float8, missed float8)
  cross join lateral (${withMissedSql(daySql("w.campaign_id"), "w.missed")}) d
  cross join lateral (${withMissedSql(monthSql("w.campaign_id"), "w.missed")}) m
  cross join lateral (
    select coalesce(sum(agents), 0) as agents, coalesce(sum(allowed), 0) as allowed from abandonment_share
    where campaign_id = w.campaign_id and node <> ${node}) o
), shared as materialized (
  select w.*, greatest(0, kept, least(headroom - other_allowed, case when agents + other_agents > 0 then headroom * agents / (agents + other_agents) else 0 end)) as allowed
  from w
), taken as (
  insert into abandonment_share as s (campaign_id, node, agents, allowed) select campaign_id, ${node}, agents, allowed from shared
  on conflict (campaign_id, node) do update set agents = excluded.agents, allowed = excluded.allowed
)
select campaign_id::text, day_answers, day_abandoned, day_missed, month_answers, month_abandoned, month_missed, allowed from shared`;

interface ShareRow {
  readonly campaign_id: string;
  readonly day_answers: number;
  readonly day_abandoned: number;
  readonly day_missed: number;
  readonly month_answers: number;
  readonly month_abandoned: number;
  readonly month_missed: number;
  readonly allowed: number;
}

interface Counted extends Share {
  readonly machines: number;
}
const nobody: Counted = { answers: 0, abandoned: 0, machines: 0 };

/** Stretches that count no more. */
const prunedSql = `delete from live_answer where (span = 'day' and from_at < clock_timestamp() - interval '2 days') or (span = 'month' and from_at < clock_timestamp() - interval '31 days')`;
/** How many times shares are taken between two prunings. */
const pruneEvery = 3600;

/** How campaigns stand with abandoned people, in the tables `live_answer` and `abandonment_share`. By the database's clock. */
export class PostgresAbandonmentLedger implements AbandonmentLedger {
  readonly #pool: pg.Pool;
  readonly #node: string;
  #taken = 0;
  /** Of the campaigns whose machines were measured, as read last: the share of people among them. */
  #missed: ReadonlyMap<string, number> = new Map();
  /** Campaigns that were asked about then. */
  #askedAbout: ReadonlySet<string> = new Set();

  constructor(pool: pg.Pool, node: string) {
    this.#pool = pool;
    this.#node = node;
  }

  async share(wishes: readonly ShareWish[]): Promise<ReadonlyMap<string, AbandonmentShare>> {
    const missed = await this.#missedShares(wishes.map(({ campaignId }) => campaignId));
    const rows = wishes.map(({ campaignId, cap, agents, kept }) => ({
      campaign_id: campaignId,
      cap,
      agents,
      kept,
      missed: missed.get(campaignId) ?? 0,
    }));
    const text = pg.escapeLiteral(JSON.stringify(rows));
    const prune = this.#taken++ % pruneEvery === 0 ? [prunedSql] : [];
    try {
      // In one message, and so one transaction.
      const statements = [...prune, lockSql(text), goneSql, shareSql(text, pg.escapeLiteral(this.#node))];
      const results: unknown = await this.#pool.query(statements.join("; "));
      const shares = (results as readonly pg.QueryResult<ShareRow>[]).at(-1)?.rows ?? [];
      return new Map(
        shares.map((row) => {
          const day = { answers: row.day_answers, abandoned: row.day_abandoned };
          const month = { answers: row.month_answers, abandoned: row.month_abandoned };
          const measured = missed.has(row.campaign_id) && { missed: { day: row.day_missed, month: row.month_missed } };
          return [row.campaign_id, { day, month, ...measured, allowed: row.allowed }];
        }),
      );
    } catch (error) {
      throw databaseFault(error, "read how many people were abandoned");
    }
  }

  async giveBack(campaignIds: readonly string[]): Promise<void> {
    await this.#rows("delete from abandonment_share where node = $1 and campaign_id = any($2::bigint[])", [this.#node, campaignIds]);
  }

  async groupsOf(campaignIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const text = `select campaign_id::text as id, array_agg(group_id::text order by group_id) as groups from group_campaign
      where campaign_id = any($1::bigint[]) group by campaign_id`;
    const rows = await this.#rows<{ id: string; groups: readonly string[] }>(text, [campaignIds]);
    return new Map(rows.map(({ id, groups }) => [id, groups]));
  }

  /** How a campaign stands over all nodes, without taking anything; those who are thought to have been taken for machines apart. */
  async read(campaignId: string): Promise<{ readonly day: Share; readonly month: Share }> {
    const { day, month } = await this.#counted(campaignId);
    return { day: shareOf(day), month: shareOf(month) };
  }

  /** How many calls were taken for machines, for which no agent was asked, and what is known of those that were held out within 30 days. */
  async machines(campaignId: string): Promise<{ readonly day: number; readonly month: number; readonly holdout: Holdout }> {
    const [{ day, month }, holdouts] = await Promise.all([this.#counted(campaignId), this.#holdouts([campaignId])]);
    return { day: day.machines, month: month.machines, holdout: holdouts.get(campaignId) ?? { heldOut: 0, people: 0, machines: 0 } };
  }

  async #counted(campaignId: string): Promise<{ readonly day: Counted; readonly month: Counted }> {
    const [[day = nobody], [month = nobody]] = await Promise.all([
      this.#rows<Counted & pg.QueryResultRow>(daySql("$1"), [campaignId]),
      this.#rows<Counted & pg.QueryResultRow>(monthSql("$1"), [campaignId]),
    ]);
    return { day, month };
  }

  async #missedShares(campaignIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (this.#taken % holdoutEvery !== 0 && campaignIds.every((id) => this.#askedAbout.has(id))) return this.#missed;
    const holdouts = await this.#holdouts(campaignIds);
    this.#askedAbout = new Set(campaignIds);
    this.#missed = new Map([...holdouts].map(([id, holdout]) => [id, missedShare(holdout)]));
    return this.#missed;
  }

  async #holdouts(campaignIds: readonly string[]): Promise<ReadonlyMap<string, Holdout>> {
    const rows = await this.#rows<Holdout & { readonly id: string }>(holdoutSql, [campaignIds]);
    return new Map(rows.map(({ id, heldOut, people, machines }) => [id, { heldOut, people, machines }]));
  }

  async #rows<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "keep count of abandoned people");
    }
  }
}

function shareOf({ answers, abandoned }: Share): Share {
  return { answers, abandoned };
}
