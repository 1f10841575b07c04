import { UniqueConstraintViolationException } from "@mikro-orm/core";
import type { EntityManager } from "@mikro-orm/postgresql";
import type pg from "pg";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import type { Campaign, CampaignProgress, CampaignState, MessageCampaign, VoiceCampaign } from "../../../strategy/campaign.ts";
import type { CampaignChange, CampaignStore, ChangeableSettings, NewMessageCampaign, NewVoiceCampaign, PastChange } from "../../../strategy/ports.ts";
import { CampaignEntity } from "../entity/campaign.ts";
import { ScriptVersionEntity } from "../entity/script.ts";
import { TemplateVersionEntity } from "../entity/template.ts";
import { databaseFault, isForeignKeyViolation, isUniqueViolation } from "../faults.ts";
import type { Entities } from "../orm.ts";
import { copySql } from "./campaign-copy-sql.ts";
import { type CampaignRow, campaignsWhere, toCampaign } from "./campaign-row.ts";
import { idOr0, isId } from "./id.ts";

const missing = "Its list, or the version of its script or template, does not exist.";

export class PostgresCampaignStore implements CampaignStore {
  readonly #entities: Entities;
  readonly #pool: pg.Pool;
  readonly #clock: Clock;

  constructor(entities: Entities, pool: pg.Pool, clock: Clock) {
    this.#entities = entities;
    this.#pool = pool;
    this.#clock = clock;
  }

