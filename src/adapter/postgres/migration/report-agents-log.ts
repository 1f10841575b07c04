/*
 * How the counters of the reports come from the log since it is known of each attempt whose it was: what the triggers append, and the same over all there is. Like a migration it is never changed once
 * published.
 */

const quarter = (at: string) => `date_bin('15 minutes', ${at}, timestamptz 'epoch')`;
const campaign = (of: string) => `coalesce(${of}.campaign_id, ${of}.inbound_campaign_id, 0)`;

export const measured = "answered talk_ms charged_1_1 charged_6_6 charged_30_6 charged_60_1 charged_60_60 parts people".split(" ");
export const deltaColumns = `campaign_id, inbound, channel, via, at, result, agent_id, n, ${measured.join(", ")}`;

/** Seconds that a carrier charges for who charges a first stretch in any case, and further ones when they have begun. */
const charged = (first: number, further: number) => `(${first} + ceil(greatest(s.seconds - ${first}, 0) / ${further}) * ${further})::bigint`;
const charges = [charged(1, 1), charged(6, 6), charged(30, 6), charged(60, 1), charged(60, 60)];
const chargedColumns = charges.map((text, at) => `case when s.seconds > 0 then ${text} else 0 end as c${at + 1}`).join(", ");

const partsSql = (result: string, n: string, parts: string) =>
  `sum(case when ${result} in ('canceled', 'rejected', 'congestion', 'carrier-fault', 'bad-number') then 0 else ${n} * ${parts} end)`;

const byCall = "('human', 'machine-message', 'dropped')";
const byMessage = "('delivered', 'complained')";

/** Of a call: whether it is the first of its campaign that reached its person; see report-people.ts. */
const firstCall = `x.channel = 'voice' and x.result in ${byCall} and not exists (
  select from attempt e where e.contact_id = x.contact_id and e.campaign_id is not distinct from x.campaign_id and e.result in ${byCall} and (e.ended_at, e.id) < (x.ended_at, x.id))`;
const firstMessage = `x.channel <> 'voice' and x.result in ${byMessage}`;

/** @param rows attempts that ended, each with n: 1 for one more, -1 for one less. Over which trunk, bind or pool it went is asked of the log. */
const countsSql = (rows: string) => `
select x.campaign_id, x.inbound, x.channel, coalesce(v.via, ''), ${quarter("x.ended_at")}, x.result, x.agent_id, sum(x.n)::int,
  (sum(x.n) filter (where x.answered_at is not null))::int, sum(x.n * s.talk_ms)::bigint,
  sum(x.n * s.c1)::bigint, sum(x.n * s.c2)::bigint, sum(x.n * s.c3)::bigint, sum(x.n * s.c4)::bigint, sum(x.n * s.c5)::bigint,
  ${partsSql("x.result", "x.n", "v.parts")}::int,
  sum(case when not x.own then 0 when ${firstMessage} then x.n when ${firstCall} then x.n else 0 end)::int
from (${rows}) x
left join lateral (
  select e.detail->>'trunk' as via, 0 as parts from attempt_event e where x.channel = 'voice' and not x.inbound and e.attempt_id = x.id and e.kind = 'sent'
  order by e.id + 0 desc limit 1) w on true
left join lateral (select m.via, coalesce(m.parts, 1) as parts from message m where x.channel <> 'voice' and m.attempt_id = x.id) m on true
cross join lateral (select coalesce(w.via, m.via) as via, coalesce(m.parts, 0) as parts) v
cross join lateral (
  select s.talk_ms, ${chargedColumns}
  from (
    select coalesce(extract(epoch from greatest(x.ended_at - x.answered_at, interval '0')) * 1000, 0)::bigint as talk_ms,
      coalesce(extract(epoch from greatest(x.ended_at - x.answered_at, interval '0')), 0)::float8 as seconds) s) s
group by 1, 2, 3, 4, 5, 6, 7`;

const rowsSql = (
  rows: string,
  n: number,
) => `select ${n} as n, a.id, ${campaign("a")} as campaign_id, a.called_number is not null as inbound, a.channel, a.contact_id,
  a.campaign_id is not null as own, a.answered_at, a.ended_at, a.result, a.agent_id from ${rows} a where a.result is not null`;

