import type { ChannelName } from "../../../attempt/result.ts";
import type { Rule, RuleVersion } from "../../../compliance/rule.ts";
import type { RuleStore } from "../../../compliance/rule-ports.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { type AccountKind, AccountVersions } from "./account-versions.ts";
import type { Database } from "./change.ts";

const campaignSql = "select exists (select from campaign where name = $1) or exists (select from strategy_campaign where name = $1) as known";

interface Columns {
  readonly name: string;
  readonly expression: string;
  readonly meaning: string;
  readonly channels: readonly ChannelName[];
  readonly campaign: string | null;
  readonly again_after_s: number | null;
}

const rules: AccountKind<Rule, Columns> = {
  noun: "rule",
  columns: ["expression", "meaning", "channels", "campaign", "again_after_s"],
  values: ({ expression, meaning, channels, campaign = null, againAfterS = null }) => [expression, meaning, channels, campaign, againAfterS],
  read: ruleOf,
  key: ({ expression, meaning, channels, campaign = null, againAfterS = null }) =>
    JSON.stringify([expression, meaning, [...channels].sort(), campaign, againAfterS]),
};

/** In the table `account_rule`. */
export class PostgresRuleStore implements RuleStore {
  readonly #versions: AccountVersions<Rule, Columns>;

  constructor(pool: Database, clock: Clock) {
    this.#versions = new AccountVersions(pool, clock, rules);
  }

  async list(): Promise<readonly RuleVersion[]> {
    return await this.#versions.list();
  }

  async history(name: string): Promise<readonly RuleVersion[]> {
    return await this.#versions.history(name);
  }

  async mark(): Promise<string> {
    return await this.#versions.mark();
  }

  async put(rule: Rule, by: string): Promise<{ readonly rule: RuleVersion; readonly fresh: boolean }> {
    const { campaign } = rule;
    const { version, fresh } = await this.#versions.put(rule, by, async (client) => {
      if (campaign === undefined) return;
      const { rows } = await client.query<{ known: boolean }>(campaignSql, [campaign]);
      if (rows[0]?.known !== true) throw new Fault("campaign-unknown", `There is no campaign ${campaign}.`);
    });
    return { rule: version, fresh };
  }

  async remove(name: string, by: string): Promise<boolean> {
    return await this.#versions.remove(name, by);
  }
}

function ruleOf({ name, expression, meaning, channels, campaign, again_after_s: againAfterS }: Columns): Rule {
  return {
    ...{ name, expression, meaning, channels },
    ...(campaign !== null && { campaign }),
    ...(againAfterS !== null && { againAfterS }),
  };
}