  create(campaign: NewVoiceCampaign): Promise<VoiceCampaign>;
  create(campaign: NewMessageCampaign): Promise<MessageCampaign>;
  /** Faults: `campaign-exists`; `campaign-invalid` when the list or the version of the script or template does not exist. */
  async create(campaign: NewVoiceCampaign | NewMessageCampaign): Promise<Campaign> {
    if (!isId(campaign.listId)) throw new Fault("campaign-invalid", missing);
    try {
      const em = await this.#entities.fork();
      const parts = isMessage(campaign) ? await messageColumns(em, campaign) : await voiceColumns(em, campaign);
      const { window } = campaign;
      const id = await em.insert(CampaignEntity, {
        name: campaign.name,
        listId: campaign.listId,
        state: "draft",
        maxCps: campaign.maxCps,
        windowStartMinute: window.startMinute,
        windowEndMinute: window.endMinute,
        windowWeekdays: window.weekdays,
        windowHolidays: window.holidays === undefined ? null : [...window.holidays],
        defaultTimeZone: campaign.defaultTimeZone,
        retries: campaign.retries ?? null,
        createdAt: new Date(this.#clock.now()),
        ...parts,
      });
      const [made] = await em.execute<CampaignRow[]>(campaignsWhere("where c.id = ?"), [id]);
      if (!made) throw new Fault("database-fault", `Campaign ${campaign.name} was not found after it was written.`);
      return toCampaign(made);
    } catch (error) {
      if (error instanceof UniqueConstraintViolationException)
        throw new Fault("campaign-exists", `A campaign named ${campaign.name} exists already.`, { cause: error });
      if (isForeignKeyViolation(error)) throw new Fault("campaign-invalid", missing, { cause: error });
      throw databaseFault(error, "create the campaign");
    }
  }

  async find(id: string): Promise<Campaign | undefined> {
    if (!isId(id)) return undefined;
    return (await this.#select("where c.id = ?", [id]))[0];
  }

  async findByName(name: string): Promise<Campaign | undefined> {
    return (await this.#select("where c.name = ?", [name]))[0];
  }

  async list(page: { readonly limit: number; readonly afterId?: string }): Promise<readonly Campaign[]> {
    const after = page.afterId !== undefined && isId(page.afterId) ? page.afterId : "0";
    return await this.#select("where c.id > ? order by c.id limit ?", [after, page.limit]);
  }

  async inState(states: readonly CampaignState[]): Promise<readonly Campaign[]> {
    return await this.#select("where c.state = any(string_to_array(?, ',')) order by c.id", [states.join(",")]);
  }

  async copy(id: string, name: string, listId?: string): Promise<Campaign | undefined> {
    if (!isId(id)) return undefined;
    try {
      const values = [id, name, listId === undefined ? null : idOr0(listId), this.#clock.now()];
      const [made] = (await this.#pool.query<{ id: string }>(copySql, values)).rows;
      return made && (await this.find(made.id));
    } catch (error) {
      if (isUniqueViolation(error)) throw new Fault("campaign-exists", `A campaign named ${name} exists already, or its caps do.`, { cause: error });
      if (isForeignKeyViolation(error)) throw new Fault("campaign-invalid", "Its list does not exist.", { cause: error });
      throw databaseFault(error, "copy the campaign");
    }
  }

  async move(id: string, from: CampaignState, to: CampaignState): Promise<boolean> {
    if (!isId(id)) return false;
    const kept = from === "ready" ? "draft" : from;
    const starting = kept === "draft" && to === "running";
    const values = [to, starting, id, kept, new Date(this.#clock.now()), starting];
    const moved = await this.#reading((em) => em.execute<{ id: string }[]>(moveSql, values));
    // When nothing is left in any pass, all of them have ended, also those that were paused.
    if (moved.length > 0 && to === "finished") await this.#reading((em) => em.execute(finishedWithSql, [id]));
    return moved.length > 0;
  }

  async change(id: string, { mode, pacing, maxCps, maxLines, ...parts }: CampaignChange, by: string): Promise<Campaign | undefined> {
    if (!isId(id)) return undefined;
    const values = [id, mode ?? null, pacing ? JSON.stringify(pacing) : null, maxCps ?? null, maxLines ?? null, JSON.stringify(parts)];
    const changed = await this.#reading((em) => em.execute<{ id: string }[]>(changeSql, [...values, new Date(this.#clock.now()), by]));
    return changed.length === 0 ? undefined : await this.find(id);
  }

  async changes(id: string): Promise<readonly PastChange[]> {
    if (!isId(id)) return [];
    const rows = await this.#reading((em) => em.execute<ChangeRow[]>(changesSql, [id]));
    return rows.map(({ at, by, before, after }) => ({ at: Number(at), by, before: settingsOf(before), after: settingsOf(after) }));
  }

  async progress(id: string): Promise<CampaignProgress> {
    const empty = { contacts: 0, waiting: 0, again: 0, inFlight: 0, done: 0, results: {}, refusals: {} };
    if (!isId(id)) return empty;
    const [row] = await this.#reading((em) => em.execute<ProgressRow[]>(progressSql, [id]));
    if (!row) return empty;
    const contacts = Number(row.contacts);
    const inFlight = Number(row.in_flight);
    // A draft has no work yet: everybody waits. Whoever neither waits nor is on the line has reached an end.
    const waiting = row.state === "draft" ? contacts : Number(row.waiting);
    const done = Math.max(0, contacts - waiting - inFlight);
    return { contacts, waiting, again: Number(row.again), inFlight, done, results: row.results, refusals: row.refusals };
  }

  /** Asked twice a second for as long as the server runs, so without the work of making entities. */
  async #select(rest: string, values: (string | number)[]): Promise<readonly Campaign[]> {
    const rows = await this.#reading((em) => em.execute<CampaignRow[]>(campaignsWhere(rest), values));
    return rows.map(toCampaign);
  }

  async #reading<T>(read: (em: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await read(await this.#entities.fork());
    } catch (error) {
      throw databaseFault(error, "read campaigns");
    }
  }
}

function isMessage(campaign: NewVoiceCampaign | NewMessageCampaign): campaign is NewMessageCampaign {
  return campaign.channel !== undefined && campaign.channel !== "voice";
}

async function voiceColumns(em: EntityManager, campaign: NewVoiceCampaign) {
  const { mode = "ivr", pacing = null, amd = null, trunk, callerId, maxLines, ringTimeoutMs } = campaign;
  const version = isId(campaign.scriptVersionId) && (await em.findOne(ScriptVersionEntity, { id: campaign.scriptVersionId }));
  if (!version) throw new Fault("campaign-invalid", missing);
  const scriptVersionId = campaign.scriptPinned ? version.id : null;
  return { channel: "voice" as const, scriptId: version.scriptId, scriptVersionId, mode, pacing, amd, trunk, callerId, maxLines, ringTimeoutMs };
}

async function messageColumns(em: EntityManager, { channel, sender, templateVersionId, templatePinned = false }: NewMessageCampaign) {
  const version = isId(templateVersionId) && (await em.findOne(TemplateVersionEntity, { id: templateVersionId }));
  if (!version) throw new Fault("campaign-invalid", missing);
  return { channel, templateId: version.templateId, templateVersionId: templatePinned ? version.id : null, mode: null, sender };
}

/**
 * Starting makes everybody on the list due at once, in the order of the list, and gives the campaign its pace. One statement, so no transaction of the ORM:
 * those keep their connection for good when it dies (MikroORM 7.2.1, Kysely 0.29.6).
 */
const moveSql = `
with moved as (
  update campaign c set state = ?, contacts = case when ? then (select count(*) from contact p where p.list_id = c.list_id) else c.contacts end
  where c.id = ? and c.state = ?
  returning c.id, c.list_id
), filled as (
  insert into work (contact_id, campaign_id, due_at)
  select p.id, m.id, ? from moved m join contact p on p.list_id = m.list_id where ? order by p.id
), paced as (
  insert into pace (campaign_id, next_at, oldest_id) select id, to_timestamp(0), 0 from moved on conflict do nothing
)
select id from moved`;

const finishedWithSql = `
update campaign set state = 'finished' from (select strategy_campaign_id as whole from campaign where id = ?) g
where strategy_campaign_id = g.whole and state in ('running', 'paused')`;

interface ProgressRow {
  readonly state: CampaignState;
  readonly contacts: number | string;
  readonly waiting: string;
  readonly again: string;
  readonly in_flight: string;
  readonly results: Readonly<Record<string, number>>;
  readonly refusals: Readonly<Record<string, number>>;
}

/** Refusals count contacts: those refused for good, and those who wait because of one. One statement, so one moment. */
const progressSql = `
with c as (select * from campaign where id = ?)
select c.state,
  -- To a pass people come one after the other.
  case when c.pass is null or c.state = 'draft' or c.contacts > 0 then coalesce(c.contacts, (select l.contacts from list l where l.id = c.list_id))
    else (select count(*) from (
      select w.contact_id from work w where w.campaign_id = c.id union select a.contact_id from attempt a where a.campaign_id = c.id
      union select f.contact_id from refusal f where f.campaign_id = c.id) who) end as contacts,
  (select count(*) from work w where w.campaign_id = c.id) as waiting,
  (select count(distinct a.contact_id) from attempt a join work w on w.campaign_id = a.campaign_id and w.contact_id = a.contact_id
    where a.campaign_id = c.id and a.again_at is not null) as again,
  (select count(*) from attempt a where a.campaign_id = c.id and a.ended_at is null) as in_flight,
  coalesce((select jsonb_object_agg(result, n) from (
    select a.result, count(*) as n from attempt a where a.campaign_id = c.id and a.result is not null group by a.result) r), '{}') as results,
  coalesce((select jsonb_object_agg(rule, n) from (
    select f.rule, count(distinct f.contact_id) as n from refusal f
    where f.campaign_id = c.id and (f.retry_at is null or exists (
      select from work w where w.contact_id = f.contact_id and w.campaign_id = f.campaign_id and w.due_at = f.retry_at))
    group by f.rule) r), '{}') as refusals
from c`;

/** As the columns have it; what came later is absent in what was noted before. */
type KeptSettings = { readonly maxCps: number } & {
  readonly [Setting in Exclude<keyof ChangeableSettings, "maxCps">]?: ChangeableSettings[Setting] | null;
};

interface ChangeRow {
  readonly at: number | string;
  readonly by: string;
  readonly before: KeptSettings;
  readonly after: KeptSettings;
}

function settingsOf(kept: KeptSettings): ChangeableSettings {
  // A row has null where a campaign has nothing.
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== null)) as unknown as ChangeableSettings;
}

const settingsSql = (row: string) =>
  `jsonb_build_object('mode', ${row}.mode, 'pacing', ${row}.pacing, 'maxCps', ${row}.max_cps, 'maxLines', ${row}.max_lines, 'callerId', ${row}.caller_id,
    'trunk', ${row}.trunk, 'ringTimeoutMs', ${row}.ring_timeout_ms, 'amd', ${row}.amd, 'sender', ${row}.sender,
    'window', jsonb_strip_nulls(jsonb_build_object('startMinute', ${row}.window_start_minute, 'endMinute', ${row}.window_end_minute,
      'weekdays', ${row}.window_weekdays, 'holidays', ${row}.window_holidays)))`;

/** Campaign, mode, options, calls a second, lines, parts (`ChangedParts`), when, by whom; null, or a part that is absent, leaves a setting as it is. What is the same afterwards is not noted. */
const changeSql = `
with was as (select * from campaign where id = ? for update),
changed as (
  update campaign c set mode = coalesce(w.mode, c.mode), pacing = case when w.pacing is null then c.pacing else p.options end,
    max_cps = coalesce(w.max_cps, c.max_cps), max_lines = coalesce(w.max_lines, c.max_lines),
    caller_id = coalesce(w.parts->>'callerId', c.caller_id), trunk = coalesce(w.parts->>'trunk', c.trunk), sender = coalesce(w.parts->>'sender', c.sender),
    ring_timeout_ms = coalesce((w.parts->>'ringTimeoutMs')::int, c.ring_timeout_ms),
    amd = case when jsonb_exists(w.parts, 'amd') then nullif(w.parts->'amd', 'null') else c.amd end,
    window_start_minute = coalesce((w.parts->'window'->>'startMinute')::smallint, c.window_start_minute),
    window_end_minute = coalesce((w.parts->'window'->>'endMinute')::smallint, c.window_end_minute),
    window_weekdays = coalesce(w.parts->'window'->'weekdays', c.window_weekdays),
    window_holidays = case when jsonb_exists(w.parts, 'window')
      then (select array_agg(day) from jsonb_array_elements_text(w.parts->'window'->'holidays') day) else c.window_holidays end
  from was, (select ?::text as mode, ?::jsonb as pacing, ?::float8 as max_cps, ?::int as max_lines, ?::jsonb as parts) w
  cross join lateral (select nullif(jsonb_strip_nulls(coalesce(was.pacing, '{}') || w.pacing), '{}') as options) p
  where c.id = was.id returning c.*
), noted as (
  insert into campaign_change (campaign_id, at, by_whom, before, after)
  select c.id, ?, ?, ${settingsSql("was")}, ${settingsSql("c")} from was join changed c on c.id = was.id where ${settingsSql("was")} <> ${settingsSql("c")}
)
select id from changed`;

/** Campaign. */
const changesSql = `
select floor(extract(epoch from at) * 1000)::float8 as at, by_whom as by, before, after from (
  select * from campaign_change where campaign_id = ? order by id desc limit 500) c order by id`;
