import type { Clock } from "../../../kernel/clock.ts";
import type { CampaignProgress, CampaignState } from "../../../strategy/campaign.ts";
import { databaseFault } from "../faults.ts";
import type { Entities } from "../orm.ts";
import { isId } from "./id.ts";
import { underWaySql } from "./start-sql.ts";
import { unfinishedAttemptsSql } from "./unfinished-sql.ts";

/** From so many people on a count is kept for a while; below it takes milliseconds. */
const longFrom = 20_000;
/** A count is kept for so many times what it took, so that whoever looks all the time costs the database a twentieth of its time at most; and for no longer than this. */
const keptFor = 20;
const longestKeptMs = 60_000;

const nobody = { contacts: 0, waiting: 0, again: 0, inFlight: 0, done: 0, results: {}, refusals: {} };

interface Kept {
  /** In which the campaign was: what was counted before it went over to another one is not shown after it. */
  readonly state: CampaignState;
  readonly progress: Promise<CampaignProgress>;
  /** Epoch ms. */
  readonly until: number;
}

/** How many contacts of a campaign stand where: counted when somebody asks; where they are many, once for all who ask meanwhile. */
export class CampaignCount {
  readonly #entities: Entities;
  readonly #clock: Clock;
  /** Of campaigns that were long when they were counted last. */
  readonly #kept = new Map<string, Kept>();

  constructor(entities: Entities, clock: Clock) {
    this.#entities = entities;
    this.#clock = clock;
  }

  async of(id: string): Promise<CampaignProgress> {
    const [campaign] = isId(id) ? await this.#rows<StateRow>(stateSql, [id]) : [];
    if (!campaign) return { ...nobody, countedAt: this.#clock.now() };
    const { state, done, total } = campaign;
    // Those who are due by then, and are not kept yet, would take long to count.
    if (done !== null && total !== null)
      return { ...nobody, contacts: total, waiting: total, countedAt: this.#clock.now(), starting: { done, total } };
    const known = this.#kept.get(id);
    if (known?.state === state && this.#clock.now() < known.until) return await known.progress;
    const counting = this.#counted(id, state);
    if (known) this.#keep(id, state, counting, Number.POSITIVE_INFINITY);
    try {
      const { progress, tookMs } = await counting;
      if (progress.contacts < longFrom) this.#kept.delete(id);
      else this.#keep(id, state, counting, this.#clock.now() + Math.min(longestKeptMs, keptFor * tookMs));
      return progress;
    } catch (error) {
      this.#kept.delete(id);
      throw error;
    }
  }

  #keep(id: string, state: CampaignState, counting: Promise<Counted>, until: number): void {
    const progress = counting.then((counted) => counted.progress);
    // Whoever began the count is told of its failing.
    progress.catch(() => undefined);
    this.#kept.set(id, { state, progress, until });
  }

  async #counted(id: string, state: CampaignState): Promise<Counted> {
    const countedAt = this.#clock.now();
    const [row] = await this.#rows<ProgressRow>(progressSql, Array(places).fill(id));
    const contacts = Number(row?.contacts ?? 0);
    const inFlight = Number(row?.in_flight ?? 0);
    // A draft has no work yet: everybody waits. Whoever neither waits nor is on the line has reached an end.
    const waiting = state === "draft" ? contacts : Number(row?.waiting ?? 0);
    const done = Math.max(0, contacts - waiting - inFlight);
    const { again = 0, results = {}, refusals = {} } = row ?? {};
    return {
      progress: { contacts, waiting, again: Number(again), inFlight, done, results, refusals, countedAt },
      tookMs: this.#clock.now() - countedAt,
    };
  }

  /** All of a campaign is counted: with whatever plan is the best for that, not with those of the hot paths. */
  async #rows<Row extends object>(text: string, values: readonly string[]): Promise<readonly Row[]> {
    try {
      return await (await this.#entities.fork()).execute<Row[]>(text, [...values]);
    } catch (error) {
      throw databaseFault(error, "read campaigns");
    }
  }
}

interface StateRow {
  readonly state: CampaignState;
  readonly done: number | null;
  readonly total: number | null;
}

/** Also how far its start is: of one that nobody is at, when it was promised and will be taken up. */
const stateSql = `
select c.state, s.done, s.total from campaign c left join campaign_start s
  on s.campaign_id = c.id and c.state = 'draft' and (s.promised or ${underWaySql("s")})
where c.id = ?`;

interface Counted {
  readonly progress: CampaignProgress;
  readonly tookMs: number;
}

interface ProgressRow {
  readonly contacts: number | string;
  readonly waiting: string;
  readonly again: string;
  readonly in_flight: string;
  readonly results: Readonly<Record<string, number>>;
  readonly refusals: Readonly<Record<string, number>>;
}

/** Refusals count contacts: those refused for good, and those who wait because of one. One statement, so one moment. Each place is the campaign: a plan for its id, not for that of a row, is a quarter of the time. */
const progressSql = `
select
  -- To a pass people come one after the other; a draft has them in its first.
  case when c.pass is null or c.contacts > 0 or c.state = 'draft' and c.pass = (select g.first_pass from strategy_campaign g where g.id = c.strategy_campaign_id) then coalesce(c.contacts, (select l.contacts from list l where l.id = c.list_id))
    else (select count(*) from (
      select w.contact_id from work w where w.campaign_id = ? union select a.contact_id from attempt a where a.campaign_id = ?
      union select f.contact_id from refusal f where f.campaign_id = ?) who) end as contacts,
  (select count(*) from work w where w.campaign_id = ?) as waiting,
  (select count(distinct a.contact_id) from attempt a join work w on w.campaign_id = a.campaign_id and w.contact_id = a.contact_id
    where a.campaign_id = ? and a.again_at is not null) as again,
  (select count(*) from ${unfinishedAttemptsSql("?")} u) as in_flight,
  coalesce((select jsonb_object_agg(result, n) from (
    select a.listed_result as result, count(*) as n from attempt a where a.campaign_id = ? and a.listed_result is not null group by a.listed_result
    union all
    -- No index lists them, and whoever is neither listed nor unfinished is one.
    select 'delivered', n from (
      select (select count(*) from attempt a where a.campaign_id = ?) - (select count(*) from attempt a where a.campaign_id = ? and a.listed_result is not null)
        - (select count(*) from ${unfinishedAttemptsSql("?")} u) as n) d where c.channel <> 'voice' and n > 0) r), '{}') as results,
  coalesce((select jsonb_object_agg(rule, n) from (
    select f.rule, count(distinct f.contact_id) as n from refusal f
    where f.campaign_id = ? and (f.retry_at is null or exists (
      select from work w where w.contact_id = f.contact_id and w.campaign_id = f.campaign_id and w.due_at = f.retry_at))
    group by f.rule) r), '{}') as refusals
from campaign c where c.id = ?`;

const places = progressSql.split("?").length - 1;
