import type { ChangeableSettings } from "../../../strategy/ports.ts";

/** As the columns have it; what came later is absent in what was noted before. */
type KeptSettings = { readonly maxCps: number } & {
  readonly [Setting in Exclude<keyof ChangeableSettings, "maxCps">]?: ChangeableSettings[Setting] | null;
};

export interface ChangeRow {
  readonly at: number | string;
  readonly by: string;
  readonly before: KeptSettings;
  readonly after: KeptSettings;
}

export function settingsOf(kept: KeptSettings): ChangeableSettings {
  // A row has null where a campaign has nothing.
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== null)) as unknown as ChangeableSettings;
}

const settingsSql = (row: string) =>
  `jsonb_build_object('mode', ${row}.mode, 'pacing', ${row}.pacing, 'maxCps', ${row}.max_cps, 'maxLines', ${row}.max_lines, 'callerId', ${row}.caller_id,
    'trunk', ${row}.trunk, 'ringTimeoutMs', ${row}.ring_timeout_ms, 'amd', ${row}.amd, 'sender', ${row}.sender,
    'window', jsonb_strip_nulls(jsonb_build_object('startMinute', ${row}.window_start_minute, 'endMinute', ${row}.window_end_minute,
      'weekdays', ${row}.window_weekdays, 'holidays', ${row}.window_holidays)))`;

/** Campaign, mode, options, calls a second, lines, parts (`ChangedParts`), when, by whom; null, or a part that is absent, leaves a setting as it is. What is the same afterwards is not noted. */
export const changeSql = `
with was as (select * from campaign where id = ? for update),
changed as (
  update campaign c set mode = coalesce(w.mode, c.mode), pacing = case when w.pacing is null then c.pacing else p.options end,
    max_cps = coalesce(w.max_cps, c.max_cps), max_lines = coalesce(w.max_lines, c.max_lines),
    caller_id = coalesce(w.parts->>'callerId', c.caller_id), trunk = coalesce(w.parts->>'trunk', c.trunk), sender = coalesce(w.parts->>'sender', c.sender),
    ring_timeout_ms = coalesce((w.parts->>'ringTimeoutMs')::int, c.ring_timeout_ms),
    amd = case when jsonb_exists(w.parts, 'amd') then nullif(w.parts->'amd', 'null') else c.amd end,
    window_start_minute = coalesce((w.parts->'window'->>'startMinute')::smallint, c.window_start_minute),
    window_end_minute = coalesce((w.parts->'window'->>'endMinute')::smallint, c.window_end_minute),
    window_weekdays = coalesce(w.parts->'window'->'weekdays', c.window_weekdays),
    window_holidays = case when jsonb_exists(w.parts, 'window')
      then (select array_agg(day) from jsonb_array_elements_text(w.parts->'window'->'holidays') day) else c.window_holidays end
  from was, (select ?::text as mode, ?::jsonb as pacing, ?::float8 as max_cps, ?::int as max_lines, ?::jsonb as parts) w
  cross join lateral (select nullif(jsonb_strip_nulls(coalesce(was.pacing, '{}') || w.pacing), '{}') as options) p
  where c.id = was.id returning c.*
), noted as (
  insert into campaign_change (campaign_id, at, by_whom, before, after)
  select c.id, ?, ?, ${settingsSql("was")}, ${settingsSql("c")} from was join changed c on c.id = was.id where ${settingsSql("was")} <> ${settingsSql("c")}
)
select id from changed`;

/** Campaign. */
export const changesSql = `
select floor(extract(epoch from at) * 1000)::float8 as at, by_whom as by, before, after from (
  select * from campaign_change where campaign_id = ? order by id desc limit 500) c order by id`;
