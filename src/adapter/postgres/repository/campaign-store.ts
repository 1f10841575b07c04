import type pg from "pg";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import type { Campaign, CampaignProgress, CampaignState, MessageCampaign, VoiceCampaign } from "../../../strategy/campaign.ts";
import type { CampaignChange, CampaignStore, NewMessageCampaign, NewVoiceCampaign, PastChange } from "../../../strategy/ports.ts";
import { databaseFault, isForeignKeyViolation, isUniqueViolation } from "../faults.ts";
import type { Entities } from "../orm.ts";
import { knownCalendars } from "./calendar-store.ts";
import { type ChangeRow, changeSql, changesSql, settingsOf } from "./campaign-change-sql.ts";
import { copySql } from "./campaign-copy-sql.ts";
import { CampaignCount } from "./campaign-count.ts";
import { type CampaignRow, campaignsWhere, toCampaign } from "./campaign-row.ts";
import type { CampaignStarter } from "./campaign-starter.ts";
import { type Database, keepNow } from "./change.ts";
import { idOr0, isId } from "./id.ts";
import { releaseHeld } from "./release-sql.ts";
import { inTransaction } from "./transaction.ts";

const missing = "Its list, or the version of its script or template, does not exist.";

export class PostgresCampaignStore implements CampaignStore {
  readonly #count: CampaignCount;
  readonly #pool: Database;
  readonly #clock: Clock;
  readonly #starter: CampaignStarter;

  constructor(entities: Entities, pool: Database, clock: Clock, starter: CampaignStarter) {
    this.#starter = starter;
    this.#count = new CampaignCount(entities, clock);
    this.#pool = pool;
    this.#clock = clock;
  }

