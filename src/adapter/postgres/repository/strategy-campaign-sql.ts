import { timeSql } from "./suppressed.ts";

const stateOrder = "array['running', 'paused', 'stopping', 'draft', 'finished', 'stopped']";

/** Rows of `StrategyCampaignRow`; what follows is the rest of the statement. It is as its liveliest pass. */
export const strategyCampaignsWhere = (rest: string) => `
select g.id::text as id, g.name, g.list_id::text as "listId", s.name as strategy, v.version, g.strategy_version_id::text as "strategyVersionId",
  g.default_time_zone as "defaultTimeZone",
  (select case when k.state = 'draft' and exists (select from campaign_schedule h where h.strategy_campaign_id = g.id and h.next_step is not null) then 'ready' else k.state end
    from campaign k where k.strategy_campaign_id = g.id order by array_position(${stateOrder}, k.state) limit 1) as state
from strategy_campaign g join strategy_version v on v.id = g.strategy_version_id join strategy s on s.id = v.strategy_id ${rest}`;

const passColumns = [
  "channel",
  "script_id",
  "script_version_id",
  "mode",
  "pacing",
  "trunk",
  "caller_id",
  "max_cps",
  "max_lines",
  "ring_timeout_ms",
  "amd",
  "template_id",
  "template_version_id",
  "sender",
  "window_start_minute",
  "window_end_minute",
  "window_weekdays",
  "window_holidays",
  "default_time_zone",
  "address_kinds",
  "contact_order",
  "lookups",
  "laws",
];

/**
 * CTE `passes`: campaigns of the passes. Those that are there already take on the settings; what had stopped goes on with the rest.
 * @param rows SQL of a JSON array, `strategyCampaignId` and `listId` what they belong to, `state` of those that are new, `at` a time
 */
const passesSql = (of: { rows: string; strategyCampaignId: string; listId: string; state: string; at: string }) => `passes as (
  insert into campaign (name, list_id, state, created_at, strategy_campaign_id, pass, ${passColumns.join(", ")})
  select r.name, ${of.listId}, ${of.state}, ${of.at}, ${of.strategyCampaignId}, r.pass, r.channel, v.script_id, case when r.pinned then v.id end, r.mode, r.pacing, r.trunk,
    r.caller_id, r.max_cps, r.max_lines, r.ring_timeout_ms, r.amd, t.template_id, case when r.pinned then t.id end, r.sender,
    r.window_start_minute, r.window_end_minute, r.window_weekdays, r.window_holidays, r.default_time_zone, r.address_kinds, r.contact_order, r.lookups, r.laws
  from rows from (json_to_recordset(${of.rows}) as (name text, pass text, channel text, script_version_id bigint, template_version_id bigint, pinned boolean, mode text, pacing jsonb,
    trunk text, caller_id text, max_cps float8, max_lines int, ring_timeout_ms int, amd jsonb, sender text, window_start_minute smallint, window_end_minute smallint,
    window_weekdays jsonb, window_holidays text[], default_time_zone text, address_kinds text[], contact_order jsonb, lookups text[], laws text[])) with ordinality as r(name, pass, channel, script_version_id, template_version_id, pinned,
    mode, pacing, trunk, caller_id, max_cps, max_lines, ring_timeout_ms, amd, sender, window_start_minute, window_end_minute, window_weekdays, window_holidays, default_time_zone, address_kinds,
    contact_order, lookups, laws, position)
  left join script_version v on v.id = r.script_version_id
  left join template_version t on t.id = r.template_version_id
  order by r.position
  on conflict (strategy_campaign_id, pass) do update set ${passColumns.map((column) => `${column} = excluded.${column}`).join(", ")},
    state = case when campaign.state in ('stopping', 'stopped') then excluded.state else campaign.state end
  returning id, pass, state, xmax = 0 as fresh
)`;

/** $1 name, $2 list, $3 version, $4 first pass, $5 time zone, $6 epoch ms, $7 its passes. */
export const createSql = `
with made as (
  insert into strategy_campaign (name, list_id, strategy_version_id, first_pass, default_time_zone, created_at)
  values ($1, $2, $3, $4, $5, ${timeSql("$6")}) returning id, list_id
), ${passesSql({ rows: "$7::json", strategyCampaignId: "(select id from made)", listId: "(select list_id from made)", state: "'draft'", at: timeSql("$6") })}
select id::text from made`;

/** $1 strategy campaign, $2 version, $3 first pass, $4 epoch ms, $5 by whom, $6 its passes, $7 the state of those that are new. */
export const changeSql = `
with was as materialized (
  select id, list_id, strategy_version_id from strategy_campaign where id = $1 for update
), changed as (
  update strategy_campaign g set strategy_version_id = $2, first_pass = $3 from was where g.id = was.id returning g.id
), noted as (
  insert into strategy_campaign_change (strategy_campaign_id, at, by_whom, before_version_id, after_version_id)
  select id, ${timeSql("$4")}, $5, strategy_version_id, $2 from was where strategy_version_id <> $2
), ${passesSql({ rows: "$6::json", strategyCampaignId: "(select id from was)", listId: "(select list_id from was)", state: "$7::text", at: timeSql("$4") })}, guarded as (
  -- Passes have their safeguards in common, those that come later too.
  insert into campaign_safeguard (campaign_id, purpose, require_consent, do_not_call_exempt, changed_at, changed_by, lookups, laws, subject)
  select p.id, g.purpose, g.require_consent, g.do_not_call_exempt, g.changed_at, g.changed_by, g.lookups, g.laws, g.subject
  from passes p cross join lateral (
    select s.* from campaign_safeguard s join campaign c on c.id = s.campaign_id where c.strategy_campaign_id = $1 order by s.changed_at desc, c.id limit 1
  ) g where p.fresh
), spared as (
  insert into campaign_suppression_list (campaign_id, list_id)
  select distinct p.id, n.list_id from passes p join campaign c on c.strategy_campaign_id = $1 join campaign_suppression_list n on n.campaign_id = c.id where p.fresh
), gone as (
  update campaign c set state = case when c.state = 'draft' then 'stopped' else 'stopping' end
  from was where c.strategy_campaign_id = was.id and c.state in ('draft', 'running', 'paused')
    and c.pass not in (select pass from json_to_recordset($6::json) as r(pass text))
), paced as (
  insert into pace (campaign_id, next_at, oldest_id) select id, to_timestamp(0), 0 from passes where state <> 'draft' on conflict do nothing
)
select id::text from changed`;

/** $1 strategy campaign, $2 states it is moved from, $3 to, $4 whether it starts, $5 how many are due in its first pass then. */
export const orderSql = `
with moved as (
  update campaign c set state = $3, contacts = case when not $4::boolean then c.contacts when c.pass = g.first_pass then $5::int else 0 end
  from strategy_campaign g where g.id = $1 and c.strategy_campaign_id = g.id and c.state = any($2::text[])
  returning c.id
), paced as (
  insert into pace (campaign_id, next_at, oldest_id) select id, to_timestamp(0), 0 from moved on conflict do nothing
)
select id from moved`;

/** The campaign of the first pass. $1 strategy campaign. */
export const firstPassSql =
  "select k.id from strategy_campaign g join campaign k on k.strategy_campaign_id = g.id and k.pass = g.first_pass where g.id = $1";
