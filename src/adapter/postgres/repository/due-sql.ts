import { timeSql } from "./suppressed.ts";

/**
 * SQL: when a contact of the list is due so that those who are due together come in the order of their campaign: each a millisecond before the next. A list is as long as it takes, and
 * nobody is due later than `at`. The newest are due before everybody who was there before them, whenever they come: counted from when the campaign was made. Of fields see `orderSql`.
 */
export const dueInOrderSql = (order: string, contactId: string, campaignId: string, at: string) =>
  `case ${order}->>'by' when 'newest' then least(${at}, (select k.created_at from campaign k where k.id = ${campaignId})) - ${contactId} * interval '1 ms'
    when 'random' then ${at} - abs(hashint8extended(${contactId}, ${campaignId}) % 10000000) * interval '1 ms' else ${at} end`;

const fieldSql = "p.fields->>(m.contact_order->>'field')";
const numberSql = `case when ${fieldSql} ~ '^\\s*[$€£]?\\s*[-+]?[0-9]+(\\.[0-9]+)?\\s*$' then regexp_replace(${fieldSql}, '[$€£\\s]', '', 'g')::numeric end`;

/** Makes the next people of a list due in a campaign. $1 campaign, $2 list, $3 epoch ms, $4 contact behind whom they come, $5 how many at most. `last` is null when there was nobody. */
export const duePageSql = `
with next as materialized (
  select p.id from contact p where p.list_id = $2 and p.id > $4 order by p.id limit $5
), filled as (
  insert into work (contact_id, campaign_id, due_at)
  select p.id, m.id, ${dueInOrderSql("m.contact_order", "p.id", "m.id", timeSql("$3"))} from campaign m cross join next p where m.id = $1 order by p.id
)
select count(*)::int as made, max(id)::text as last from next`;

/** All of them at once, for to put them in the order of a field takes all. $1 campaign, $2 list, $3 epoch ms. */
export const dueByFieldSql = `
insert into work (contact_id, campaign_id, due_at)
select p.id, m.id, ${timeSql("$3")} - (count(*) over () - row_number() over (order by
  case when m.contact_order->>'as' = 'number' and (m.contact_order->>'largestFirst')::boolean then ${numberSql} end desc nulls last,
  case when m.contact_order->>'as' = 'number' and not (m.contact_order->>'largestFirst')::boolean then ${numberSql} end nulls last,
  case when m.contact_order->>'as' = 'text' and (m.contact_order->>'largestFirst')::boolean then ${fieldSql} end desc nulls last,
  case when m.contact_order->>'as' = 'text' and not (m.contact_order->>'largestFirst')::boolean then ${fieldSql} end nulls last, p.id)) * interval '1 ms'
from campaign m cross join contact p where m.id = $1 and p.list_id = $2`;

/** Those who have left the list since they were made due. $1 campaign, $2 list. */
export const leftListSql = "delete from work w using contact p where w.campaign_id = $1 and p.id = w.contact_id and p.list_id is distinct from $2";

/** Those who have come since. Of an order by a field they are the last. $1 campaign, $2 list, $3 epoch ms. */
export const dueLateSql = `
insert into work (contact_id, campaign_id, due_at)
select p.id, m.id, ${dueInOrderSql("m.contact_order", "p.id", "m.id", timeSql("$3"))} from campaign m cross join contact p
where m.id = $1 and p.list_id = $2 and not exists (select from work w where w.campaign_id = $1 and w.contact_id = p.id)
order by p.id`;
