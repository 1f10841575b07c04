import { abandonedAtSql, abandonedPauseSql } from "./abandoned.ts";
import { noConsentToCallSql } from "./consented.ts";
import { goneOnSql } from "./follow-sql.ts";
import { capFactsSql, cappedSql } from "./frequency-sql.ts";
import { lookupFactsSql } from "./lookup-sql.ts";
import { onTheLineSql, suppressedSql, timeSql } from "./suppressed.ts";

/**
 * $1 campaign, $2 epoch ms, $3 and $4 the mark, $5 how many, $6 node and $7 its incarnation: a process whose name was taken gets nothing.
 * @param of only of those rows `w`
 */
const pickedOf = (of: string) => `
with picked as materialized (
  select w.contact_id, w.due_at, w.address_id, w.ctid as place from work w
  where w.campaign_id = $1 and w.due_at <= ${timeSql("$2")} and (w.due_at, w.contact_id) > ($3::timestamptz, $4::bigint)${of}
    and exists (select from campaign c where c.id = $1 and c.state = 'running')
    and exists (select from node n where n.name = $6 and n.incarnation = $7)
  order by w.due_at, w.contact_id limit $5
  for update of w skip locked
)`;
export const pickedSql = pickedOf("");

/** A claim of those alone who were tried before, or for whom a time was named. @param claim one of everybody */
export const ofThoseBack = (claim: string) => claim.replace(pickedSql, () => pickedOf(" and w.back"));

/** How often the contact `w` was put back in the campaign, by result. */
export const putBackSql = `(select jsonb_object_agg(b.result, b.times) from (
    select result, count(*) as times from attempt where campaign_id = $1 and contact_id = w.contact_id and again_at is not null group by result) b)`;

/** SQL: whether a contact has an address no more. */
export const addressGoneSql = (contactId: string, addressId: string) =>
  `(select true from address still where still.contact_id = ${contactId} and still.id = ${addressId} limit 1) is null`;

/** How the contact `c` stands with the caps that hold in the campaign. */
export function capsSql(address: string, channel: string): string {
  return capFactsSql({ address, contactId: "c.id", clientId: "c.client_id", fields: "c.fields", campaignId: "$1", channel, at: timeSql("$2") });
}

/**
 * SQL: the address of the contact `w` whose turn it is, or else the first that campaign $1 uses: also where that one is gone, because the person got others while an attempt was on its way.
 * @param column what the channel wants of it
 */
export const usedAddressSql = (column: string, where: string) => `(
  select id, ${column} from address
  where contact_id = w.contact_id and ${where} and (w.address_id is null or id = w.address_id or ${addressGoneSql("w.contact_id", "w.address_id")})
    and coalesce(kind = any((select address_kinds from campaign where id = $1)::text[]), true)
  order by array_position((select address_kinds from campaign where id = $1), kind), position limit 1)`;

/** The next contacts to be called. Whoever has no number is given all the same, to be refused with the reason. */
export const claimSql = `
${pickedSql}
select w.contact_id, w.due_at, w.place, c.time_zone, c.fields, a.id as address_id, a.number as address,
  ${suppressedSql({ number: "a.number", clientId: "c.client_id", campaignId: "$1", channel: "'voice'", at: timeSql("$2") })} as suppressed,
  ${onTheLineSql({ number: "a.number", contactId: "w.contact_id" })} as on_the_line,
  ${noConsentToCallSql({ number: "a.number", clientId: "c.client_id", campaignId: "$1", channel: "'voice'", at: timeSql("$2") })} as no_consent,
  case when (select ${abandonedPauseSql("k")} is not null from campaign k where k.id = $1)
    then (extract(epoch from ${abandonedAtSql({ number: "a.number", contactId: "w.contact_id" })}) * 1000)::float8 end as abandoned_at,
  ${putBackSql} as put_back, c.client_id, ${capsSql("a.number", "'voice'")} as caps,
  ${lookupFactsSql({ number: "a.number", clientId: "c.client_id", fields: "c.fields", campaignId: "$1" })} as lookups
from picked w
join contact c on c.id = w.contact_id
left join lateral ${usedAddressSql("number", "number is not null")} a on true
order by w.due_at, w.contact_id`;

/**
 * Locks the campaign's pace. A statement of its own in front of the settling one, so that this sees what others reserved before; both
 * and the commit go to the server in one message, so that the lock is never held while anybody waits for the network.
 */
export const lockPaceSql = (campaignId: string) => `select from pace where campaign_id = ${campaignId} for no key update`;

/**
 * No call is reserved longer before its moment than this: the call engine makes calls ready up to 2.2 s ahead when the database
 * is slow, and other nodes may have taken the moments just before.
 */
const aheadMs = 2500;
/** The stretch in which a second's calls are spread. A little over a second, because a start takes now more, now fewer milliseconds to the wire. */
const windowMs = 1025;
/** Moments are rounded up to this, so that calls start together in tenths of a second and share statements. Ten of them are one window. */
const tickMs = windowMs / 10;

/** The campaign's limits, and the first moment that is free; times in epoch ms. */
const limitsSql = (campaignId: string) => `
with limits as materialized (
  select c.max_lines, p.oldest_id, p.lines_at_most, t.now, s.step,
    -- Further ahead than it can be, also when everybody was late and took another: the limit was raised, or the clock was set back.
    case when n.next > t.now + ${4 * aheadMs} + s.step then t.now else greatest(n.next, t.now) end as first
  from pace p
  join campaign c on c.id = p.campaign_id
  cross join lateral (select (extract(epoch from clock_timestamp()) * 1000)::float8 as now) t
  cross join lateral (select (extract(epoch from p.next_at) * 1000)::float8 as next) n
  cross join lateral (select ${windowMs} / (case when c.max_cps < 1 then c.max_cps else floor(c.max_cps) end) as step) s
  where p.campaign_id = ${campaignId})`;

