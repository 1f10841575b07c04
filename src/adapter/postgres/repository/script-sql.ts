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
