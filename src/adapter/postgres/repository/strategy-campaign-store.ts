import type pg from "pg";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { type CampaignOrder, type CampaignState, keptStates, stateAfter } from "../../../strategy/campaign.ts";
import type { CampaignStore, NewMessageCampaign, NewVoiceCampaign } from "../../../strategy/ports.ts";
import type { StrategyCampaign } from "../../../strategy/strategy-campaign.ts";
import type { NewPass, NewStrategyCampaign, PassProgress, StrategyCampaignStore, VersionChange } from "../../../strategy/strategy-campaign-ports.ts";
import { databaseFault, isForeignKeyViolation, isUniqueViolation } from "../faults.ts";
import { knownCalendars } from "./calendar-store.ts";
import { copyWholeSql } from "./campaign-copy-sql.ts";
import type { CampaignStarter } from "./campaign-starter.ts";
import { type Database, keepNow } from "./change.ts";
import { idOr0, isId } from "./id.ts";
import { releaseHeld } from "./release-sql.ts";
import { changeSql, createSql, firstPassSql, orderSql, strategyCampaignsWhere } from "./strategy-campaign-sql.ts";
import { inTransaction } from "./transaction.ts";

/** Strategies that are carried out. */
export class PostgresStrategyCampaignStore implements StrategyCampaignStore {
  readonly #pool: Database;
  readonly #clock: Clock;
  readonly #campaigns: Pick<CampaignStore, "progress">;
  readonly #starter: CampaignStarter;

  constructor(pool: Database, clock: Clock, campaigns: Pick<CampaignStore, "progress">, starter: CampaignStarter) {
    this.#pool = pool;
    this.#starter = starter;
    this.#clock = clock;
    this.#campaigns = campaigns;
  }

