import type pg from "pg";
import type { Recurrences } from "../../../compliance/safeguard-ports.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import type { Schedule, ScheduleStep } from "../../../strategy/schedule.ts";
import type { CampaignRun, Scheduled, ScheduleStore, ScheduleView } from "../../../strategy/schedule-ports.ts";
import { databaseFault } from "../faults.ts";
import type { Database } from "./change.ts";
import { idOr0 } from "./id.ts";
import { timeSql } from "./suppressed.ts";

const ms = (column: string) => `floor(extract(epoch from ${column}) * 1000)::float8`;

/** Rows of `ScheduleRow`; what follows is the rest of the statement. */
const schedulesWhere = (rest: string) => `
select h.id::text, h.campaign_id::text, h.strategy_campaign_id::text, coalesce(c.name, g.name) as name, coalesce(c.default_time_zone, g.default_time_zone) as zone,
  ${ms("h.start_at")} as start_at, ${ms("h.stop_at")} as stop_at, h.every, h.run_for_s, h.stays_open, h.next_step, ${ms("h.next_at")} as next_at, h.trouble, h.changed_by
from campaign_schedule h left join campaign c on c.id = h.campaign_id left join strategy_campaign g on g.id = h.strategy_campaign_id ${rest}`;

/** $1 campaign or null, $2 strategy campaign or null. */
const whose = "(h.campaign_id = $1::bigint or h.strategy_campaign_id = $2::bigint)";

/** Also $3 to $7 the schedule, $8 and $9 the next step, $10 epoch ms, $11 by whom. Nothing when there is no such campaign. */
const setSql = (column: string) => `
insert into campaign_schedule (campaign_id, strategy_campaign_id, start_at, stop_at, every, run_for_s, stays_open, next_step, next_at, changed_at, changed_by)
select $1::bigint, $2::bigint, ${timeSql("$3")}, ${timeSql("$4")}, $5, $6, $7, $8, ${timeSql("$9")}, ${timeSql("$10")}, $11
where exists (select from campaign where id = $1::bigint and pass is null) or exists (select from strategy_campaign where id = $2::bigint)
on conflict (${column}) do update set start_at = excluded.start_at, stop_at = excluded.stop_at, every = excluded.every, run_for_s = excluded.run_for_s,
  stays_open = excluded.stays_open, next_step = excluded.next_step, next_at = excluded.next_at, taken_until = null, trouble = null,
  changed_at = excluded.changed_at, changed_by = excluded.changed_by
returning id`;

/** $1 and $2 whose, $3 how many. */
const runsSql = `
select ${ms("r.at")} as at, r.campaign_id::text, r.strategy_campaign_id::text, coalesce(c.name, g.name) as name, r.trouble,
  coalesce(c.state, (select case when bool_and(k.state in ('finished', 'stopped')) then min(k.state) else 'running' end from campaign k where k.strategy_campaign_id = g.id)) as state
from campaign_run r join campaign_schedule h on h.id = r.schedule_id and ${whose}
left join campaign c on c.id = r.campaign_id left join strategy_campaign g on g.id = r.strategy_campaign_id
order by r.id desc limit $3`;

/** $1 campaign; that of the whole is that of its passes. */
const recurrenceSql = `
select coalesce(g.name, c.name) as name, h.every
from campaign c join campaign_schedule h on h.campaign_id = c.id or h.strategy_campaign_id = c.strategy_campaign_id left join strategy_campaign g on g.id = h.strategy_campaign_id
where c.id = $1 and h.every is not null`;

interface ScheduleRow extends pg.QueryResultRow {
  readonly id: string;
  readonly campaign_id: string | null;
  readonly strategy_campaign_id: string | null;
  readonly name: string;
  readonly zone: string;
  readonly start_at: number | null;
  readonly stop_at: number | null;
  readonly every: string | null;
  readonly run_for_s: number | null;
  readonly stays_open: boolean;
  readonly next_step: ScheduleStep | null;
  readonly next_at: number | null;
  readonly trouble: string | null;
  readonly changed_by: string;
}

interface RunRow extends pg.QueryResultRow {
  readonly at: number;
  readonly campaign_id: string | null;
  readonly strategy_campaign_id: string | null;
  readonly name: string | null;
  readonly state: string | null;
  readonly trouble: string | null;
}

/** In the tables `campaign_schedule` and `campaign_run`. */
export class PostgresScheduleStore implements ScheduleStore, Recurrences {
  readonly #pool: Database;
  readonly #clock: Clock;

