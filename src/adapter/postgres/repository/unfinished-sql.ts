/** Whether there is any is what matters, and it is asked often: no more are counted, however long the list. */
const most = 1000;

/** SQL: how many of a campaign ($1) are on the way, up to `most`. */
export const onTheirWaySql = `select count(*) as count from (select from attempt where campaign_id = $1 and ended_at is null limit ${most}) a`;

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
  or exists (select from attempt a where a.campaign_id = k.id and a.ended_at is null)
  or (k.channel <> 'voice' and (
    select bool_or(n.follows ?| ${reported} and n.ended_at > clock_timestamp() - r.within)
    from (values ('sent', ${longestReport}), ('interrupted', ${heldReport})) r(result, within)
    cross join lateral (select a.follows, a.ended_at from attempt a where a.campaign_id = k.id and a.result = r.result order by a.id desc limit 1) n))`;
