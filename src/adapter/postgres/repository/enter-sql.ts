import { dueInOrderSql } from "./due-sql.ts";
import { timeSql } from "./suppressed.ts";

/**
 * $1 contacts, $2 epoch ms: they come to the campaigns of their lists that run, of a strategy to its first pass; in the order of the campaign. Whoever has been there, or is there, does not
 * come a second time.
 */
export const enterSql = `
insert into work (contact_id, campaign_id, due_at)
select p.id, c.id, ${dueInOrderSql("c.contact_order", "p.id", "c.id", timeSql("$2"))}
from unnest($1::bigint[]) as given(id)
cross join lateral (select id, list_id from contact where id = given.id offset 0) p
join campaign c on c.list_id = p.list_id and c.state in ('running', 'paused')
left join strategy_campaign g on g.id = c.strategy_campaign_id
where c.pass is not distinct from g.first_pass
  and not exists (select from attempt a where a.contact_id = p.id and a.campaign_id = c.id)
  and not exists (select from refusal f where f.contact_id = p.id and f.campaign_id = c.id)
on conflict do nothing`;