/** What became another thing of each call in one statement; who is now what they were before is left out. */
const changedSql = `select id, campaign_id, inbound, channel, contact_id, own, answered_at, ended_at, result, agent_id, sum(n)::int as n
  from (${rowsSql("rows_now", 1)} and a.channel = 'voice' union all ${rowsSql("rows_before", -1)} and a.channel = 'voice') y
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 having sum(n) <> 0`;

const messageSql = (rows: string, n: number) =>
  `select ${n} as n, a.id, a.campaign_id, a.inbound_campaign_id, a.channel, a.ended_at, a.result, a.agent_id from ${rows} a where a.result is not null and a.channel <> 'voice'`;

/** The same as `countsSql` of messages, and a third as dear: a statement ends many, thousands of times a minute. */
const messagesChangedSql = `
select ${campaign("x")}, false, x.channel, coalesce(m.via, ''), ${quarter("x.ended_at")}, x.result, x.agent_id, sum(x.n),
  ${partsSql("x.result", "x.n", "coalesce(m.parts, case when m.via is null then 0 else 1 end)")},
  sum(case when x.campaign_id is not null and x.result in ${byMessage} then x.n else 0 end)
from (${messageSql("rows_now", 1)} union all ${messageSql("rows_before", -1)}) x left join message m on m.attempt_id = x.id
group by 1, 3, 4, 5, 6, 7 having sum(x.n) <> 0`;

export const wordColumns = "kind, campaign_id, channel, agent_id, word, unit, at, n, amount, attempt_id";

/**
 * Whose a word is: the agent's whose attempt it belongs to. Of a call that goes on that is not settled: the word names the attempt, and whoever reads asks it; the counters take
 * it when the call has ended.
 */
const open = "a.channel = 'voice' and a.state <> 'ended'";
const agent = `case when ${open} then 0 else coalesce(a.agent_id, 0) end`;
const unsettled = `case when ${open} then a.id end`;

/** As agents' work writes it: somebody else has the number, and nobody has said that they want no more. */
const wrongNumber = "wrong number";

const outcomesSql = (rows: string) => `
select 'outcome', o.campaign_id, o.channel, coalesce(o.agent_id, 0), o.outcome, '', ${quarter("o.ended_at")}, sum(o.n)::int, 0::float8, null::bigint
from (${rows}) o where o.outcome is not null group by 2, 3, 4, 5, 7`;

const outcomeRows = (rows: string, n: number) =>
  `select ${n} as n, ${campaign("a")} as campaign_id, a.channel, a.ended_at, a.outcome, a.agent_id from ${rows} a where a.result is not null`;

/** Words, each from the rows of its table; `rows` is the table, or what was put into it at once. What counts once is told in report-log.ts and report-opt-outs.ts. */
export const words: Readonly<Record<string, (rows: string) => string>> = {
  disposition: (rows) => `
select 'disposition', campaign_id, coalesce(channel, 'voice'), agent_id, code, category, ${quarter("at")}, count(*)::int, coalesce(sum(amount), 0)::float8, null::bigint
from ${rows} d group by 2, 3, 4, 5, 6, 7`,
  event_contact: (rows) => `
select 'event', ${campaign("a")}, coalesce(e.channel, a.channel, 'none'), ${agent}, e.name, case when e.amount is null then '' else coalesce(e.currency, 'XXX') end,
  ${quarter("e.occurred_at")}, count(*)::int, coalesce(sum(e.amount), 0)::float8, ${unsettled}
from (select event_id, max(attempt_id) as attempt_id from ${rows} r group by event_id) c
join event e on e.id = c.event_id left join attempt a on a.id = c.attempt_id group by 2, 3, 4, 5, 6, 7, 10`,
  suppression: (rows) => `
select 'opt-out', coalesce(s.campaign_id, a.campaign_id, a.inbound_campaign_id, 0), coalesce(a.channel, case s.source when 'mail' then 'email' else 'voice' end),
  coalesce(s.agent_id, ${agent}), s.how, '', ${quarter("s.created_at")}, count(*)::int, 0::float8, case when s.agent_id is null then ${unsettled} end
from (
  select distinct source, campaign_id, attempt_id, agent_id, created_at, case source when 'mail' then split_part(reason, ':', 1) else source end as how
  from ${rows} r where list_id is null and (source = 'attempt' or source = 'agent' and reason not like '${wrongNumber}:%' or source = 'mail' and reason not like 'bounce%')) s
left join attempt a on a.id = s.attempt_id group by 2, 3, 4, 5, 7, 10`,
  incoming_message: (rows) => `
select 'reply', i.campaign_id, 'sms', coalesce(a.agent_id, 0), 'sms', '', ${quarter("i.at")}, count(*)::int, 0::float8, null::bigint
from ${rows} i left join attempt a on a.id = i.after_attempt_id where i.campaign_id is not null group by 2, 4, 7`,
  incoming_mail: (rows) => `
select 'reply', i.campaign_id, 'email', coalesce(a.agent_id, 0), 'email', '', ${quarter("i.at")}, count(*)::int, 0::float8, null::bigint
from ${rows} i left join attempt a on a.id = i.attempt_id where i.campaign_id is not null and i.kind in ('reply', 'opt-out') group by 2, 4, 7`,
  message_click: (rows) => `
select 'click', ${campaign("a")}, 'email', coalesce(a.agent_id, 0), 'link', '', ${quarter("c.at")}, count(*)::int, 0::float8, null::bigint
from ${rows} c join attempt a on a.id = c.attempt_id group by 2, 4, 7`,
  answer: (rows) => `
select 'answer', ${campaign("a")}, a.channel, coalesce(a.agent_id, 0), n.name, n.value, ${quarter("a.ended_at")}, count(*)::int, sum(n.value::float8), null::bigint
from ${rows} n join attempt a on a.id = n.attempt_id
where n.duration_ms is null and n.value ~ '^([0-9]|10)$' and a.ended_at is not null group by 2, 3, 4, 5, 6, 7`,
};

