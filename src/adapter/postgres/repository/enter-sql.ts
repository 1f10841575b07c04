import { dueInOrderSql } from "./due-sql.ts";
import { timeSql } from "./suppressed.ts";

/** SQL: campaigns `c` of a list that whoever comes to it comes to: those that run, of a strategy the first pass. */
const running =
  "c.state in ('running', 'paused') and c.pass is not distinct from (select g.first_pass from strategy_campaign g where g.id = c.strategy_campaign_id)";

/** SQL: whoever has been there, or is there, does not come a second time. */
const enter = (people: string, at: string) => `
insert into work (contact_id, campaign_id, due_at)
select p.id, c.id, ${dueInOrderSql("c.contact_order", "p.id", "c.id", at)}
from ${people}
  and not exists (select from attempt a where a.contact_id = p.id and a.campaign_id = c.id)
  and not exists (select from refusal f where f.contact_id = p.id and f.campaign_id = c.id)
on conflict do nothing`;

/** $1 contacts, $2 epoch ms: they come to the campaigns of their lists that run, in the order of the campaign. */
export const enterSql = enter(
  `unnest($1::bigint[]) as given(id)
cross join lateral (select id, list_id from contact where id = given.id offset 0) p
join campaign c on c.list_id = p.list_id
where ${running}`,
  timeSql("$2"),
);

/** Which campaigns that are. $1 list. */
export const enteredSql = `select c.id::text from campaign c where c.list_id = $1 and ${running}`;

/** To some of those campaigns, $1, come all who came to their list from contact $2 on. $3 epoch ms. */
export const enterLaterSql = enter("campaign c join contact p on p.list_id = c.list_id and p.id >= $2 where c.id = any($1::bigint[])", timeSql("$3"));
