import { Migration } from "@mikro-orm/migrations";
import {
  countedSql,
  countsNowSql,
  deltaColumns,
  legColumns,
  legCountedSql,
  measured,
  secondLegsNowSql,
  wordColumns,
  words,
  wordsNowSql,
} from "./report-agents-log.ts";

/**
 * Whose each attempt was, so that every figure can be told by agent. What belongs to an agent is counted once more, in tables of its own: attempts and words of nobody's, which most are, are
 * written and read as before.
 */
export class ReportAgents extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

/** As they stood when this was written: a result that comes later gets its column by a migration of its own. */
const results =
  "human machine machine_message no_answer busy bad_number rejected fax sit silence congestion carrier_fault abandoned dropped canceled interrupted sent delivered undelivered expired bounced_hard bounced_soft complained".split(
    " ",
  );
const countColumns = [...results, ...measured];
const countSums = [
  ...results.map((name) => `coalesce(sum(n) filter (where result = '${name.replaceAll("_", "-")}'), 0)`),
  ...measured.map((name) => `coalesce(sum(${name}), 0)`),
];

/** Of attempts from before it was kept: who said what came of them, else who talked last, else who was held last. */
const whose = `
select distinct on (attempt_id) attempt_id, agent_id from (
  select attempt_id, agent_id, 4 as rank, at, attempt_id as id from conversation_reply
  union all select attempt_id, agent_id, 3, at, id from disposition where attempt_id is not null
  union all select attempt_id, agent_id, case state when 'talking' then 2 else 1 end, at, id from agent_log where attempt_id is not null and state in ('reserved', 'ringing', 'talking')
) known order by attempt_id, rank desc, at desc, id desc`;

const ofAgents = "(select * from attempt where agent_id is not null)";
const settled = `select * from (${wordsNowSql(ofAgents)}) t (${wordColumns}) where kind <> 'disposition'`;

const statements = [
  `alter table "attempt" add column "agent_id" bigint null`,
  // Nothing ends here: the triggers would look at each row for nothing.
  `alter table "attempt" disable trigger user`,
  `update attempt a set agent_id = w.agent_id from (${whose}) w where a.id = w.attempt_id`,
  // What agents had sent to the person of a conversation.
  `update attempt a set agent_id = o.agent_id from effect e join attempt o on o.id = e.attempt_id
   where e.kind = 'send' and e.key like 'agent %' and e.sent_attempt_id = a.id and o.agent_id is not null`,
  `alter table "attempt" enable trigger user`,
  `alter table "suppression" add column "agent_id" bigint null`,
  `alter table "disposition" add column "channel" text null`,
  `alter table "disposition" add constraint "disposition_channel_check" check ("channel" in ('voice', 'sms', 'email'))`,
  `alter table "second_leg" add column "agent_id" bigint not null default 0`,
  `alter table "second_leg" disable trigger user`,
  "update second_leg l set agent_id = a.agent_id from attempt a where a.id = l.attempt_id and a.agent_id is not null",
  `alter table "second_leg" enable trigger user`,
  `alter table "report_delta" add column "agent_id" bigint null`,
  `alter table "report_word_delta" add column "attempt_id" bigint null`,
  `create table "report_agent_count" ("at" timestamptz(3) not null, "agent_id" bigint not null, "campaign_id" bigint not null, "channel" text not null, "inbound" boolean not null, "via" text not null, ${countColumns.map((name) => `"${name}" bigint not null default 0`).join(", ")}, primary key ("at", "agent_id", "campaign_id", "channel", "inbound", "via"))`,
  `create table "report_agent_word" ("kind" text not null, "at" timestamptz(3) not null, "agent_id" bigint not null, "campaign_id" bigint not null, "channel" text not null, "word" text not null, "unit" text not null, "n" bigint not null, "amount" double precision not null, primary key ("kind", "at", "agent_id", "campaign_id", "channel", "word", "unit"))`,
  `alter table "report_second_leg" add column "agent_id" bigint not null default 0`,
  `alter table "report_second_leg" drop constraint "report_second_leg_pkey"`,
  `alter table "report_second_leg" add primary key ("at", "agent_id", "campaign_id", "trunk", "kind")`,
  countedSql,
  legCountedSql,
  ...Object.entries(words).map(
    ([table, textOf]) => `create or replace function count_${table}() returns trigger language plpgsql as $$
begin
  insert into report_word_delta (${wordColumns}) ${textOf("rows_now")};
  return null;
end $$`,
  ),
  // What has been counted stays, and what of it is an agent's is counted once more.
  `insert into report_agent_count (at, agent_id, campaign_id, channel, inbound, via, ${countColumns.join(", ")})
select at, agent_id, campaign_id, channel, inbound, via, ${countSums.join(", ")} from (${countsNowSql(ofAgents)}) t (${deltaColumns}) group by 1, 2, 3, 4, 5, 6`,
  `insert into report_agent_word (kind, at, agent_id, campaign_id, channel, word, unit, n, amount)
select kind, at, agent_id, campaign_id, channel, word, unit, sum(n), sum(amount) from (${settled}) w where agent_id <> 0 group by 1, 2, 3, 4, 5, 6, 7`,
  // Of calls that go on it is not settled whose they will have been.
  `insert into report_word_delta (${wordColumns})
select kind, campaign_id, channel, 0, word, unit, at, s.sign * n, s.sign * amount, case when s.sign = 1 then attempt_id end
from (${settled}) w cross join (values (1), (-1)) s(sign) where attempt_id is not null`,
  "delete from report_second_leg",
  `insert into report_second_leg (${legColumns}) ${secondLegsNowSql}`,
];
