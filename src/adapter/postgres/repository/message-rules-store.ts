import type pg from "pg";
import type { MessageRules, MessageRulesStore } from "../../../attempt/message-rules-ports.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { databaseFault } from "../faults.ts";
import type { Database } from "./change.ts";
import { idOr0 } from "./id.ts";

/** They are asked for with every message; what an administrator changes holds soon enough. */
const keptForMs = 2000;
/** Campaigns at once, at most. */
const mostKept = 1000;

/** What campaigns that write have of their own, in the table `campaign_message`. */
export class PostgresMessageRules implements MessageRulesStore {
  readonly #pool: Database;
  readonly #clock: Clock;
  readonly #kept = new Map<string, { readonly until: number; readonly rules: Promise<MessageRules> }>();

  constructor(pool: Database, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  rules(campaignId: string): Promise<MessageRules> {
    const now = this.#clock.now();
    const known = this.#kept.get(campaignId);
    if (known && known.until > now) return known.rules;
    if (this.#kept.size >= mostKept) this.#kept.clear();
    const rules = this.#read(campaignId);
    this.#kept.set(campaignId, { until: now + keptForMs, rules });
    // What could not be read is read again.
    rules.catch(() => this.#kept.delete(campaignId));
    return rules;
  }

  async setRules(campaignId: string, rules: MessageRules | undefined): Promise<void> {
    if (rules === undefined) await this.#rows("delete from campaign_message where campaign_id = $1", [idOr0(campaignId)]);
    else
      await this.#rows(
        `insert into campaign_message (campaign_id, rules, changed_at) values ($1, $2, clock_timestamp())
         on conflict (campaign_id) do update set rules = excluded.rules, changed_at = excluded.changed_at`,
        [idOr0(campaignId), JSON.stringify(rules)],
      );
    this.#kept.delete(campaignId);
  }

  async #read(campaignId: string): Promise<MessageRules> {
    const [row] = await this.#rows<{ rules: MessageRules }>("select rules from campaign_message where campaign_id = $1", [idOr0(campaignId)]);
    return row?.rules ?? {};
  }

  async #rows<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "keep what a campaign says of its messages");
    }
  }
}
