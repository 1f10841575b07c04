/** Rows of `VersionRow`; what follows is the rest of a where clause. */
export const versionsWhere = (rest: string) => `
select v.id, s.name, v.version, v.source, v.published_at, v.published_by, v.uses
from script_version v join script s on s.id = v.script_id where ${rest}`;

/** Rows of `ReleaseRow`. */
export const releasesWhere = (rest: string) => `
select r.id, s.name, v.version, v.id as version_id, r.released_at, r.released_by, r.note
from script_release r join script s on s.id = r.script_id join script_version v on v.id = r.version_id where ${rest}`;

/** The last release of the script with that id, as a table of one row. */
export const currentOf = (scriptId: string) => `(select * from script_release where script_id = ${scriptId} order by id desc limit 1)`;

/** Rows of `EntryRow`. */
export const entriesWhere = (rest: string) => `
select s.id as script_id, (select max(version) from script_version where script_id = s.id) as versions,
  (select count(*)::int from campaign c where c.script_id = s.id and c.script_version_id is null and c.state = 'running') as running,
  r.id, s.name, v.version, v.id as version_id, r.released_at, r.released_by, r.note
from script s cross join lateral ${currentOf("s.id")} r join script_version v on v.id = r.version_id where ${rest}`;

/** $1 name. */
export const usersSql = `
select c.name as campaign, c.state = 'running' as running, coalesce(c.mode in ('progressive', 'predictive'), false) as "forAgents", v.version as pinned, l.name as list, l.columns
from script s join campaign c on c.script_id = s.id join list l on l.id = c.list_id left join script_version v on v.id = c.script_version_id
where s.name = $1 and c.state in ('draft', 'running', 'paused', 'stopping') order by c.name`;

const open = "c.state in ('draft', 'running', 'paused', 'stopping')";

/** Rows of `ScriptInUse`. */
export const inUseSql = `
with recursive running as (
  select coalesce(c.script_version_id, r.version_id) as id, c.name as campaign
  from campaign c left join lateral ${currentOf("c.script_id")} r on true where c.script_id is not null and ${open}
  union select r.version_id, c.name from campaign c cross join lateral ${currentOf("c.inbound_script_id")} r where ${open}
), used (id) as (
  select r.version_id from script s cross join lateral ${currentOf("s.id")} r
  union select id from running where id is not null
  union select (u.value ->> 'id')::bigint from used join script_version v on v.id = used.id cross join lateral jsonb_each(v.uses) u
)
select v.id, s.name, v.version, coalesce(r.version_id = v.id, false) as current,
  coalesce((select array_agg(distinct campaign order by campaign) from running where running.id = v.id), '{}') as campaigns
from used join script_version v on v.id = used.id join script s on s.id = v.script_id left join lateral ${currentOf("s.id")} r on true
order by s.name, v.version`;