  constructor(pool: Database, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  async find(of: Scheduled): Promise<ScheduleView | undefined> {
    const [row] = await this.#rows<ScheduleRow>(schedulesWhere(`where ${whose}`), idsOf(of));
    return row && toView(row);
  }

  async recurrenceOf(campaignId: string): Promise<{ readonly name: string; readonly every: string } | undefined> {
    return (await this.#rows<{ name: string; every: string }>(recurrenceSql, [idOr0(campaignId)]))[0];
  }

  async set(of: Scheduled, { startAt, stopAt, every, runForS, staysOpen }: Schedule, next: ScheduleView["next"], by: string): Promise<ScheduleView> {
    const text = setSql("campaignId" in of ? "campaign_id" : "strategy_campaign_id");
    const values = [...idsOf(of), startAt, stopAt, every, runForS, staysOpen, next?.step, next?.at, this.#clock.now(), by];
    const [made] = await this.#rows(text, values);
    const view = made && (await this.find(of));
    if (!view) throw new Fault("campaign-unknown", "There is no such campaign.");
    return view;
  }

  async remove(of: Scheduled): Promise<boolean> {
    // The runs that it had are kept.
    return (await this.#rows(`delete from campaign_schedule h where ${whose} returning id`, idsOf(of))).length > 0;
  }

  async due(now: number): Promise<readonly (ScheduleView & Required<Pick<ScheduleView, "next">>)[]> {
    const text = schedulesWhere(
      `where h.next_at <= ${timeSql("$1")} and (h.taken_until is null or h.taken_until <= ${timeSql("$1")}) order by h.next_at limit 100`,
    );
    return (await this.#rows<ScheduleRow>(text, [now]))
      .map(toView)
      .flatMap((view) => (view.next === undefined ? [] : [{ ...view, next: view.next }]));
  }

  async take({ id, next }: ScheduleView, untilAt: number): Promise<boolean> {
    const text = `update campaign_schedule set taken_until = ${timeSql("$3")}
      where id = $1 and next_at = ${timeSql("$2")} and (taken_until is null or taken_until <= ${timeSql("$4")}) returning id`;
    return (await this.#rows(text, [id, next?.at, untilAt, this.#clock.now()])).length > 0;
  }

  async hold(id: string, takenUntil: number, untilAt: number): Promise<boolean> {
    const text = `update campaign_schedule set taken_until = ${timeSql("$3")} where id = $1 and taken_until = ${timeSql("$2")} returning id`;
    return (await this.#rows(text, [id, takenUntil, untilAt])).length > 0;
  }

  async settle(id: string, takenUntil: number, next: ScheduleView["next"], trouble?: string): Promise<void> {
    const text = `update campaign_schedule set next_step = $3, next_at = ${timeSql("$4")}, taken_until = null, trouble = $5 where id = $1 and taken_until = ${timeSql("$2")}`;
    await this.#rows(text, [id, takenUntil, next?.step, next?.at, trouble]);
  }

  async note(id: string, trouble: string): Promise<void> {
    await this.#rows("update campaign_schedule set trouble = $2 where id = $1", [id, trouble]);
  }

  async addRun(id: string, { at, made, trouble }: { readonly at: number; readonly made?: Scheduled; readonly trouble?: string }): Promise<void> {
    const text = `insert into campaign_run (schedule_id, at, campaign_id, strategy_campaign_id, trouble) values ($1, ${timeSql("$2")}, $3, $4, $5)`;
    await this.#rows(text, [id, at, ...(made ? idsOf(made) : [null, null]), trouble]);
  }

  async runs(of: Scheduled, limit: number): Promise<readonly CampaignRun[]> {
    return (await this.#rows<RunRow>(runsSql, [...idsOf(of), limit])).map(({ at, campaign_id, strategy_campaign_id, name, state, trouble }) => ({
      at,
      ...(name !== null && state !== null && { made: { ...ofRow({ campaign_id, strategy_campaign_id }), name, state } }),
      ...(trouble !== null && { trouble }),
    }));
  }

  async #rows<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "read or write schedules of campaigns");
    }
  }
}

function idsOf(of: Scheduled): [campaign: string | null, strategyCampaign: string | null] {
  return "campaignId" in of ? [idOr0(of.campaignId), null] : [null, idOr0(of.strategyCampaignId)];
}

function ofRow({ campaign_id, strategy_campaign_id }: Pick<ScheduleRow, "campaign_id" | "strategy_campaign_id">): Scheduled {
  return campaign_id === null ? { strategyCampaignId: strategy_campaign_id ?? "0" } : { campaignId: campaign_id };
}

function toView(row: ScheduleRow): ScheduleView {
  const { id, name, zone, start_at, stop_at, every, run_for_s, stays_open: staysOpen, next_step, next_at, trouble, changed_by: changedBy } = row;
  return {
    ...{ id, of: ofRow(row), name, zone, staysOpen, changedBy },
    ...(start_at !== null && { startAt: start_at }),
    ...(stop_at !== null && { stopAt: stop_at }),
    ...(every !== null && { every }),
    ...(run_for_s !== null && { runForS: run_for_s }),
    ...(next_step !== null && next_at !== null && { next: { step: next_step, at: next_at } }),
    ...(trouble !== null && { trouble }),
  };
}
