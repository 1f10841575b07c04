/*
 * How the counters of the reports come from the log: what the triggers of migration/reports.ts append, and the same over all there is, for whoever counts anew. Like a migration it is never changed
 * once published: the triggers in databases stay what they were. Other rules are another file and another migration.
 */

const quarter = (at: string) => `date_bin('15 minutes', ${at}, timestamptz 'epoch')`;

const campaign = (of: string) => `coalesce(${of}.campaign_id, ${of}.inbound_campaign_id, 0)`;

/** Seconds that a carrier charges for who charges a first stretch in any case, and further ones when they have begun. */
export const charged = (first: number, further: number) => `(${first} + ceil(greatest(s.seconds - ${first}, 0) / ${further}) * ${further})::bigint`;

export const measured = "answered talk_ms charged_1_1 charged_6_6 charged_30_6 charged_60_1 charged_60_60 parts".split(" ");

const partsSql = (result: string, n: string, parts: string) =>
  `sum(case when ${result} in ('canceled', 'rejected', 'congestion', 'carrier-fault', 'bad-number') then 0 else ${n} * ${parts} end)`;

/** @param rows attempts that ended, each with n: 1 for one more, -1 for one less. Over which trunk, bind or pool it went is asked of the log. */
export const countsSql = (rows: string) => `
select x.campaign_id, x.inbound, x.channel, coalesce(v.via, ''), ${quarter("x.ended_at")}, x.result, sum(x.n)::int,
  (sum(x.n) filter (where x.answered_at is not null))::int, sum(x.n * s.talk_ms)::bigint,
  sum(x.n * s.c1)::bigint, sum(x.n * s.c2)::bigint, sum(x.n * s.c3)::bigint, sum(x.n * s.c4)::bigint, sum(x.n * s.c5)::bigint,
  ${partsSql("x.result", "x.n", "v.parts")}::int
from (${rows}) x
left join lateral (
  select e.detail->>'trunk' as via, 0 as parts from attempt_event e where x.channel = 'voice' and not x.inbound and e.attempt_id = x.id and e.kind = 'sent'
  order by e.id desc limit 1) w on true
left join lateral (select m.via, coalesce(m.parts, 1) as parts from message m where x.channel <> 'voice' and m.attempt_id = x.id) m on true
cross join lateral (select coalesce(w.via, m.via) as via, coalesce(m.parts, 0) as parts) v
cross join lateral (
  select s.talk_ms, ${[charged(1, 1), charged(6, 6), charged(30, 6), charged(60, 1), charged(60, 60)].map((text, at) => `case when s.seconds > 0 then ${text} else 0 end as c${at + 1}`).join(", ")}
  from (
    select coalesce(extract(epoch from greatest(x.ended_at - x.answered_at, interval '0')) * 1000, 0)::bigint as talk_ms,
      coalesce(extract(epoch from greatest(x.ended_at - x.answered_at, interval '0')), 0)::float8 as seconds) s) s
group by 1, 2, 3, 4, 5, 6`;

export const endedSql = (rows: string, n: number) =>
  `select ${n} as n, a.id, ${campaign("a")} as campaign_id, a.called_number is not null as inbound, a.channel, a.answered_at, a.ended_at, a.result, a.outcome from ${rows} a where a.result is not null`;

const messageSql = (rows: string, n: number) =>
  `select ${n} as n, a.id, a.campaign_id, a.inbound_campaign_id, a.channel, a.ended_at, a.result from ${rows} a where a.result is not null and a.channel <> 'voice'`;

/** The same as `countsSql` of messages, and a third as dear (10 to 15 µs a message in statements of ten, 2 to 5 µs in those of fifty): a statement ends many, thousands of times a minute. */
export const messagesChangedSql = `
select ${campaign("x")}, false, x.channel, coalesce(m.via, ''), ${quarter("x.ended_at")}, x.result, sum(x.n), ${partsSql("x.result", "x.n", "coalesce(m.parts, case when m.via is null then 0 else 1 end)")}
from (${messageSql("rows_now", 1)} union all ${messageSql("rows_before", -1)}) x left join message m on m.attempt_id = x.id
group by 1, 3, 4, 5, 6 having sum(x.n) <> 0`;

/** What became another thing of each call in one statement; who is now what they were before is left out. */
export const changedSql = `select id, campaign_id, inbound, channel, answered_at, ended_at, result, sum(n)::int as n
  from (${endedSql("rows_now", 1)} and a.channel = 'voice' union all ${endedSql("rows_before", -1)} and a.channel = 'voice') y group by 1, 2, 3, 4, 5, 6, 7 having sum(n) <> 0`;

