import { latestSql } from "./latest-sql.ts";
import { timeSql } from "./suppressed.ts";

/** The version a script is at: that of its last release. */
const currentSql = (script: string) => `(select r.version_id from script_release r where r.script_id = ${script} order by r.id desc limit 1)`;

/**
 * $1 the number called, $2 the caller or null, $3 names of the pools that have the number. One row when the number is ours. The last attempt
 * on the caller's number decides, by whichever of the campaigns that own or show the number called; then the number's own campaign, then one that runs.
 */
export const matchSql = `
with own as (select * from own_number where number = $1),
uses as materialized (
  select id, state from campaign where caller_id = $1
  union select id, state from campaign where caller_id = any($3::text[])
  union select c.id, c.state from campaign c join own on own.campaign_id = c.id
), last as materialized (
  select a.campaign_id, a.contact_id, a.address_id
  from address d join attempt a on a.contact_id = d.contact_id and a.address = d.number
  where d.number = $2 and a.campaign_id in (select id from uses) ${latestSql("a.id")}
), chosen as materialized (
  select coalesce((select campaign_id from last), (select campaign_id from own),
    (select id from uses order by state = 'running' desc, id desc limit 1)) as id
), person as materialized (
  select contact_id, address_id, 1 as rank from last
  union all
  select * from (
    select d.contact_id, d.id, 2 from chosen join campaign c on c.id = chosen.id join address d on d.number = $2 and d.list_id = c.list_id
    order by d.position, d.contact_id desc limit 1) listed
  order by rank limit 1
)
select c.id::text as campaign_id, c.name as campaign, c.trunk, p.contact_id::text as contact_id, p.address_id::text as address_id,
  k.fields, k.time_zone, l.columns, coalesce(${currentSql("own.script_id")}, ${currentSql("c.inbound_script_id")})::text as version_id, own.message
from chosen
left join own on true
left join campaign c on c.id = chosen.id
left join list l on l.id = c.list_id
left join person p on true
left join contact k on k.id = p.contact_id
where own.number is not null or c.id is not null`;

/** $1 epoch ms, $2 called, $3 caller, $4 campaign, $5 contact, $6 address, $7 version of the script, $8 node and $9 its incarnation, $10 to $14 the leg's ids. */
export const openSql = `
with opened as (
  insert into attempt (called_number, address, inbound_campaign_id, contact_id, address_id, script_version_id, channel, state, node,
    permit_until, reserved_at, ringing_at, call_id, transaction_id, dialog_id, media_server, endpoint_id)
  select $2, $3, $4, $5, $6, $7, 'voice', 'ringing', $8, ${timeSql("$1")}, ${timeSql("$1")}, ${timeSql("$1")}, $10, $11, $12, $13, $14
  where exists (select from node where name = $8 and incarnation = $9)
  returning id
), logged as (
  insert into attempt_event (attempt_id, at, kind) select id, ${timeSql("$1")}, 'ringing' from opened
)
select id::text as id from opened`;

const numberColumns = `n.number, n.name, n.campaign_id::text as "campaignId", c.name as campaign, s.name as script, n.message,
  (extract(epoch from n.created_at) * 1000)::float8 as "createdAt"`;
const numberJoins = "left join campaign c on c.id = n.campaign_id left join script s on s.id = n.script_id";

/** $1 campaign. */
export const callersSql = `
select s.name as script,
  array(select number from own_number where campaign_id = c.id order by number) as numbers,
  (select count(*)::int from attempt where inbound_campaign_id = c.id and called_number is not null and listed_unfinished) as "onTheLine",
  coalesce((select jsonb_object_agg(result, n) from (
    select result, count(*) as n from attempt where inbound_campaign_id = c.id and called_number is not null and result is not null group by result) r), '{}') as results
from campaign c left join script s on s.id = c.inbound_script_id where c.id = $1`;

/** $1 campaign, $2 name of the script or null. */
export const answerWithSql = `
update campaign set inbound_script_id = (select id from script where name = $2)
where id = $1 and ($2::text is null or exists (select from script where name = $2)) returning id`;

/** $1 the number before the page, $2 how many. */
export const listNumbersSql = `select ${numberColumns} from own_number n ${numberJoins} where n.number > $1 order by n.number limit $2`;

/** $1 the number. */
export const findNumberSql = `select ${numberColumns} from own_number n ${numberJoins} where n.number = $1`;

/** $1 number, $2 name, $3 campaign, $4 name of the script, $5 message, $6 epoch ms. No row comes back when the script does not exist. */
export const addNumberSql = `
insert into own_number (number, name, campaign_id, script_id, message, created_at)
select $1, $2, $3, s.id, $5, ${timeSql("$6")} from (select 1) one left join script s on s.name = $4 where $4::text is null or s.id is not null
returning number`;

/** $1 number, $2 name, $3 whether the campaign changes and $4 to what, $5 and $6 the same for the script's name, $7 and $8 for the message. */
export const changeNumberSql = `
update own_number n set name = coalesce($2, n.name),
  campaign_id = case when $3::boolean then $4::bigint else n.campaign_id end,
  script_id = case when $5::boolean then (select id from script where name = $6) else n.script_id end,
  message = case when $7::boolean then $8 else n.message end
where n.number = $1 and (not $5::boolean or $6::text is null or exists (select from script where name = $6))
returning number`;
