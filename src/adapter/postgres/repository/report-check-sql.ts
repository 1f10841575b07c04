import { agentsNowSql, wordColumns } from "../migration/report-log.ts";
import { wordsNowSql } from "../migration/report-opt-outs.ts";
import { countsNowSql, deltaColumns } from "../migration/report-people.ts";
import { countColumns as legColumns, secondLegsNowSql } from "../migration/second-legs.ts";
import { measuredColumns, resultColumns, secondLegColumns } from "./report-counts-sql.ts";

/*
 * What the counters say and what the log says, side by side. Each is (key, counted, logged), of which those that differ are wanted.
 */

const countsNow = `(select * from (${countsNowSql}) t (${deltaColumns}))`;
const wordsNow = `(select * from (${wordsNowSql}) t (${wordColumns}))`;
const agentsNow = `(select * from (${agentsNowSql}) t (at, agent_id, state, campaign_id, ms, n))`;

const legsNow = `(select * from (${secondLegsNowSql}) t (${legColumns}))`;

const unpivoted = [...resultColumns.map(([result, column]) => [result, column]), ...measuredColumns.map((column) => [column, column])]
  .map(([what, column]) => `('${what}', ${column}::numeric)`)
  .join(", ");
const measured = measuredColumns.map((column) => `('${column}', coalesce(${column}, 0)::numeric)`).join(", ");
/** Attempts and what was measured of them, from rows that have a result each. */
const long = (rows: string) => `
  select campaign_id, inbound, channel, via, at, v.what, v.n from ${rows} r cross join lateral (values (result, n::numeric), ${measured}) v(what, n)`;

const longLegs = (rows: string) => `
  select campaign_id, trunk, kind, at, v.what, v.n from ${rows} r cross join lateral (values ${secondLegColumns.map((column) => `('${column}', ${column}::numeric)`).join(", ")}) v(what, n)`;

/** $1 how many at most. */
const compared = (counted: string, logged: string, key: string, difference: string) => `
with counted as (${counted}), logged as (${logged}), both_sides as (
  select key, sum(c) as counted, sum(l) as logged from (
    select ${key} as key, n as c, 0 as l from counted x
    union all select ${key}, 0, n from logged x) s
  group by key
)
select (select count(*)::int from both_sides) as compared, d.key, d.counted::float8, d.logged::float8
from (select 1) one left join lateral (select * from both_sides where ${difference} order by key limit $1) d on true`;

const stamp = `to_char(x.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"')`;

export const checks = {
  attempts: compared(
    `select campaign_id, inbound, channel, via, at, v.what, v.n from report_count r cross join lateral (values ${unpivoted}) v(what, n)
     union all ${long("report_delta")}`,
    long(countsNow),
    `concat_ws(' ', ${stamp}, 'campaign ' || x.campaign_id, x.channel, case when x.inbound then 'from outside' end, nullif(x.via, ''), x.what)`,
    "counted <> logged",
  ),
  words: compared(
    `select kind, campaign_id, channel, agent_id, word, unit, at, v.what, v.n from (
       select kind, campaign_id, channel, agent_id, word, unit, at, n, amount from report_word
       union all select kind, campaign_id, channel, agent_id, word, unit, at, n, amount from report_word_delta) r
     cross join lateral (values ('count', n::numeric), ('amount', amount::numeric)) v(what, n)`,
    `select kind, campaign_id, channel, agent_id, word, unit, at, v.what, v.n from ${wordsNow} r
     cross join lateral (values ('count', n::numeric), ('amount', amount::numeric)) v(what, n)`,
    `concat_ws(' ', ${stamp}, 'campaign ' || x.campaign_id, x.channel, x.kind, x.word, nullif(x.unit, ''), x.what)`,
    // Amounts are floating: the order in which they are added shows in the last digits.
    "abs(counted - logged) > 0.005",
  ),
  agents: compared(
    "select at, agent_id, state, campaign_id, ms::numeric as n from report_agent",
    `select at, agent_id, state, campaign_id, ms::numeric as n from ${agentsNow} r`,
    `concat_ws(' ', ${stamp}, 'agent ' || x.agent_id, x.state, 'campaign ' || x.campaign_id)`,
    "counted <> logged",
  ),
  "second-legs": compared(
    longLegs("report_second_leg"),
    longLegs(legsNow),
    `concat_ws(' ', ${stamp}, 'campaign ' || x.campaign_id, x.trunk, x.kind, x.what)`,
    "counted <> logged",
  ),
} as const;

const counted = [
  "attempt",
  "agent_log",
  "disposition",
  "event_contact",
  "suppression",
  "incoming_message",
  "incoming_mail",
  "message_click",
  "answer",
  "second_leg",
];

/** Nobody writes meanwhile: what they would add is not seen, and would be lost. */
export const recountSql = [
  `lock table ${counted.join(", ")} in share row exclusive mode`,
  "truncate report_count, report_delta, report_word, report_word_delta, report_agent, report_second_leg",
  `insert into report_delta (${deltaColumns}) ${countsNowSql}`,
  `insert into report_word_delta (${wordColumns}) ${wordsNowSql}`,
  `insert into report_agent (at, agent_id, state, campaign_id, ms, n) ${agentsNowSql}`,
  `insert into report_second_leg (${legColumns}) ${secondLegsNowSql}`,
].join("; ");
