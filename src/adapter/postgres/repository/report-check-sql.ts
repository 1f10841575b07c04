import {
  countsNowSql,
  deltaColumns,
  legColumns,
  secondLegsNowSql as legsNowSql,
  wordColumns,
  wordsNowSql as wordsSql,
} from "../migration/report-agents-log.ts";
import { agentsNowSql } from "../migration/report-log.ts";
import { measuredColumns, resultColumns, secondLegColumns, settledWordsSql } from "./report-counts-sql.ts";

/*
 * What the counters say and what the log says, side by side. Each is (key, counted, logged), of which those that differ are wanted.
 */

const countsNow = `(select * from (${countsNowSql()}) t (${deltaColumns}))`;
const wordsNow = settledWordsSql(`(select * from (${wordsSql()}) t (${wordColumns})) w`);
const agentsNow = `(select * from (${agentsNowSql}) t (at, agent_id, state, campaign_id, ms, n))`;

const legsNow = `(select * from (${legsNowSql}) t (${legColumns}))`;

const unpivoted = [...resultColumns.map(([result, column]) => [result, column]), ...measuredColumns.map((column) => [column, column])]
  .map(([what, column]) => `('${what}', ${column}::numeric)`)
  .join(", ");
const measured = measuredColumns.map((column) => `('${column}', coalesce(${column}, 0)::numeric)`).join(", ");
/** Attempts and what was measured of them, from rows that have a result each. */
const long = (rows: string) => `
  select campaign_id, inbound, channel, via, at, agent_id, v.what, v.n from ${rows} r cross join lateral (values (result, n::numeric), ${measured}) v(what, n)`;

const longLegs = (rows: string) => `
  select campaign_id, agent_id, trunk, kind, at, v.what, v.n from ${rows} r cross join lateral (values ${secondLegColumns.map((column) => `('${column}', ${column}::numeric)`).join(", ")}) v(what, n)`;

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

/** Counters that have a column for each result. */
const wide = (table: string, agentId: string) => `
  select campaign_id, inbound, channel, via, at, ${agentId} as agent_id, v.what, v.n from ${table} r cross join lateral (values ${unpivoted}) v(what, n)`;
const agentsAttempts = "(select * from attempt where agent_id is not null)";
const ofAgents = (rows: string) => `select * from (${rows}) a where agent_id is not null`;

const longWords = (rows: string) => `
  select kind, campaign_id, channel, agent_id, word, unit, at, v.what, v.n from ${rows} r
  cross join lateral (values ('count', n::numeric), ('amount', amount::numeric)) v(what, n)`;
const wordsOfAgents = (rows: string) => `select * from (${rows}) a where agent_id <> 0 and kind <> 'disposition'`;
const wordsNotFolded = settledWordsSql("report_word_delta");
const wordKey = "x.channel, x.kind, x.word, nullif(x.unit, ''), x.what";
// Amounts are floating: the order in which they are added shows in the last digits.
const wordsDiffer = "abs(counted - logged) > 0.005";

const attemptKey = "x.channel, case when x.inbound then 'from outside' end, nullif(x.via, ''), x.what";

export const checks = {
  attempts: compared(
    `${wide("report_count", "null::bigint")} union all ${long("report_delta")}`,
    long(countsNow),
    `concat_ws(' ', ${stamp}, 'campaign ' || x.campaign_id, ${attemptKey})`,
    "counted <> logged",
  ),
  "attempts-of-agents": compared(
    `${wide("report_agent_count", "agent_id")} union all ${ofAgents(long("report_delta"))}`,
    long(`(select * from (${countsNowSql(agentsAttempts)}) t (${deltaColumns}))`),
    `concat_ws(' ', ${stamp}, 'agent ' || x.agent_id, 'campaign ' || x.campaign_id, ${attemptKey})`,
    "counted <> logged",
  ),
  words: compared(
    `${longWords("report_word")} union all ${longWords(wordsNotFolded)}`,
    longWords(wordsNow),
    `concat_ws(' ', ${stamp}, 'campaign ' || x.campaign_id, ${wordKey})`,
    wordsDiffer,
  ),
  "words-of-agents": compared(
    `${longWords("report_agent_word")} union all ${wordsOfAgents(longWords(wordsNotFolded))}`,
    wordsOfAgents(longWords(wordsNow)),
    `concat_ws(' ', ${stamp}, 'agent ' || x.agent_id, 'campaign ' || x.campaign_id, ${wordKey})`,
    wordsDiffer,
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
    `concat_ws(' ', ${stamp}, 'campaign ' || x.campaign_id, 'agent ' || nullif(x.agent_id, 0), x.trunk, x.kind, x.what)`,
    "counted <> logged",
  ),
} as const;
export const checkNames = Object.keys(checks) as readonly (keyof typeof checks)[];

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
  "truncate report_count, report_agent_count, report_delta, report_word, report_agent_word, report_word_delta, report_agent, report_second_leg",
  `insert into report_delta (${deltaColumns}) ${countsNowSql()}`,
  `insert into report_word_delta (${wordColumns}) ${wordsSql()}`,
  `insert into report_agent (at, agent_id, state, campaign_id, ms, n) ${agentsNowSql}`,
  `insert into report_second_leg (${legColumns}) ${legsNowSql}`,
].join("; ");
