import type pg from "pg";
import { type DeskRules, defaultDeskRules } from "../../../agent/desk-rules.ts";
import type { CampaignDesks } from "../../../agent/preview-ports.ts";
import { databaseFault } from "../faults.ts";
import type { Database } from "./change.ts";
import { idOr0 } from "./id.ts";

/** What agents may do in each campaign, in the table `campaign_desk`. */
export class PostgresCampaignDeskStore implements CampaignDesks {
  readonly #pool: Database;

  constructor(pool: Database) {
    this.#pool = pool;
  }

  async rules(campaignId: string): Promise<DeskRules> {
    const [row] = await this.#rows<{ rules: DeskRules }>("select rules from campaign_desk where campaign_id = $1", [idOr0(campaignId)]);
    return { ...defaultDeskRules, ...row?.rules };
  }

  async setRules(campaignId: string, rules: DeskRules | undefined): Promise<void> {
    if (rules === undefined) await this.#rows("delete from campaign_desk where campaign_id = $1", [idOr0(campaignId)]);
    else
      await this.#rows(
        `insert into campaign_desk (campaign_id, rules, changed_at) values ($1, $2, clock_timestamp())
         on conflict (campaign_id) do update set rules = excluded.rules, changed_at = excluded.changed_at`,
        [idOr0(campaignId), JSON.stringify(rules)],
      );
  }

  async groupFor(agentId: string, campaignId: string): Promise<string | undefined> {
    const [row] = await this.#rows<{ id: string }>(
      `select m.group_id::text as id from membership m join group_campaign gc on gc.group_id = m.group_id
       where m.agent_id = $1 and gc.campaign_id = $2 order by m.priority, m.group_id limit 1`,
      [idOr0(agentId), idOr0(campaignId)],
    );
    return row?.id;
  }

  async callbackDone(callbackId: string, agentId: string): Promise<void> {
    const text = "update callback set state = 'done', ended_at = clock_timestamp() where id = $1 and state = 'taken' and taken_by = $2";
    await this.#rows(text, [idOr0(callbackId), idOr0(agentId)]);
  }

  async #rows<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "keep what agents may do");
    }
  }
}
