import { type Result, resultNames } from "../../../attempt/result.ts";
import type { Grouping } from "../../../report/ports.ts";
import { unfinishedAttemptsSql } from "./unfinished-sql.ts";

/** The column of each result in `report_count`. */
export const resultColumns: readonly (readonly [Result, string])[] = resultNames.map((result) => [result, result.replaceAll("-", "_")]);
/** What is measured of calls, first and second legs alike. */
export const secondLegColumns = ["answered", "talk_ms", "charged_1_1", "charged_6_6", "charged_30_6", "charged_60_1", "charged_60_60"] as const;
export const measuredColumns = [...secondLegColumns, "parts", "people"] as const;
const columns = [...resultColumns.map(([, column]) => column), ...measuredColumns];

/** What was appended, in the form of `report_count`. */
const wide = resultColumns.map(([result, column]) => `case when result = '${result}' then n else 0 end as ${column}`).join(", ");

/**
 * The campaigns of a scope. $1 campaign, $2 strategy campaign, $3 list, $4 group, $5 groups; each may be null.
 */
export const campaignsSql = `
select c.id::text, c.name, c.state, c.channel, c.list_id::text as "listId" from campaign c
where ($1::bigint is null or c.id = $1) and ($2::bigint is null or c.strategy_campaign_id = $2) and ($3::bigint is null or c.list_id = $3)
  and ($4::bigint is null or exists (select from group_campaign g where g.group_id = $4 and g.campaign_id = c.id))
  and ($5::bigint[] is null or exists (select from group_campaign g where g.group_id = any($5::bigint[]) and g.campaign_id = c.id))
order by c.id`;

const half = "cardinality($5::float8[]) / 2";
/** By the clocks of the zone: see zone-offsets.ts for $5. */
const at = `(x.at at time zone 'UTC') + interval '1 minute' * ($5::float8[])[${half} + width_bucket(extract(epoch from x.at)::float8, ($5::float8[])[1:${half}])]`;
/** What is added up under one key; days and the like begin when the clocks of the zone say so. The two hours of the night in which clocks are set back are told apart by their offset. */
const keys: Readonly<Record<Grouping, string>> = {
  all: "''",
  campaign: "x.campaign_id::text",
  list: "coalesce((select list_id::text from campaign k where k.id = x.campaign_id), '')",
  // A campaign counts for each group that works for it.
  group: "coalesce(g.group_id::text, '')",
  agent: "x.agent_id::text",
  channel: "x.channel",
  // The greater offset comes first.
  hour: `to_char(${at}, 'YYYY-MM-DD"T"HH24') || ' ' || lpad((1440 - extract(epoch from (${at}) - (x.at at time zone 'UTC')) / 60)::int::text, 4, '0')`,
  day: `to_char(${at}, 'YYYY-MM-DD')`,
  week: `to_char(date_trunc('week', ${at}), 'YYYY-MM-DD')`,
  month: `to_char(${at}, 'YYYY-MM')`,
};

/** Lateral to `x`, where it is added up by the groups that work for its campaign. */
function groupsOf(by: Grouping): string {
  return by === "group" ? "left join group_campaign g on g.campaign_id = x.campaign_id" : "";
}

/** $1 from, $2 to, $3 campaigns or null, $4 channel or null, $5 offsets of the zone */
const inScope =
  "at >= $1 and at < $2 and ($3::bigint[] is null or campaign_id = any($3::bigint[])) and ($4::text is null or channel = $4) and $5::float8[] is not null";

/** Whose is told apart: nobody's, those of one agent, or of each, and of nobody. */
export type Whose = "all" | "one" | "each";

/** $6 agent or null, $7 groups whose members alone it is about, or null: what is nobody's has no group. */
const inAgents = `($6::bigint is null or x.agent_id = $6)
  and ($7::bigint[] is null or x.agent_id = 0 or x.agent_id in (select agent_id from membership where group_id = any($7::bigint[])))`;

const dimensions = "campaign_id, via, at, channel, inbound";
const counted = (from: string, agentId: string, sign = "") =>
  `select ${dimensions}, ${agentId} as agent_id, ${columns.map((column) => `${sign}${column} as ${column}`).join(", ")} from ${from} where ${inScope}`;
const notFolded = `
    select ${dimensions}, coalesce(agent_id, 0) as agent_id, ${wide}, ${measuredColumns.map((column) => `coalesce(${column}, 0)`).join(", ")} from report_delta where ${inScope}`;