  async create({ name, listId, strategyVersionId, first, defaultTimeZone, passes }: NewStrategyCampaign): Promise<StrategyCampaign> {
    const rows = JSON.stringify(passes.map(rowOf));
    const values = [name, idOr0(listId), strategyVersionId, first, defaultTimeZone, this.#clock.now(), rows];
    const windows = passes.map(({ campaign: { window } }) => window);
    const [made] = await this.#made(name, createSql, values, windows);
    const campaign = made && (await this.find(made.id));
    if (!campaign) throw new Fault("database-fault", `Campaign ${name} was not found after it was written.`);
    return campaign;
  }

  async copy(id: string, name: string, passes: readonly string[], listId?: string): Promise<StrategyCampaign | undefined> {
    const [made] = await this.#made(name, copyWholeSql, [idOr0(id), name, listId === undefined ? null : idOr0(listId), this.#clock.now(), passes]);
    return made && (await this.find(made.id));
  }

  async find(id: string): Promise<StrategyCampaign | undefined> {
    return (await this.#select("where g.id = $1", [idOr0(id)]))[0];
  }

  async findByName(name: string): Promise<StrategyCampaign | undefined> {
    return (await this.#select("where g.name = $1", [name]))[0];
  }

  async list({ limit, afterId }: { readonly limit: number; readonly afterId?: string }): Promise<readonly StrategyCampaign[]> {
    return await this.#select("where g.id > $1 order by g.id limit $2", [idOr0(afterId ?? ""), limit]);
  }

  async passes(id: string): Promise<Readonly<Record<string, string>>> {
    const text = "select pass, id::text from campaign where strategy_campaign_id = $1 and state not in ('stopping', 'stopped')";
    const rows = await this.#rows<{ pass: string; id: string }>("read passes", text, [idOr0(id)]);
    return Object.fromEntries(rows.map((row) => [row.pass, row.id]));
  }

  async order(id: string, order: CampaignOrder): Promise<number> {
    const from = new Map<CampaignState, CampaignState[]>();
    for (const state of keptStates) {
      const to = stateAfter(state, order);
      if (to !== undefined) from.set(to, [...(from.get(to) ?? []), state]);
    }
    let moved = 0;
    for (const [to, states] of from) {
      const move = async (client: pg.PoolClient, people: number) =>
        (await client.query(orderSql, [idOr0(id), states, to, order === "start", people])).rows.length;
      moved +=
        order === "start"
          ? await this.#starter.start(firstPassSql, idOr0(id), move)
          : await inTransaction(this.#pool, `${order} the campaign`, (client) => move(client, 0));
    }
    // The engines of all nodes go by it from now on.
    if (moved > 0) await keepNow(this.#pool);
    return moved;
  }

  async change(id: string, { strategyVersionId, first, passes }: Pick<NewStrategyCampaign, "strategyVersionId" | "first" | "passes">, by: string) {
    const before = await this.find(id);
    if (!before) return undefined;
    const state = before.state === "running" || before.state === "paused" ? before.state : "draft";
    const values = [id, strategyVersionId, first, this.#clock.now(), by, JSON.stringify(passes.map(rowOf)), state];
    await inTransaction(this.#pool, "change the campaign", async (client) => {
      await knownCalendars(
        client,
        passes.map(({ campaign: { window } }) => window),
      );
      await client.query(changeSql, values);
      await releaseHeld(client, { whole: id }, this.#clock.now());
    });
    const changed = await this.find(id);
    await keepNow(this.#pool, changed);
    return changed;
  }

  async changes(id: string): Promise<readonly VersionChange[]> {
    const text = `select floor(extract(epoch from at) * 1000)::float8 as at, by_whom as by, before_version_id::text as "beforeVersionId", after_version_id::text as "afterVersionId"
      from strategy_campaign_change where strategy_campaign_id = $1 order by id limit 500`;
    return await this.#rows<VersionChange & pg.QueryResultRow>("read changes", text, [idOr0(id)]);
  }

  async progress(id: string): Promise<readonly PassProgress[]> {
    const text = `select id::text, pass, state from campaign where strategy_campaign_id = $1 order by campaign.id`;
    const rows = await this.#rows<{ id: string; pass: string; state: CampaignState }>("read passes", text, [idOr0(id)]);
    return await Promise.all(
      rows.map(async (row) => ({ campaignId: row.id, pass: row.pass, state: row.state, progress: await this.#campaigns.progress(row.id) })),
    );
  }

  /** @throws Fault `campaign-exists`, `campaign-invalid` */
  async #made(
    name: string,
    text: string,
    values: unknown[],
    windows: Parameters<typeof knownCalendars>[1] = [],
  ): Promise<readonly { readonly id: string }[]> {
    try {
      return await inTransaction(this.#pool, "create the campaign", async (client) => {
        await knownCalendars(client, windows);
        return (await client.query<{ id: string }>(text, values)).rows;
      });
    } catch (error) {
      if (isUniqueViolation(error))
        throw new Fault("campaign-exists", `There is a campaign named ${name} already, or one named as one of its passes would be.`, {
          cause: error,
        });
      if (isForeignKeyViolation(error)) throw new Fault("campaign-invalid", "Its list does not exist.", { cause: error });
      throw databaseFault(error, "create the campaign");
    }
  }

  async #select(rest: string, values: unknown[]): Promise<readonly StrategyCampaign[]> {
    return await this.#rows<StrategyCampaign & pg.QueryResultRow>("read campaigns", strategyCampaignsWhere(rest), values);
  }

  async #rows<Row extends pg.QueryResultRow>(doing: string, text: string, values: unknown[]): Promise<Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, doing);
    }
  }
}

/** One row of the statements' JSON; the names are those of the columns. */
function rowOf({ campaign, pass, addressKinds, order, lookups, laws }: NewPass) {
  const { name, window, maxCps, defaultTimeZone } = campaign;
  return {
    ...{ name, pass, max_cps: maxCps, default_time_zone: defaultTimeZone, address_kinds: addressKinds, contact_order: order, lookups, laws },
    ...{
      window_start_minute: window.startMinute,
      window_end_minute: window.endMinute,
      window_weekdays: window.weekdays,
      window_holidays: window.holidays,
    },
    ...(isMessage(campaign) ? messageRow(campaign) : voiceRow(campaign)),
  };
}

function isMessage(campaign: NewVoiceCampaign | NewMessageCampaign): campaign is NewMessageCampaign {
  return campaign.channel === "sms" || campaign.channel === "email";
}

function voiceRow({ scriptVersionId, scriptPinned = false, mode = "ivr", pacing, amd, trunk, callerId, maxLines, ringTimeoutMs }: NewVoiceCampaign) {
  if (!isId(scriptVersionId)) throw new Fault("campaign-invalid", "The version of its script does not exist.");
  const line = { trunk, caller_id: callerId, max_lines: maxLines, ring_timeout_ms: ringTimeoutMs };
  return { channel: "voice", script_version_id: scriptVersionId, pinned: scriptPinned, mode, pacing, amd, ...line };
}

function messageRow({ channel, templateVersionId, templatePinned = false, sender }: NewMessageCampaign) {
  if (!isId(templateVersionId)) throw new Fault("campaign-invalid", "The version of its template does not exist.");
  return { channel, template_version_id: templateVersionId, pinned: templatePinned, sender };
}