/**
 * What the verdicts (columns $1 and $6 to $16) of a campaign ($2) come to at a time ($3, epoch ms): in `r` all that are settled, who may be contacted with a `turn`; their rows of
 * the work table are gone or due later, and the refusals are written. @param room how many may be contacted now
 */
export const judgedSql = (room: string) => `judged as (
  select r.contact_id, r.go and held.rule is null as go, r.address_id, r.address, coalesce(held.rule, r.rule) as rule, ${timeSql("r.until")} as until,
    coalesce(held.until, ${timeSql("r.retry")}) as retry, r.retry_address, r.place, r.position, r.follows, r.onward, count(*) filter (where r.go and held.rule is null) over (order by r.position) as turn
  from unnest($1::bigint[], $6::boolean[], $7::bigint[], $8::text[], $9::text[], $10::float8[], $11::float8[], $12::bigint[], $13::boolean[], $14::jsonb[], $15::jsonb[], $16::tid[])
    with ordinality as r(contact_id, go, address_id, address, rule, until, retry, retry_address, capped, follows, onward, place, position)
  -- Counted once more behind the locks: who stood at the same caps may have been reserved by somebody else since.
  left join lateral (
    select full_cap.rule, full_cap.until from contact whom cross join lateral (${cappedSql({
      address: "r.address",
      contactId: "whom.id",
      clientId: "whom.client_id",
      fields: "whom.fields",
      campaignId: "$2",
      channel: "(select channel from campaign where id = $2)",
      at: timeSql("$3"),
    })}) full_cap
    where whom.id = case when r.go and r.capped then r.contact_id end
  ) held on true
), r as materialized (
  select * from judged where not go or turn <= ${room}
), sent_on as (
  select contact_id, onward, ${timeSql("$3")} as from_at from r where not go and onward is not null
), ${goneOnSql("sent_on")}, gone as (
  -- By where they lie, and not by who they are: while the table was empty when the planner last looked, it reads all that waits in the campaign for each claim.
  delete from work w where w.ctid = any(array(select place from r where go or retry is null))
), later as (
  update work w set due_at = r.retry, address_id = coalesce(r.retry_address, w.address_id) from r where w.ctid = r.place and not r.go and r.retry is not null
), refused as (
  insert into refusal (campaign_id, contact_id, at, rule, retry_at) select $2, contact_id, ${timeSql("$3")}, rule, retry from r where not go
)`;

/** In how many ms a call may leave that has this moment. */
const startInMsSql = (moment: string) => `(case when step < ${tickMs} then ceil(${moment} / ${tickMs}) * ${tickMs} else ${moment} end - now)::float8`;

/**
 * $2 campaign, $3 epoch ms, $4 node, $5 version of the script; the rest are the verdicts, see `judgedSql`. Of those that may be called, as many are reserved as the campaign's limits
 * allow over all nodes; the others stay as they are. Gives those reserved and in how many ms each may leave.
 *
 * The rate is a generic cell rate algorithm (ITU-T I.371 annex A) without tolerance: each call takes the next moment, `step` after the
 * one before, so no 1025 ms hold more than the limit. Rounded up to ticks that is still so: what lies on ten ticks in a row came
 * from a stretch of just 1025 ms. Moments that nobody took are gone. By the database's clock alone: those of the machines may differ.
 */
export const settleSql = `
${limitsSql("$2")}, in_flight as materialized (
  -- What has ended since they were counted makes them fewer than is known: they are counted anew only where all of these might not find room.
  select case when max_lines - lines_at_most >= cardinality($1::bigint[]) then lines_at_most else (select count(*)::int from attempt where campaign_id = $2 and listed_unfinished and id >= limits.oldest_id) end as lines,
    (select id from attempt where campaign_id = $2 and listed_unfinished and id >= limits.oldest_id order by campaign_id, id limit 1) as oldest
  from limits
), room as materialized (
  select greatest(0, least(max_lines - lines, floor((now + ${aheadMs} - first) / step) + 1)) as calls from limits cross join in_flight
), ${judgedSql("(select calls from room)")}, reserved as (
  insert into attempt (campaign_id, contact_id, address_id, script_version_id, channel, address, state, node, permit_until, reserved_at, follows)
  select $2, contact_id, address_id, $5, 'voice', address, 'reserved', $4, until, ${timeSql("$3")}, follows from r where go order by position
  returning id, contact_id
), taken as materialized (
  select count(*) as calls, min(id) as oldest from reserved
), paced as (
  update pace set next_at = ${timeSql("(first + taken.calls * step)")}, oldest_id = coalesce(in_flight.oldest, taken.oldest), lines_at_most = in_flight.lines + taken.calls
  from limits, in_flight, taken where campaign_id = $2 and taken.calls > 0
)
select v.id, v.contact_id, ${startInMsSql("moment")} as start_in_ms
from reserved v
join r on r.contact_id = v.contact_id
cross join limits
cross join lateral (select first + (r.turn - 1) * step as moment) m
order by r.turn`;

/** One more moment, for a call that has missed its own. To be run behind the lock, like the settling statement. */
export const momentSql = (campaignId: string) => `${limitsSql(campaignId)}, paced as (
  update pace set next_at = ${timeSql("(first + step)")} from limits where campaign_id = ${campaignId}
)
select ${startInMsSql("first")} as start_in_ms from limits`;
