import type pg from "pg";
import { seenSql } from "../adapter/postgres/repository/lookup-run-sql.ts";
import type { Config } from "../config/schema.ts";
import { type Finding, fault, ok } from "./doctor-finding.ts";

/** $1 names of the look-ups of this configuration. */
const goneSql = `
select n.name as lookup, array_agg(distinct c.name order by c.name) as campaigns
from campaign c left join campaign_safeguard g on g.campaign_id = c.id cross join lateral unnest(coalesce(c.lookups, '{}') || coalesce(g.lookups, '{}')) n(name)
where c.state in ('draft', 'running', 'paused') and n.name <> all($1::text[]) and not exists (select from lookup l where l.name = n.name and ${seenSql("l")})
group by n.name order by n.name`;

const told = 5;

/** Look-ups that campaigns want, and nobody can ask. */
export async function examineLookups(client: Pick<pg.Client, "query">, { lookups }: Pick<Config, "lookups">): Promise<readonly Finding[]> {
  const names = lookups.map(({ name }) => name);
  const { rows } = await client.query<{ lookup: string; campaigns: readonly string[] }>(goneSql, [names]);
  if (rows.length === 0) return names.length === 0 ? [] : [ok("look-ups", `${names.join(", ")}; campaigns want no other`)];
  return rows.map(({ lookup, campaigns }) => {
    const more = campaigns.length > told ? ` and ${campaigns.length - told} more` : "";
    return fault(
      `look-up ${lookup}`,
      `wanted by ${campaigns.slice(0, told).join(", ")}${more}, and neither this configuration nor a server that runs has it: they do not start, and are paused`,
      "Put it back under lookups:, or take it out of the campaign's safeguards (carillon campaign safeguards NAME --lookup …) or of the strategy's pass.",
    );
  });
}
