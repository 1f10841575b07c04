import type pg from "pg";
import type { ChannelName } from "../../../attempt/result.ts";
import type { Rule, RuleVersion } from "../../../compliance/rule.ts";
import type { RuleStore } from "../../../compliance/rule-ports.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { databaseFault } from "../faults.ts";
import { type Database, keepNow } from "./change.ts";
import { timeSql } from "./suppressed.ts";
import { inTransaction } from "./transaction.ts";

const columns = "id, name, version, expression, meaning, channels, campaign, again_after_s, removed, changed_at, changed_by";
const newestSql = `select distinct on (name) ${columns} from account_rule`;
const listSql = `select * from (${newestSql} order by name, version desc) newest where not removed order by name`;
const oneSql = `${newestSql} where name = $1 order by name, version desc`;
const historySql = `select ${columns} from account_rule where name = $1 order by version desc`;
const addSql = `
insert into account_rule (name, version, expression, meaning, channels, campaign, again_after_s, removed, changed_at, changed_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, ${timeSql("$9")}, $10) returning ${columns}`;
/** Of those who change a rule of one name one comes after the other. */
const lockSql = "select pg_advisory_xact_lock(hashtextextended('account rule ' || $1, 0))";
const campaignSql = "select exists (select from campaign where name = $1) or exists (select from strategy_campaign where name = $1) as known";

interface Row {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly expression: string;
  readonly meaning: string;
  readonly channels: readonly ChannelName[];
  readonly campaign: string | null;
  readonly again_after_s: number | null;
  readonly removed: boolean;
  readonly changed_at: Date;
  readonly changed_by: string;
}

/** In the table `account_rule`. */
export class PostgresRuleStore implements RuleStore {
  readonly #pool: Database;
  readonly #clock: Clock;

  constructor(pool: Database, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  async list(): Promise<readonly RuleVersion[]> {
    return (await this.#rows<Row>(listSql, [])).map(versionOf);
  }

  async history(name: string): Promise<readonly RuleVersion[]> {
    return (await this.#rows<Row>(historySql, [name])).map(versionOf);
  }

  async mark(): Promise<string> {
    const [row] = await this.#rows<{ mark: string }>("select coalesce(max(id), 0)::text as mark from account_rule", []);
    return row?.mark ?? "0";
  }

  async put(rule: Rule, by: string): Promise<{ readonly rule: RuleVersion; readonly fresh: boolean }> {
    const kept = await inTransaction(this.#pool, "keep a rule", async (client) => {
      const last = await newest(client, rule.name);
      if (last !== undefined && !last.removed && sameRule(last, rule)) return { rule: last, fresh: false };
      if (rule.campaign !== undefined) {
        const { rows } = await client.query<{ known: boolean }>(campaignSql, [rule.campaign]);
        if (rows[0]?.known !== true) throw new Fault("campaign-unknown", `There is no campaign ${rule.campaign}.`);
      }
      return { rule: await this.#add(client, rule, { version: (last?.version ?? 0) + 1, removed: false, by }), fresh: true };
    });
    // The books of the nodes read it in the next moment.
    await keepNow(this.#pool, kept.rule);
    return kept;
  }

  async remove(name: string, by: string): Promise<boolean> {
    const removed = await inTransaction(this.#pool, "take a rule away", async (client) => {
      const last = await newest(client, name);
      if (last === undefined || last.removed) return false;
      await this.#add(client, last, { version: last.version + 1, removed: true, by });
      return true;
    });
    if (removed) await keepNow(this.#pool);
    return removed;
  }

  async #add(client: pg.PoolClient, rule: Rule, { version, removed, by }: { version: number; removed: boolean; by: string }): Promise<RuleVersion> {
    const { name, expression, meaning, channels, campaign = null, againAfterS = null } = rule;
    const values = [name, version, expression, meaning, channels, campaign, againAfterS, removed, this.#clock.now(), by];
    const { rows } = await client.query<Row>(addSql, values);
    const [row] = rows;
    if (row === undefined) throw new Fault("database-fault", "A rule was written and is not there.");
    return versionOf(row);
  }

  async #rows<T extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<readonly T[]> {
    try {
      return (await this.#pool.query<T>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "read the account's rules");
    }
  }
}

async function newest(client: pg.PoolClient, name: string): Promise<RuleVersion | undefined> {
  await client.query(lockSql, [name]);
  const { rows } = await client.query<Row>(oneSql, [name]);
  return rows[0] && versionOf(rows[0]);
}

function sameRule(one: Rule, other: Rule): boolean {
  const key = ({ expression, meaning, channels, campaign, againAfterS }: Rule) =>
    JSON.stringify([expression, meaning, [...channels].sort(), campaign ?? null, againAfterS ?? null]);
  return key(one) === key(other);
}

function versionOf({ campaign, again_after_s: againAfterS, changed_at: changedAt, changed_by: changedBy, ...row }: Row): RuleVersion {
  const { name, version, expression, meaning, channels, removed } = row;
  return {
    ...{ name, version, expression, meaning, channels, removed, changedAt: changedAt.getTime(), changedBy },
    ...(campaign !== null && { campaign }),
    ...(againAfterS !== null && { againAfterS }),
  };
}
