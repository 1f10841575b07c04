import type pg from "pg";
import type { ChannelName, Result } from "../../../attempt/result.ts";
import { Fault } from "../../../kernel/fault.ts";
import type {
  AbandonmentRow,
  AgentRow,
  CampaignScope,
  Charges,
  ContactRow,
  CountRow,
  Difference,
  Grouping,
  LiveRow,
  NamedGrouping,
  ReportScope,
  ReportStore,
  SecondLegRow,
  WordKind,
  WordRow,
} from "../../../report/ports.ts";
import { databaseFault } from "../faults.ts";
import { idOr0 } from "./id.ts";
import { latestSql } from "./latest-sql.ts";
import { checkNames, checks, recountSql } from "./report-check-sql.ts";
import {
  abandonmentSql,
  agentTimesSql,
  campaignsSql,
  countsSql,
  foldCountsSql,
  foldWordsSql,
  listedSql,
  resultColumns,
  secondLegsSql,
  underWaySql,
  type Whose,
  wordsSql,
} from "./report-counts-sql.ts";
import { inTransaction } from "./transaction.ts";
import { zoneOffsets } from "./zone-offsets.ts";

interface CampaignRow {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly channel: ChannelName;
  readonly listId: string;
}

/** Any number, the same in every Carillon: one process folds at a time. */
const foldLock = 7_243_262;

/** How many contacts are read at once for an export. */
const contactPage = 1000;

/** $1 list, $2 the last one before the page, $3 how many, $4 campaigns. */
const contactsSql = `
select c.id::text as "contactId", c.client_id as "clientId", c.fields, n.attempts, a.id::text as "attemptId", a.channel, a.address, a.result, a.outcome,
  (extract(epoch from a.ended_at) * 1000)::float8 as "endedAt", d.code as disposition
from (select id, client_id, fields from contact where list_id = $1 and id > $2 order by id limit $3) c
cross join lateral (select count(*)::int as attempts from attempt a where a.contact_id = c.id and a.campaign_id = any($4::bigint[]) and a.ended_at is not null) n
left join lateral (select * from attempt a where a.contact_id = c.id and a.campaign_id = any($4::bigint[]) and a.ended_at is not null ${latestSql("a.id")}) a on true
left join lateral (select code from disposition d where d.contact_id = c.id and d.campaign_id = any($4::bigint[]) ${latestSql("d.id")}) d on true
order by c.id`;

/** Reports from the counters, and the keeping of those. */
export class PostgresReportStore implements ReportStore {
  readonly #pool: pg.Pool;
  /** For what takes its time. */
  readonly #slow: pg.Pool;

  constructor(pool: pg.Pool, slow: pg.Pool) {
    this.#pool = pool;
    this.#slow = slow;
  }

  async counts(scope: ReportScope, by: Grouping, perVia = false): Promise<readonly CountRow[]> {
    const whose = whoseOf(scope, by);
    const values = scopeValues(scope, await this.#campaigns(scope));
    const rows = await this.#rows<Record<string, string | number> & { channel: ChannelName; inbound: boolean; key: string; via: string }>(
      countsSql(by, whose, perVia),
      whose === "all" ? values : [...values, ...agentValues(scope, by)],
    );
    const all = shownOf(rows, scope, by).map((row) => ({
      key: keyText(by, row.key),
      channel: row.channel,
      inbound: row.inbound,
      via: row.via,
      results: Object.fromEntries(resultColumns.flatMap(([result, column]) => (figure(row, column) === 0 ? [] : [[result, figure(row, column)]]))),
      ...chargesOf(row),
      parts: figure(row, "parts"),
      people: figure(row, "people"),
    }));
    // Of nobody's is nothing left where all is somebody's.
    return whose === "each" ? all.filter(({ results }) => Object.keys(results).length > 0) : all;
  }