/** What is nobody's is all less what is somebody's: so the rows by agent add up to what there is. */
const countsOf: Readonly<Record<Whose, readonly string[]>> = {
  all: [counted("report_count", "0"), notFolded],
  one: [counted("report_agent_count", "agent_id"), `${notFolded} and agent_id is not null`],
  each: [counted("report_count", "0"), counted("report_agent_count", "agent_id"), counted("report_agent_count", "0", "-"), notFolded],
};

/**
 * Attempts by key, channel and direction, and by trunk, bind or pool where that is wanted. First by what costs no calculation: the keys of days are made once for each quarter of an hour that is left.
 * Added up as floating numbers, which are exact up to 2^53: PostgreSQL adds bigints up as numeric, at many times the price.
 */
export function countsSql(by: Grouping, whose: Whose, perVia: boolean): string {
  const sums = columns.map((column) => `sum(${column}) as ${column}`).join(", ");
  const inner = by === "campaign" || by === "list" || by === "group" ? "campaign_id" : "0::bigint as campaign_id";
  const via = perVia ? "via" : "''::text as via";
  const stretch = ["hour", "day", "week", "month"].includes(by) ? "at" : "null::timestamptz as at";
  const agent = whose === "all" ? "0::bigint as agent_id" : "agent_id";
  return `
select ${keys[by]} as key, x.channel, x.inbound, x.via, ${sums}
from (
  select ${inner}, ${via}, ${stretch}, ${agent}, channel, inbound, ${columns.map((column) => `sum(${column}::float8) as ${column}`).join(", ")}
  from (${countsOf[whose].join(" union all ")}) c group by 1, 2, 3, 4, 5, 6
) x ${groupsOf(by)} ${whose === "all" ? "" : `where ${inAgents}`} group by 1, 2, 3, 4 order by 1, 2, 3, 4`;
}

const wordColumns = "kind, campaign_id, channel, word, unit, at, n, amount";
/** What is appended to a call that goes on is that of whoever has it by now. */
const settledAgent =
  "case when attempt_id is null then agent_id else coalesce((select a.agent_id from attempt a where a.id = attempt_id), 0) end as agent_id";
/** @param rows words with all their columns: whose those of calls that go on are by now */
export const settledWordsSql = (rows: string) => `(select ${wordColumns}, ${settledAgent} from ${rows})`;
/** $8 kinds. */
const ofKinds = `kind = any($8::text[]) and ${inScope}`;
const wordsOf = {
  all: [`select ${wordColumns}, 0 as agent_id from report_word where ${ofKinds}`, `select ${wordColumns}, 0 from report_word_delta where ${ofKinds}`],
  each: [
    `select ${wordColumns}, agent_id from report_word where ${ofKinds}`,
    `select ${wordColumns}, agent_id from report_agent_word where ${ofKinds}`,
    `select kind, campaign_id, channel, word, unit, at, -n, -amount, 0 from report_agent_word where ${ofKinds}`,
    `select ${wordColumns}, ${settledAgent} from report_word_delta where ${ofKinds}`,
  ],
};

/** Also $8 kinds. */
export function wordsSql(by: Grouping, whose: Whose): string {
  return `
select ${keys[by]} as key, x.kind, x.channel, x.word, x.unit, x.campaign_id <> 0 as attributed, sum(x.n)::float8 as count, sum(x.amount)::float8 as amount
from (${(whose === "all" ? wordsOf.all : wordsOf.each).join(" union all ")}) x ${groupsOf(by)}
where ${inAgents}
group by 1, 2, 3, 4, 5, 6 having sum(x.n) <> 0 order by 1, 2, 3, 4, 5, 6`;
}

/**
 * $1 from, $2 to, $3 campaigns or null, $4 group or null, $5 agent or null, $6 groups or null. The state that goes on is in no counter yet.
 */
export const agentTimesSql = `
with spent as (
  select agent_id, state, campaign_id, ms, n from report_agent where at >= $1 and at < $2
  union all
  select d.agent_id, l.state, coalesce((select coalesce(campaign_id, inbound_campaign_id) from attempt a where a.id = l.attempt_id), 0),
    (extract(epoch from least(clock_timestamp(), $2::timestamptz) - greatest(l.at, $1::timestamptz)) * 1000)::bigint, case when l.at >= $1 then 1 else 0 end
  from agent_desk d cross join lateral (select state, at, attempt_id from agent_log where agent_id = d.agent_id order by at desc, id desc limit 1) l
  where l.state <> 'logged-out' and l.at < $2 and least(clock_timestamp(), $2::timestamptz) > greatest(l.at, $1::timestamptz)
)
select a.id::text as "agentId", a.name, s.state, sum(s.ms)::float8 as ms, sum(s.n)::float8 as times
from spent s join agent a on a.id = s.agent_id
where ($3::bigint[] is null or s.campaign_id = any($3::bigint[])) and ($5::bigint is null or a.id = $5)
  and ($4::bigint is null or exists (select from membership m where m.group_id = $4 and m.agent_id = a.id))
  and ($6::bigint[] is null or exists (select from membership m where m.group_id = any($6::bigint[]) and m.agent_id = a.id))
group by a.id, a.name, s.state order by a.name, s.state`;

