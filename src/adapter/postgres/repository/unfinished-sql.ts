/**
 * SQL: what the index by campaign and id takes, and none other can: of a campaign from an id on. By the key of the table PostgreSQL would read what all campaigns have had since.
 */
export function fromOnSql(campaign: string, id: string): string {
  return `campaign_id = ${campaign} and (campaign_id, id) >= (${campaign}, ${id})`;
}

/**
 * Unfinished attempts, as a table: of all campaigns, or of one. An index lists calls, and messages of no campaign. Messages of campaigns stand in none, so that to end one writes no entries into the
 * indexes of attempts: no campaign has any below `pace.oldest_id`, and above it are the last ones.
 * @param campaign SQL: its id
 */
export function unfinishedAttemptsSql(campaign?: string): string {
  const of = (id: string) => (campaign === undefined ? "" : `and ${id} = ${campaign}`);
  // Every node has a name: that it is not null would go without saying, and the index by campaign or node would not be found to hold them all.
  const listed = campaign === undefined ? "and l.node <> ''" : of("l.campaign_id");
  return `(
  select l.* from attempt l where l.listed_unfinished ${listed}
  union all
  select m.* from pace p join campaign k on k.id = p.campaign_id and k.channel <> 'voice' ${of("k.id")}
  cross join lateral (select * from attempt where ${fromOnSql("p.campaign_id", "p.oldest_id")} and ended_at is null and channel <> 'voice' offset 0) m)`;
}

/** Of campaigns that write and have nothing unfinished: nobody need look at their last ones again. Whoever reserves just now has greater ids, and raises it too. */
export const raiseOldestSql = `
update pace set oldest_id = done.next
from (
  select p.campaign_id, last.id + 1 as next
  from pace p join campaign k on k.id = p.campaign_id and k.channel <> 'voice'
  cross join lateral (select id from attempt where ${fromOnSql("p.campaign_id", "p.oldest_id")} order by campaign_id desc, id desc limit 1) last
  where not exists (select from attempt where ${fromOnSql("p.campaign_id", "p.oldest_id")} and ended_at is null)
  for update of p skip locked
) done
where pace.campaign_id = done.campaign_id and pace.oldest_id < done.next`;

/** Whether there is any is what matters, and it is asked often: no more are counted, however long the list. */
const most = 1000;

/** SQL: how many of a campaign ($1) are on the way, up to `most`. */
export const onTheirWaySql = `select count(*) as count from (select from ${unfinishedAttemptsSql("$1")} u limit ${most}) a`;

/** SQL: how much of a campaign ($1) has not ended, up to `most` of each: who waits, and who is on the way. */
export const unfinishedSql = `
select (select count(*) from (select from work where campaign_id = $1 limit ${most}) w) + (${onTheirWaySql}) as count`;

/** How long a report that may lead somewhere is waited for. */
const longestReport = "interval '3 days'";
/** The report of one that nobody knows of after a crash may have come before, and is brought to it when the next node looks at what it holds: within seconds. */
const heldReport = "interval '1 minute'";
/** What comes of a message by a report. */
const reported = "array['delivered', 'undelivered', 'expired', 'rejected', 'bounced-hard', 'bounced-soft']";

/**
 * Of a strategy campaign as a whole: a pass with nobody in it has not ended while another can send people to it. It is said whether there is anything, not how much. Of the messages that
 * are sent and may be reported on the newest is looked at, and of those that are interrupted: what may follow is the same for all of a pass.
 */
export const strategyUnfinishedSql = `
select count(*) as count from (select id, channel from campaign where strategy_campaign_id = $1 and state in ('running', 'paused')) k
where exists (select from work w where w.campaign_id = k.id)
  or exists (select from ${unfinishedAttemptsSql("k.id")} u)
  or (k.channel <> 'voice' and (
    select bool_or(n.follows ?| ${reported} and n.ended_at > clock_timestamp() - r.within)
    from (values ('sent', ${longestReport}), ('interrupted', ${heldReport})) r(result, within)
    cross join lateral (select a.follows, a.ended_at from attempt a where a.campaign_id = k.id and a.listed_result = r.result order by a.id desc limit 1) n))`;