export const deltaColumns = `campaign_id, inbound, channel, via, at, result, n, ${measured.join(", ")}`;
export const wordColumns = "kind, campaign_id, channel, agent_id, word, unit, at, n, amount";

export const outcomesSql = (rows: string) => `
select 'outcome', campaign_id, channel, 0, outcome, '', ${quarter("ended_at")}, sum(n)::int, 0::float8
from (${rows}) o where outcome is not null group by 2, 3, 5, 7`;

/*
 * Words, each from the rows of its table; `rows` is the table, or what was put into it at once. An event counts once, however many people it is about: for the last attempt that it is put down
 * to. So does an opt-out, which is written for each number, mailbox and client id of the person.
 */
export const words: Readonly<Record<string, (rows: string) => string>> = {
  disposition: (rows) => `
select 'disposition', campaign_id, 'voice', agent_id, code, category, ${quarter("at")}, count(*)::int, coalesce(sum(amount), 0)::float8 from ${rows} d group by 2, 4, 5, 6, 7`,
  event_contact: (rows) => `
select 'event', ${campaign("a")}, coalesce(e.channel, a.channel, 'none'), 0, e.name, case when e.amount is null then '' else coalesce(e.currency, 'XXX') end, ${quarter("e.occurred_at")},
  count(*)::int, coalesce(sum(e.amount), 0)::float8
from (select event_id, max(attempt_id) as attempt_id from ${rows} r group by event_id) c
join event e on e.id = c.event_id left join attempt a on a.id = c.attempt_id group by 2, 3, 5, 6, 7`,
  suppression: (rows) => `
select 'opt-out', coalesce(s.campaign_id, a.campaign_id, a.inbound_campaign_id, 0), coalesce(a.channel, case s.source when 'mail' then 'email' else 'voice' end), 0,
  case s.source when 'mail' then s.reason else s.source end, '', ${quarter("s.created_at")}, count(*)::int, 0::float8
from (
  select distinct source, campaign_id, attempt_id, created_at, case source when 'mail' then reason end as reason from ${rows} r where list_id is null and source in ('attempt', 'agent', 'mail')) s
left join attempt a on a.id = s.attempt_id group by 2, 3, 5, 7`,
  incoming_message: (rows) => `
select 'reply', campaign_id, 'sms', 0, 'sms', '', ${quarter("at")}, count(*)::int, 0::float8 from ${rows} i where campaign_id is not null group by 2, 7`,
  incoming_mail: (rows) => `
select 'reply', campaign_id, 'email', 0, 'email', '', ${quarter("at")}, count(*)::int, 0::float8 from ${rows} i
where campaign_id is not null and kind in ('reply', 'opt-out') group by 2, 7`,
  message_click: (rows) => `
select 'click', ${campaign("a")}, 'email', 0, 'link', '', ${quarter("c.at")}, count(*)::int, 0::float8 from ${rows} c join attempt a on a.id = c.attempt_id group by 2, 7`,
  answer: (rows) => `
select 'answer', ${campaign("a")}, a.channel, 0, n.name, n.value, ${quarter("a.ended_at")}, count(*)::int, sum(n.value::float8)
from ${rows} n join attempt a on a.id = n.attempt_id
where n.duration_ms is null and n.value ~ '^([0-9]|10)$' and a.ended_at is not null group by 2, 3, 5, 6, 7`,
};

/** Stretches of agents cut at quarters of an hour. @param rows agent_id, state, attempt_id, began, ended */
export const stretchesSql = (rows: string) => `
select ${quarter("q.at")}, r.agent_id, r.state, coalesce((select ${campaign("a")} from attempt a where a.id = r.attempt_id), 0),
  sum(extract(epoch from least(r.ended, q.at + interval '15 minutes') - greatest(r.began, q.at)) * 1000)::bigint, (count(*) filter (where q.at <= r.began))::int
from (${rows}) r cross join lateral generate_series(${quarter("r.began")}, r.ended, interval '15 minutes') q(at)
where r.state <> 'logged-out' and r.ended > r.began and q.at < r.ended
group by 1, 2, 3, 4`;

/* The same from the log itself. */

export const countsNowSql = countsSql(endedSql("attempt", 1));
export const wordsNowSql = [outcomesSql(endedSql("attempt", 1)), ...Object.entries(words).map(([table, textOf]) => textOf(table))].join(
  "\nunion all\n",
);
export const agentsNowSql = stretchesSql(
  "select agent_id, state, attempt_id, at as began, lead(at) over (partition by agent_id order by at, id) as ended from agent_log",
);