/** $1 campaigns. As the pacers keep it. */
export const abandonmentSql = `
select c.id::text as "campaignId", c.name, d.answers as day_answers, d.abandoned as day_abandoned, m.answers as month_answers, m.abandoned as month_abandoned
from unnest($1::bigint[]) given(id) join campaign c on c.id = given.id
cross join lateral (select coalesce(sum(answers), 0)::int as answers, coalesce(sum(abandoned), 0)::int as abandoned from live_answer
  where campaign_id = c.id and span = 'day' and from_at > clock_timestamp() - interval '24 hours 5 minutes') d
cross join lateral (select coalesce(sum(answers), 0)::int as answers, coalesce(sum(abandoned), 0)::int as abandoned from live_answer
  where campaign_id = c.id and span = 'month' and from_at > clock_timestamp() - interval '30 days 1 hour') m
where m.answers > 0 or d.answers > 0 order by c.name`;

/** $1 campaigns, $2 agent or null. */
export const underWaySql = `
select given.id::text as "campaignId", (select count(*)::int from ${unfinishedAttemptsSql("given.id")} u where $2::bigint is null or u.agent_id = $2) as "underWay"
from unnest($1::bigint[]) given(id)`;

const added = (column: string) => `${column} = c.${column} + excluded.${column}`;

const sumsOfResults = resultColumns.map(([result]) => `coalesce(sum(n) filter (where result = '${result}'), 0)`).join(", ");
const sumsOfMeasured = measuredColumns.map((column) => `coalesce(sum(${column}), 0)`).join(", ");

/** Takes those into a table of counters. */
const foldCountsInto = (table: string, key: string, where: string) => `
  insert into ${table} as c (${key}, ${columns.join(", ")})
  select ${key}, ${sumsOfResults}, ${sumsOfMeasured} from taken ${where} group by ${key}
  on conflict (${key}) do update set ${columns.map(added).join(", ")}`;

/** $1 how many at most. */
export const foldCountsSql = `
with taken as (
  delete from report_delta where id = any(array(select id from report_delta order by id limit $1)) returning *
), folded as (${foldCountsInto("report_count", "at, campaign_id, channel, inbound, via", "")}
), of_agents as (${foldCountsInto("report_agent_count", "at, agent_id, campaign_id, channel, inbound, via", "where agent_id is not null")}
)
select count(*)::int as taken from taken`;

const foldWordsInto = (table: string, agentId: string, where: string) => `
  insert into ${table} as c (kind, at, campaign_id, channel, agent_id, word, unit, n, amount)
  select kind, at, campaign_id, channel, ${agentId}, word, unit, sum(n), sum(amount) from settled ${where} group by 1, 2, 3, 4, 5, 6, 7
  on conflict (kind, at, campaign_id, channel, agent_id, word, unit) do update set n = c.n + excluded.n, amount = c.amount + excluded.amount`;

/** $1 how many at most. What is of a call that goes on stays where it is until that has ended. */
export const foldWordsSql = `
with taken as (
  delete from report_word_delta where id = any(array(
    select d.id from report_word_delta d
    where d.attempt_id is null or not exists (select from attempt a where a.id = d.attempt_id and a.state <> 'ended') order by d.id limit $1)) returning *
), settled as materialized (
  select kind, at, campaign_id, channel, word, unit, n, amount, ${settledAgent} from taken
), folded as (${foldWordsInto("report_word", "case when kind = 'disposition' then agent_id else 0 end", "")}
), of_agents as (${foldWordsInto("report_agent_word", "agent_id", "where kind <> 'disposition' and agent_id <> 0")}
)
select count(*)::int as taken from taken`;

/** $1 campaigns: how many stand on the list of each. */
export const listedSql = `
select c.id::text as id, l.contacts from campaign c join list l on l.id = c.list_id where c.id = any($1::bigint[])`;

/** Parameters as those of attempts by agent. */
export function secondLegsSql(by: Grouping): string {
  return `
select ${keys[by]} as key, x.trunk as via, ${secondLegColumns.map((column) => `sum(${column}::float8) as ${column}`).join(", ")}
from (select * from (select *, 'voice' as channel from report_second_leg) l where ${inScope}) x ${groupsOf(by)}
where ${inAgents}
group by 1, 2 order by 1, 2`;
}