  async secondLegs(scope: ReportScope, by: Grouping): Promise<readonly SecondLegRow[]> {
    const values = [...scopeValues(scope, await this.#campaigns(scope)), ...agentValues(scope, by)];
    const rows = await this.#rows<Record<string, number> & { key: string; via: string }>(secondLegsSql(by), values);
    return shownOf(rows, scope, by).map((row) => ({ key: keyText(by, row.key), via: row.via, ...chargesOf(row) }));
  }

  async listed(campaignIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#rows<{ id: string; contacts: number }>(listedSql, [campaignIds]);
    return new Map(rows.map(({ id, contacts }) => [id, contacts]));
  }

  async words(scope: ReportScope, by: Grouping, kinds: readonly WordKind[]): Promise<readonly WordRow[]> {
    const values = [...scopeValues(scope, await this.#campaigns(scope)), ...agentValues(scope, by), kinds];
    const rows = await this.#rows<WordRow>(wordsSql(by, whoseOf(scope, by)), values);
    return shownOf(rows, scope, by).map((row) => ({ ...row, key: keyText(by, row.key) }));
  }

  async names(of: NamedGrouping, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const table = of === "group" ? "agent_group" : of;
    const wanted = [...new Set(ids)].filter((id) => id !== "");
    const rows = await this.#rows<{ id: string; name: string }>(`select id::text, name from ${table} where id = any($1::bigint[])`, [wanted]);
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  async agentTimes(scope: ReportScope): Promise<readonly AgentRow[]> {
    const { campaignId, strategyCampaignId, listId, groupId, groupIds, agentId } = scope;
    // The time of members counts as a whole, what is no campaign's too, unless campaigns are named.
    const named = [campaignId, strategyCampaignId, listId].some((id) => id !== undefined);
    const campaigns = named ? await this.#campaigns({ ...scope, groupId: undefined }) : undefined;
    const [from, to] = [new Date(scope.from), new Date(scope.to)];
    return await this.#rows<AgentRow>(agentTimesSql, [from, to, campaigns ?? null, idOrNull(groupId), idOrNull(agentId), idsOrNull(groupIds)]);
  }

  async abandonment(scope: CampaignScope): Promise<readonly AbandonmentRow[]> {
    const campaigns = (await this.#find(scope)).map(({ id }) => id);
    const rows = await this.#rows<Record<string, number> & { campaignId: string; name: string }>(abandonmentSql, [campaigns]);
    return rows.map(({ campaignId, name, ...row }) => ({
      campaignId,
      name,
      day: { answers: row["day_answers"] ?? 0, abandoned: row["day_abandoned"] ?? 0 },
      month: { answers: row["month_answers"] ?? 0, abandoned: row["month_abandoned"] ?? 0 },
    }));
  }

  async live(scope: CampaignScope & Pick<ReportScope, "channel" | "agentId">): Promise<readonly LiveRow[]> {
    const running = (await this.#find(scope)).filter(
      ({ state, channel }) => ["running", "paused", "stopping"].includes(state) && (scope.channel === undefined || channel === scope.channel),
    );
    const rows = await this.#rows<{ campaignId: string; underWay: number }>(underWaySql, [running.map(({ id }) => id), idOrNull(scope.agentId)]);
    const underWay = new Map(rows.map((row) => [row.campaignId, row.underWay]));
    return running.map(({ id, name, state, channel }) => ({ campaignId: id, name, state, channel, underWay: underWay.get(id) ?? 0 }));
  }

  async *contacts(campaignId: string): AsyncGenerator<ContactRow> {
    const [campaign] = await this.#find({ campaignId });
    if (!campaign) throw new Fault("campaign-unknown", `There is no campaign ${campaignId}.`);
    for (let last = "0"; ; ) {
      const rows = await this.#rows<NullableContact>(contactsSql, [campaign.listId, last, contactPage, [campaign.id]]);
      for (const row of rows) yield contactOf(row);
      const end = rows.at(-1);
      if (!end || rows.length < contactPage) return;
      last = end.contactId;
    }
  }

  async fold(most: number): Promise<number> {
    return await inTransaction(this.#pool, "add up the counters", async (client) => {
      const { rows } = await client.query<{ mine: boolean }>("select pg_try_advisory_xact_lock($1) as mine", [foldLock]);
      if (!rows[0]?.mine) return 0;
      const counts = await client.query<{ taken: number }>(foldCountsSql, [most]);
      const words = await client.query<{ taken: number }>(foldWordsSql, [most]);
      return (counts.rows[0]?.taken ?? 0) + (words.rows[0]?.taken ?? 0);
    });
  }

  async differences(most: number): Promise<{ readonly compared: number; readonly differences: readonly Difference[] }> {
    return await inTransaction(this.#slow, "compare the counters with the log", async (client) => {
      await client.query("set transaction isolation level repeatable read read only");
      const found: Difference[] = [];
      let compared = 0;
      for (const what of checkNames) {
        const { rows } = await client.query<{ compared: number; key: string | null; counted: number; logged: number }>(checks[what], [most]);
        compared += rows[0]?.compared ?? 0;
        for (const { key, counted, logged } of rows) if (key !== null) found.push({ what, key, counted, logged });
      }
      return { compared, differences: found.slice(0, most) };
    });
  }

  async recount(): Promise<void> {
    await inTransaction(this.#slow, "count anew", async (client) => {
      await client.query(recountSql);
      await client.query(foldCountsSql, [2_147_483_647]);
      await client.query(foldWordsSql, [2_147_483_647]);
    });
    // What was folded lies about as dead rows, which every report would step over until autovacuum comes.
    await this.#slow
      .query(
        "vacuum (analyze) report_delta, report_word_delta, report_count, report_agent_count, report_word, report_agent_word, report_agent, report_second_leg",
      )
      .catch((error: unknown) => {
        throw databaseFault(error, "tidy up after counting anew");
      });
  }

  /** Undefined: all, and what belongs to none. */
  async #campaigns(scope: CampaignScope): Promise<readonly string[] | undefined> {
    const { campaignId, strategyCampaignId, listId, groupId, groupIds } = scope;
    if ([campaignId, strategyCampaignId, listId, groupId, groupIds].every((part) => part === undefined)) return undefined;
    return (await this.#find(scope)).map(({ id }) => id);
  }

  #find({ campaignId, strategyCampaignId, listId, groupId, groupIds }: CampaignScope): Promise<readonly CampaignRow[]> {
    return this.#rows<CampaignRow>(campaignsSql, [...[campaignId, strategyCampaignId, listId, groupId].map(idOrNull), idsOrNull(groupIds)]);
  }

  async #rows<Row>(text: string, values: unknown[]): Promise<Row[]> {
    try {
      return (await this.#pool.query<Row & pg.QueryResultRow>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "read a report");
    }
  }
}

function figure(row: Readonly<Record<string, string | number | boolean>>, column: string): number {
  return Number(row[column] ?? 0);
}

function chargesOf(row: Readonly<Record<string, string | number | boolean>>): Charges {
  return {
    answered: figure(row, "answered"),
    talkMs: figure(row, "talk_ms"),
    charged: {
      "1/1": figure(row, "charged_1_1"),
      "6/6": figure(row, "charged_6_6"),
      "30/6": figure(row, "charged_30_6"),
      "60/1": figure(row, "charged_60_1"),
      "60/60": figure(row, "charged_60_60"),
    },
  };
}

type NullableContact = { readonly [Name in keyof ContactRow]: ContactRow[Name] | null } & Pick<ContactRow, "contactId" | "attempts" | "fields">;

function contactOf(row: NullableContact): ContactRow {
  const { contactId, attempts, fields } = row;
  return {
    ...{ contactId, attempts, fields },
    clientId: row.clientId ?? undefined,
    attemptId: row.attemptId ?? undefined,
    channel: row.channel ?? undefined,
    address: row.address ?? undefined,
    result: (row.result as Result | null) ?? undefined,
    outcome: row.outcome ?? undefined,
    disposition: row.disposition ?? undefined,
    endedAt: row.endedAt ?? undefined,
  };
}

function scopeValues({ from, to, zone, channel }: ReportScope, campaigns: readonly string[] | undefined): unknown[] {
  return [new Date(from), new Date(to), campaigns ?? null, channel ?? null, zoneOffsets(zone, from, to)];
}

function whoseOf({ agentId }: ReportScope, by: Grouping): Whose {
  return agentId !== undefined ? "one" : by === "agent" ? "each" : "all";
}

/** By agents those of other groups are not shown to whoever is limited to some. */
function agentValues({ agentId, groupIds }: ReportScope, by: Grouping): unknown[] {
  return [idOrNull(agentId), by === "agent" ? idsOrNull(groupIds) : null];
}

function idOrNull(id: string | undefined): string | null {
  return id === undefined ? null : idOr0(id);
}

function idsOrNull(ids: readonly string[] | undefined): readonly string[] | null {
  return ids?.map(idOr0) ?? null;
}

/** By groups the same rows without those of groups that the report is not about: they may work for the same campaigns. */
function shownOf<Row extends { readonly key: string }>(rows: readonly Row[], { groupId, groupIds }: ReportScope, by: Grouping): readonly Row[] {
  const shown = groupId === undefined ? groupIds : [groupId];
  return by !== "group" || shown === undefined ? rows : rows.filter(({ key }) => shown.includes(key));
}

/** Hours come as `2026-11-22T15 1380`, with their offset taken from a day of minutes. */
function keyText(by: Grouping, key: string): string {
  if (by !== "hour") return key;
  const [hour = "", minutes = "1440"] = key.split(" ");
  const offset = 1440 - Number(minutes);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${hour}:00${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
}