  create(campaign: NewVoiceCampaign): Promise<VoiceCampaign>;
  create(campaign: NewMessageCampaign): Promise<MessageCampaign>;
  /** Faults: `campaign-exists`; `campaign-invalid` when the list or the version of the script or template does not exist. */
  async create(campaign: NewVoiceCampaign | NewMessageCampaign): Promise<Campaign> {
    if (!isId(campaign.listId)) throw new Fault("campaign-invalid", missing);
    const of = isMessage(campaign) ? await this.#template(campaign.templateVersionId) : await this.#script(campaign.scriptVersionId);
    const columns = isMessage(campaign) ? messageColumns(campaign, of) : voiceColumns(campaign, of);
    const { name, listId, maxCps, window, defaultTimeZone, retries } = campaign;
    const row = {
      ...{ name, list_id: listId, state: "draft", max_cps: maxCps, default_time_zone: defaultTimeZone, created_at: new Date(this.#clock.now()) },
      window_start_minute: window.startMinute,
      window_end_minute: window.endMinute,
      window_weekdays: JSON.stringify(window.weekdays),
      window_holidays: window.holidays === undefined ? null : [...window.holidays],
      retries: jsonOrNull(retries),
      ...columns,
    };
    const names = Object.keys(row);
    const text = `insert into campaign (${names.join(", ")}) values (${names.map((_, at) => `$${at + 1}`).join(", ")}) returning id::text`;
    try {
      const id = await inTransaction(this.#pool, "create the campaign", async (client) => {
        await knownCalendars(client, [window]);
        return (await client.query<{ id: string }>(text, Object.values(row))).rows[0]?.id;
      });
      const made = await this.find(id ?? "");
      if (!made) throw new Fault("database-fault", `Campaign ${name} was not found after it was written.`);
      return made;
    } catch (error) {
      if (isUniqueViolation(error)) throw new Fault("campaign-exists", `A campaign named ${name} exists already.`, { cause: error });
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
    const move = async (client: pg.PoolClient, people: number) => (await this.#rows(moveSql, [to, starting, people, id, kept], client)).length;
    const moved = starting
      ? await this.#starter.start("$1::bigint", id, move)
      : await inTransaction(this.#pool, "order a campaign", (client) => move(client, 0));
    // When nothing is left in any pass, all of them have ended, also those that were paused.
    if (moved > 0 && to === "finished") await this.#rows(finishedWithSql, [id]);
    // The engines of all nodes go by it from now on.
    if (moved > 0) await keepNow(this.#pool, { state: to });
    return moved > 0;
  }

  async change(id: string, { mode, pacing, maxCps, maxLines, ...parts }: CampaignChange, by: string): Promise<Campaign | undefined> {
    if (!isId(id)) return undefined;
    const values = [id, mode ?? null, pacing ? JSON.stringify(pacing) : null, maxCps ?? null, maxLines ?? null, JSON.stringify(parts)];
    const changed = await inTransaction(this.#pool, "change the campaign", async (client) => {
      if (parts.window) await knownCalendars(client, [parts.window]);
      const rows = await this.#rows(changeSql, [...values, new Date(this.#clock.now()), by], client);
      if (parts.window && rows.length > 0) await releaseHeld(client, { campaign: id }, this.#clock.now());
      return rows;
    });
    return changed.length === 0 ? undefined : await this.find(id);
  }

  async changes(id: string): Promise<readonly PastChange[]> {
    if (!isId(id)) return [];
    const rows = await this.#rows<ChangeRow>(changesSql, [id]);
    return rows.map(({ at, by, before, after }) => ({ at: Number(at), by, before: settingsOf(before), after: settingsOf(after) }));
  }

  async progress(id: string): Promise<CampaignProgress> {
    return await this.#count.of(id);
  }

  async #select(rest: string, values: (string | number)[]): Promise<readonly Campaign[]> {
    return (await this.#rows<CampaignRow>(campaignsWhere(rest), values)).map(toCampaign);
  }

  async #script(versionId: string): Promise<string> {
    return await this.#ownerOf("select script_id::text as owner from script_version where id = ?", versionId);
  }

  async #template(versionId: string): Promise<string> {
    return await this.#ownerOf("select template_id::text as owner from template_version where id = ?", versionId);
  }

  /** Whose version it is. @throws Fault `campaign-invalid` */
  async #ownerOf(text: string, versionId: string): Promise<string> {
    const [row] = isId(versionId) ? await this.#rows<{ owner: string }>(text, [versionId]) : [];
    if (!row) throw new Fault("campaign-invalid", missing);
    return row.owner;
  }

  /** @param text with a `?` for each value */
  async #rows<Row extends object = { id: string }>(
    text: string,
    values: readonly unknown[],
    on: Pick<pg.Pool, "query"> = this.#pool,
  ): Promise<readonly Row[]> {
    let place = 0;
    try {
      return (
        await on.query<Row & pg.QueryResultRow>(
          text.replaceAll("?", () => `$${++place}`),
          [...values],
        )
      ).rows;
    } catch (error) {
      throw databaseFault(error, "read campaigns");
    }
  }
}

function isMessage(campaign: NewVoiceCampaign | NewMessageCampaign): campaign is NewMessageCampaign {
  return campaign.channel !== undefined && campaign.channel !== "voice";
}

function voiceColumns(campaign: NewVoiceCampaign, scriptId: string) {
  const { mode = "ivr", pacing, amd, trunk, callerId, maxLines, ringTimeoutMs, scriptPinned, scriptVersionId } = campaign;
  const script = { script_id: scriptId, script_version_id: scriptPinned ? scriptVersionId : null };
  const way = { trunk, caller_id: callerId, max_lines: maxLines, ring_timeout_ms: ringTimeoutMs };
  return { channel: "voice", ...script, mode, pacing: jsonOrNull(pacing), amd: jsonOrNull(amd), ...way };
}

function messageColumns({ channel, sender, templateVersionId, templatePinned = false }: NewMessageCampaign, templateId: string) {
  return { channel, template_id: templateId, template_version_id: templatePinned ? templateVersionId : null, mode: null, sender };
}

function jsonOrNull(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** Starting says how many people are due, and gives the campaign its pace. */
const moveSql = `
with moved as (
  update campaign c set state = ?, contacts = case when ? then ?::int else c.contacts end where c.id = ? and c.state = ? returning c.id
), paced as (
  insert into pace (campaign_id, next_at, oldest_id) select id, to_timestamp(0), 0 from moved on conflict do nothing
)
select id from moved`;

const finishedWithSql = `
update campaign set state = 'finished' from (select strategy_campaign_id as whole from campaign where id = ?) g
where strategy_campaign_id = g.whole and state in ('running', 'paused')`;
