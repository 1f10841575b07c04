import type { MessageChannel } from "../../../attempt/message-ports.ts";
import { catchUpMs } from "../../../strategy/turn.ts";
import { noConsentSql } from "./consented.ts";
import { lookupFactsSql } from "./lookup-sql.ts";
import { type Suppressible, suppressedSql, timeSql } from "./suppressed.ts";
import { fromOnSql } from "./unfinished-sql.ts";
import { capsSql, judgedSql, pickedSql, putBackSql, usedAddressSql } from "./work-sql.ts";

/** A message goes to the first address that can take it: never to a landline, which reads none out. */
export const writableAddresses = {
  sms: { column: "number", where: "number is not null and kind <> 'landline'" },
  email: { column: "mailbox", where: "mailbox is not null" },
} as const;

/** Asked once a statement, and not for each of its people. */
const wantsConsentSql = "coalesce((select true from campaign_safeguard where campaign_id = $1 and require_consent), false)";
const anyBackSql = "(select true from attempt where campaign_id = $1 and again_at is not null limit 1)";

/** As `claimSql`, on a channel of messages: a text of its own for each, so that none pays for the others. */
export function claimMessagesSql(channel: MessageChannel): string {
  const { column, where } = writableAddresses[channel];
  const any = { clientId: "c.client_id", campaignId: "$1", channel: `'${channel}'`, at: timeSql("$2") };
  const of: Suppressible = channel === "email" ? { ...any, mailbox: "a.mailbox" } : { ...any, number: "a.number" };
  return `
${pickedSql}
select w.contact_id, w.due_at, w.place, c.time_zone, c.fields, a.id as address_id, a.${column} as address,
  ${suppressedSql(of)} as suppressed, ${wantsConsentSql} and ${noConsentSql(of)} as no_consent, case when ${anyBackSql} then ${putBackSql} end as put_back,
  c.client_id, ${capsSql(`a.${column}`, `'${channel}'`)} as caps,
  ${lookupFactsSql({ ...(channel === "sms" && { number: "a.number" }), clientId: "c.client_id", fields: "c.fields", campaignId: "$1" })} as lookups
from picked w
join contact c on c.id = w.contact_id
left join lateral ${usedAddressSql(column, where)} a on true
order by w.due_at, w.contact_id`;
}

/**
 * $2 campaign, $3 epoch ms, $4 node, $5 version of the template; as many are reserved as the campaign's rate allows over all nodes, the first ones. To be run behind the same lock as `settleSql`: messages have no lines, and need no
 * moment of their own. Of the generic cell rate algorithm (ITU-T I.371 annex A) with a tolerance of `catchUpMs`: what was left unused that long may be made up for.
 * @param settled the CTEs up to `r`: those who are reserved have `go`, and there are no more of them than `room` says
 */
export const gentleRateSql = (settled: string) => `
with limits as materialized (
  select c.channel, t.now, s.step, p.oldest_id,
    -- Further ahead than it can be: the limit was raised, or the clock was set back.
    case when n.next > t.now + s.step + 1 then t.now - ${catchUpMs} else greatest(n.next, t.now - ${catchUpMs}) end as first
  from pace p
  join campaign c on c.id = p.campaign_id
  cross join lateral (select (extract(epoch from clock_timestamp()) * 1000)::float8 as now) t
  cross join lateral (select (extract(epoch from p.next_at) * 1000)::float8 as next) n
  cross join lateral (select 1000 / c.max_cps as step) s
  where p.campaign_id = $2
), room as materialized (
  select greatest(0, floor((now - first) / step) + 1) as messages from limits
), unfinished as materialized (
  select (select id from attempt where ${fromOnSql("$2::bigint", "limits.oldest_id")} and ended_at is null order by campaign_id, id limit 1) as oldest from limits
), ${settled}, reserved as (
  insert into attempt (campaign_id, contact_id, address_id, template_version_id, channel, address, state, node, permit_until, reserved_at, follows)
  select $2, contact_id, address_id, $5, limits.channel, address, 'reserved', $4, until, ${timeSql("$3")}, follows from r cross join limits where go order by position
  returning id, contact_id
), taken as materialized (
  select count(*) as messages, min(id) as oldest from reserved
), paced as (
  update pace set next_at = ${timeSql("(first + taken.messages * step)")}, oldest_id = coalesce(unfinished.oldest, taken.oldest)
  from limits, unfinished, taken where campaign_id = $2 and taken.messages > 0
)
select id, contact_id from reserved order by id`;

/** The rest of the columns are the verdicts, see `judgedSql`. */
export const settleMessagesSql = gentleRateSql(judgedSql("(select messages from room)"));
