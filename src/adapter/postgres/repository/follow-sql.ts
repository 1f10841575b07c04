/*
 * What follows an ending, in SQL: attempts of passes carry it (`Follows`), and those of campaigns by themselves carry null, for which all of this comes to nothing.
 */

/** SQL: the campaigns somebody goes on to when attempt `a` ends so, as `Follows` has them; null when nothing is said of it. `said`: see `saidSql`. */
export const followSql = (a: string, result: string, outcome = "null") =>
  `coalesce(${a}.follows->'said', ${a}.follows->('outcome:' || ${outcome}), ${a}.follows->${result})`;

/** SQL: when the first of them is due. @param from the time it counts from */
export const dueSql = (onward: string, from: string) => `onward_due(${onward}->0, ${from})`;

/** SQL: the other campaign of the first of them, null when it is the attempt's own. */
export const nextCampaignSql = (onward: string, a: string) => `nullif((${onward}->0->>'c')::bigint, ${a}.campaign_id)`;

/** SQL: what of its address the work table must know when an attempt's contact is put back as if nothing had been. */
export const keptAddressSql = (a: string) => `case when ${a}.follows is not null then ${a}.address_id end`;

/** Ends of what is told to webhooks: the attempt as it is named over the API, who it was, and where. */
const toldBodySql = `jsonb_strip_nulls(jsonb_build_object('attemptId', m.id::text, 'contactId', m.contact_id::text, 'clientId', (select p.client_id from contact p where p.id = m.contact_id),
  'campaignId', a.campaign_id::text, 'campaign', k.name, 'pass', k.pass, 'ending', o.value->>'e'))`;

/** CTE `told_on`: webhooks that the endings of `rows` (id of the attempt, contact_id, onward, from_at) name are told; one that is not there, or not active, is not. */
const toldOnSql = (rows: string) => `told_on as (
  insert into webhook_message (webhook_id, event, body, created_at, due_at)
  select w.id, 'strategy.webhook', ${toldBodySql}, m.from_at, m.from_at
  from ${rows} m
  cross join lateral jsonb_array_elements(m.onward) o
  cross join lateral (select id from webhook where name = o.value->>'w' and active offset 0) w
  cross join lateral (select campaign_id from attempt where id = m.id offset 0) a
  cross join lateral (select name, pass from campaign where id = a.campaign_id offset 0) k
  where o.value ? 'w'
)`;

/** CTE `gone_on`: those of `rows` (contact_id, onward, from_at) wait in the campaigns they go on to. Nobody new comes to one that has ended. */
export const goneOnSql = (rows: string) => `gone_on as (
  insert into work (contact_id, campaign_id, due_at, address_id, back)
  select m.contact_id, k.id, onward_due(o.value, m.from_at), (o.value->>'a')::bigint, o.value ?| array['a', 'at', 't']
  from ${rows} m
  cross join lateral jsonb_array_elements(m.onward) o
  cross join lateral (select id from campaign where id = (o.value->>'c')::bigint and state in ('running', 'paused') offset 0) k
  on conflict do nothing
)`;

/** SQL: who has the call of attempt `m` on the line, or writes of it. There are few agents. */
const talkingSql = "(select agent_id from agent_desk where attempt_id = m.id limit 1)";

/**
 * CTE `called_back`: agents call those of `rows` back whose endings say so (`CalledBack`), unless they have promised to already.
 * @param agent SQL: who spoke with the person
 */
export const calledBackSql = (rows: string, agent = talkingSql) => `called_back as (
  insert into callback (campaign_id, contact_id, attempt_id, state, due_at, agent_id, fallback_at, source, created_at)
  select k.id, m.contact_id, m.id, 'waiting', d.at, g.agent_id, case when g.agent_id is not null then d.at + (o.value->>'f')::float8 * interval '1 s' end, 'strategy', m.from_at
  from ${rows} m
  cross join lateral jsonb_array_elements(m.onward) o
  cross join lateral (select id from campaign where id = (o.value->>'k')::bigint and state in ('running', 'paused') offset 0) k
  cross join lateral (select onward_due(o.value->'o', m.from_at) as at offset 0) d
  cross join lateral (select case when o.value ? 'f' then ${agent} end as agent_id offset 0) g
  where o.value ? 'k' and (
    select true from callback b where b.contact_id = m.contact_id and b.campaign_id = k.id and b.state in ('waiting', 'taken') and (b.attempt_id is distinct from m.id or b.source <> 'strategy')
    limit 1) is null
)`;

/** The same of endings (`id` is their attempt); the webhooks are told that they name, and agents call back. */
export const followedSql = (rows: string, agent = talkingSql) => `${goneOnSql(rows)}, ${toldOnSql(rows)}, ${calledBackSql(rows, agent)}`;

const leadsNowhereSql = (led: string) => `not exists (select from jsonb_array_elements(coalesce(${led}, '[]')) e where e.value ? 'c')`;

const isLedSql = (led: string, campaignId: string) =>
  `exists (select from jsonb_array_elements(${led}) e where (e.value->>'c')::bigint = ${campaignId})`;

/**
 * CTEs `gone_on` and others: the same for those whose attempt had ended otherwise before, and had led to `led`: that is taken back as far as nobody has acted on it. When it was acted on,
 * it stands, and nothing more follows. @param rows id of the attempt, contact_id, onward, led, from_at; rows without `onward` change nothing
 * @param agent see `calledBackSql`
 */
export const goneOnInsteadSql = (rows: string, agent?: string) => `instead as materialized (
  select m.id, m.contact_id, m.onward, coalesce(m.led, '[]') as led, m.from_at from ${rows} m
  where m.onward is not null and (${leadsNowhereSql("m.led")}
    or exists (select from work w where w.contact_id = m.contact_id and ${isLedSql("m.led", "w.campaign_id")}))
), undone as (
  delete from work w using instead m
  where w.contact_id = m.contact_id and ${isLedSql("m.led", "w.campaign_id")} and not ${isLedSql("m.onward", "w.campaign_id")}
), shifted as (
  update work w set due_at = onward_due(o.value, m.from_at), address_id = (o.value->>'a')::bigint, back = o.value ?| array['a', 'at', 't']
  from instead m cross join lateral jsonb_array_elements(m.onward) o
  where w.contact_id = m.contact_id and w.campaign_id = (o.value->>'c')::bigint and ${isLedSql("m.led", "w.campaign_id")}
), uncalled as (
  update callback k set state = 'canceled', ended_at = m.from_at from instead m where k.attempt_id = m.id and k.contact_id = m.contact_id and k.source = 'strategy' and k.state = 'waiting'
), ${followedSql("instead", agent)}`;