/** The trigger's function. */
export const countedSql = `create or replace function count_ended_attempts() returns trigger language plpgsql as $$
begin
  -- Most statements end nothing.
  if not exists (select from rows_now where result is not null) then return null; end if;
  if exists (select from rows_now where result is not null and channel <> 'voice') then
    insert into report_delta (campaign_id, inbound, channel, via, at, result, agent_id, n, parts, people) ${messagesChangedSql};
  end if;
  if not exists (select from rows_now where result is not null and channel = 'voice') then return null; end if;
  insert into report_delta (${deltaColumns}) ${countsSql(changedSql)}
  having sum(x.n) <> 0 or coalesce(sum(x.n) filter (where x.answered_at is not null), 0) <> 0 or sum(x.n * s.talk_ms) <> 0;
  if exists (select from rows_now where outcome is not null and result is not null) then
    insert into report_word_delta (${wordColumns}) ${outcomesSql(`${outcomeRows("rows_now", 1)} union all ${outcomeRows("rows_before", -1)}`)} having sum(o.n) <> 0;
  end if;
  return null;
end $$`;

const legSums = measured.filter((name) => name !== "parts" && name !== "people");
export const legColumns = `at, agent_id, campaign_id, trunk, kind, ${legSums.join(", ")}`;

const legsSql = (rows: string) => `
select ${quarter("x.ended_at")}, x.agent_id, x.campaign_id, x.trunk, x.kind, count(*), sum(s.talk_ms)::bigint,
  ${charges.map((text) => `sum(case when s.seconds > 0 then ${text} else 0 end)::bigint`).join(", ")}
from ${rows} x
cross join lateral (
  select (extract(epoch from greatest(x.ended_at - x.answered_at, interval '0')) * 1000)::bigint as talk_ms,
    extract(epoch from greatest(x.ended_at - x.answered_at, interval '0'))::float8 as seconds) s
where x.ended_at is not null and x.answered_at is not null
group by 1, 2, 3, 4, 5`;

const addLegsSql = (rows: string) => `
  insert into report_second_leg as r (${legColumns}) ${legsSql(rows)} order by 1, 2, 3, 4, 5
  on conflict (at, agent_id, campaign_id, trunk, kind) do update set ${legSums.map((name) => `${name} = r.${name} + excluded.${name}`).join(", ")};`;

export const legCountedSql = `create or replace function count_second_leg() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then ${addLegsSql("rows_now")}
  else ${addLegsSql("(select n.* from rows_now n join rows_before b on b.dialog_id = n.dialog_id where b.ended_at is null)")}
  end if;
  return null;
end $$`;

/* The same from the log itself. */

export const countsNowSql = (attempts = "attempt") => countsSql(rowsSql(attempts, 1));
export const wordsNowSql = (attempts = "attempt") =>
  [outcomesSql(outcomeRows(attempts, 1)), ...Object.entries(words).map(([table, textOf]) => textOf(table))].join("\nunion all\n");
export const secondLegsNowSql = legsSql("second_leg");
