import { timeSql } from "./suppressed.ts";

/** What a campaign is made of, besides its name, its list, its state, and what it is a pass of. A test holds this against the table. */
const settings = [
  ...["channel", "script_id", "script_version_id", "inbound_script_id", "mode", "pacing", "amd", "trunk", "caller_id", "max_cps", "max_lines"],
  ...[
    "ring_timeout_ms",
    "template_id",
    "template_version_id",
    "sender",
    "window_start_minute",
    "window_end_minute",
    "window_weekdays",
    "window_holidays",
  ],
  ...["default_time_zone", "retries", "address_kinds", "contact_order", "lookups", "laws"],
];

/** What belongs to a campaign in tables of its own, and is no history of it. */
const belongings: readonly (readonly [table: string, columns: readonly string[]])[] = [
  ["campaign_safeguard", ["purpose", "require_consent", "do_not_call_exempt", "changed_at", "changed_by", "lookups", "laws", "subject"]],
  ["campaign_suppression_list", ["list_id"]],
  ["campaign_message", ["rules", "changed_at"]],
  ["campaign_desk", ["rules", "changed_at"]],
  ["disposition_set", ["entries", "changed_at"]],
  ["group_campaign", ["group_id"]],
];

/**
 * CTEs from `made` on: drafts with all that the campaigns `source` have, and nothing of their people. Caps have unique names, so those of the copy have its name behind theirs.
 * $2 name, $3 list or null for the same, $4 epoch ms. @param whole SQL of the strategy campaign that they are passes of
 */
const copiedSql = (whole: string) => `made as (
  insert into campaign (name, list_id, state, created_at, strategy_campaign_id, pass, ${settings.join(", ")})
  select concat_ws('/', $2::text, pass), coalesce($3::bigint, list_id), 'draft', ${timeSql("$4")}, ${whole}, pass, ${settings.join(", ")} from source order by source.id
  returning id, name, pass
), pair as materialized (
  select s.id as old, s.name as old_name, m.id as new, m.name as new_name from source s join made m on m.pass is not distinct from s.pass
), ${belongings
  .map(
    ([table, columns]) => `${table}_copied as (
  insert into ${table} (campaign_id, ${columns.join(", ")}) select p.new, ${columns.map((column) => `t.${column}`).join(", ")} from pair p join ${table} t on t.campaign_id = p.old
)`,
  )
  .join(", ")}, capped as (
  insert into frequency_cap (name, kind, per, most, window_s, channel, campaign_id, field, created_at)
  select replace(f.name, ' (' || p.old_name || ')', '') || ' (' || p.new_name || ')', f.kind, f.per, f.most, f.window_s, f.channel, p.new, f.field, ${timeSql("$4")}
  from pair p join frequency_cap f on f.campaign_id = p.old
)`;

/** $1 campaign; see above. A campaign by itself. */
export const copySql = `
with source as materialized (select * from campaign where id = $1 and pass is null), ${copiedSql("null::bigint")}
select id::text from made`;

/** $1 strategy campaign, $5 the names of its passes. */
export const copyWholeSql = `
with source as materialized (select * from campaign where strategy_campaign_id = $1 and pass = any($5::text[])), whole as (
  insert into strategy_campaign (name, list_id, strategy_version_id, first_pass, default_time_zone, created_at)
  select $2, coalesce($3::bigint, list_id), strategy_version_id, first_pass, default_time_zone, ${timeSql("$4")} from strategy_campaign where id = $1
  returning id
), ${copiedSql("(select id from whole)")}
select id::text from whole`;
