import type pg from "pg";
import type { GroupReader } from "../../../access/ports.ts";
import type { ScopeKind } from "../../../access/route-rule.ts";
import { databaseFault } from "../faults.ts";
import { isId } from "./id.ts";

const ofGroups = "gc.group_id = any($1::bigint[])";

/** $1 groups, $2 ids. Each gives the ids among them that belong to one of the groups. */
const visibleSql: Readonly<Record<ScopeKind, string>> = {
  group: "select id::text from agent_group where id = any($1::bigint[]) and id = any($2::bigint[])",
  agent: "select distinct agent_id::text as id from membership where group_id = any($1::bigint[]) and agent_id = any($2::bigint[])",
  campaign: `select distinct gc.campaign_id::text as id from group_campaign gc where ${ofGroups} and gc.campaign_id = any($2::bigint[])`,
  "strategy-campaign": `select distinct c.strategy_campaign_id::text as id from group_campaign gc join campaign c on c.id = gc.campaign_id
    where ${ofGroups} and c.strategy_campaign_id = any($2::bigint[])`,
  list: `select distinct c.list_id::text as id from group_campaign gc join campaign c on c.id = gc.campaign_id where ${ofGroups} and c.list_id = any($2::bigint[])`,
  // Who has left every list is shown to nobody that is limited to groups.
  contact: `select p.id::text from contact p where p.id = any($2::bigint[])
    and exists (select from group_campaign gc join campaign c on c.id = gc.campaign_id where ${ofGroups} and c.list_id = p.list_id)`,
  attempt: `select t.id::text from attempt t where t.id = any($2::bigint[])
    and exists (select from group_campaign gc where ${ofGroups} and gc.campaign_id = coalesce(t.campaign_id, t.inbound_campaign_id))`,
  callback: `select k.id::text from callback k where k.id = any($2::bigint[])
    and exists (select from group_campaign gc where ${ofGroups} and gc.campaign_id = k.campaign_id)`,
};

export class PostgresGroupReader implements GroupReader {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async visible(groupIds: readonly string[], kind: ScopeKind, ids: readonly string[]): Promise<ReadonlySet<string>> {
    return await this.#ids(visibleSql[kind], [groupIds.filter(isId), ids.filter(isId)]);
  }

  async known(groupIds: readonly string[]): Promise<ReadonlySet<string>> {
    return await this.#ids("select id::text from agent_group where id = any($1::bigint[])", [groupIds.filter(isId)]);
  }

  async #ids(text: string, values: readonly (readonly string[])[]): Promise<ReadonlySet<string>> {
    if (values.some((each) => each.length === 0)) return new Set();
    try {
      const { rows } = await this.#pool.query<{ readonly id: string }>(
        text,
        values.map((each) => [...each]),
      );
      return new Set(rows.map(({ id }) => id));
    } catch (error) {
      throw databaseFault(error, "look what belongs to a group");
    }
  }
}
