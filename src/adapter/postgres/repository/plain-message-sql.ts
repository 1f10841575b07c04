import { maybeCappedSql } from "./frequency-sql.ts";
import { clockSetBackSql, suppressedSql, timeSql } from "./suppressed.ts";
import { gentleRateSql } from "./work-message-sql.ts";

/*
 * What nearly every message by SMS needs, in statements that do nothing else. To set up a statement that also knows what follows an ending, whom to put back, and when caps hold costs PostgreSQL more than
 * the rows of fifty messages, and each further part of it some of every row. Whoever is not plain is left as they are, for the statements that know everything.
 */

/**
 * Columns $1 to $7: id, at (epoch ms), via, from, reference, text, parts, as of `beginMessageSql`, which is for those that this one does not return: whoever may be refused, belongs to no campaign that runs, or is a
 * pass's. The second question to the gate, and the message's row.
 */
export const beginPlainSql = `
with sending as (
  update attempt a set state = 'sending', sending_at = r.at
  from (
    select id, ${timeSql("at")} as at, via, "from", reference, "text", parts
    from unnest($1::bigint[], $2::float8[], $3::text[], $4::text[], $5::int[], $6::text[], $7::smallint[]) as r(id, at, via, "from", reference, "text", parts)
  ) r, contact p
  where a.id = r.id and p.id = a.contact_id and a.state = 'reserved' and not a.orphaned and a.channel = 'sms' and a.follows is null and not a.promised
    and a.permit_until >= r.at and not ${clockSetBackSql}
    -- Not by any index of campaigns: attempts are looked up by their ids.
    and array_position(array(select id from campaign where state = 'running'), a.campaign_id) is not null
    and array_position(array(select campaign_id from campaign_safeguard where require_consent), a.campaign_id) is null
    and not coalesce(${maybeCappedSql({ address: "a.address", fields: "p.fields", channel: "'sms'" })}, true)
    and not ${suppressedSql({ number: "a.address", clientId: "p.client_id", campaignId: "a.campaign_id", channel: "'sms'", at: "r.at" })}
    and (select true from message_unresolved u where u.via = r.via and u.reference = r.reference limit 1) is null
  returning a.id, a.permit_until, r.at, r.via, r."from", r.reference, r."text", r.parts
), written as (
  insert into message (attempt_id, via, from_address, reference, text, parts, submitted_at)
  select id, via, "from", reference, "text", parts, at from sending
)
select id, (extract(epoch from permit_until) * 1000)::float8 as until from sending`;

/**
 * Columns $1 to $8: id, at, reason, via, the id that the next server gave, and of a report that says it is delivered, where one was there by then, state, error and time. Of messages in one part that were taken, as of
 * `handedSql`, which is for those that this one does not return. Nothing has an id yet of what is still on its way: no conflict is looked for.
 */
export const handedPlainSql = `
with ended as (
  update attempt a set state = 'ended', result = case when r.state is null then 'sent' else 'delivered' end, reason = case when r.state is null then r.reason else 'delivered' end,
    ended_at = ${timeSql("r.at")}
  from unnest($1::bigint[], $2::float8[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[]) as r(id, at, reason, via, remote_id, state, error, reported)
  where a.id = r.id and a.state = 'sending' and not a.orphaned and a.follows is null
  returning a.id, r.via, r.remote_id, r.state, r.error, r.reported
), taken as (
  insert into message_part (attempt_id, part, via, remote_id, state, result, error, reported_at)
  select id, 1, via, remote_id, state, case when state is not null then 'delivered' end, error, ${timeSql("reported")} from ended
)
select id from ended`;

/**
 * $2 campaign, $3 epoch ms, $4 node, $5 version of the template; columns $1 and $6 to $9: contact, address, its number or mailbox, until when it may leave, and where its row of the work table lies. As
 * `settleMessagesSql`, where everybody may be written to and no cap holds for any of them.
 */
export const settlePlainSql = gentleRateSql(`r as materialized (
  select contact_id, address_id, address, ${timeSql("until")} as until, null::jsonb as follows, true as go, place, position
  from unnest($1::bigint[], $6::bigint[], $7::text[], $8::float8[], $9::tid[]) with ordinality as r(contact_id, address_id, address, until, place, position)
  where position <= (select messages from room)
), gone as (
  delete from work w where w.ctid = any(array(select place from r))
)`);
