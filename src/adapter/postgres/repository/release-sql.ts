import type pg from "pg";

/** By then every node has read what was changed: whoever comes to their turn earlier might be held back by what held before. */
const readMs = 2000;

/** Rules whose end is known beforehand, and is another one when hours or holidays change. */
const byHours = ["holiday", "outside-calling-window", "outside-legal-hours"];

/**
 * Whom hours or holidays hold back in campaigns, with the time that was named to them: $1 now (epoch ms), $2 rules. They are locked in the order of the work table's key, as others do who lock several.
 * @param campaigns SQL: ids of campaigns, that reads $3
 */
const releaseSql = (campaigns: string) => `
with held as materialized (
  select w.contact_id, w.campaign_id from work w
  where (w.contact_id, w.campaign_id) in (
      select f.contact_id, f.campaign_id from refusal f
      where f.campaign_id in (${campaigns}) and f.rule = any($2) and f.retry_at > to_timestamp($1::float8 / 1000))
    and w.due_at > to_timestamp($1::float8 / 1000)
    and exists (select from refusal f where f.contact_id = w.contact_id and f.campaign_id = w.campaign_id and f.rule = any($2) and f.retry_at = w.due_at)
  order by w.contact_id, w.campaign_id for update of w
)
update work w set due_at = least(w.due_at, to_timestamp(($1::float8 + ${readMs}) / 1000)) from held
where w.contact_id = held.contact_id and w.campaign_id = held.campaign_id`;

const lively = "state in ('running', 'paused', 'stopping')";
const ofCampaign = releaseSql(`select id from campaign where id = $3 and ${lively}`);
const ofWhole = releaseSql(`select id from campaign where strategy_campaign_id = $3 and ${lively}`);
const ofCalendar = releaseSql(`select id from campaign where window_holidays @> array[$3::text] and ${lively}`);

/** Has everybody asked about again soon whom hours or holidays hold back, which are others from now on: of a campaign, of all passes of a strategy, or of every campaign that names a calendar. */
export async function releaseHeld(
  client: pg.PoolClient,
  of: { readonly campaign: string } | { readonly whole: string } | { readonly calendar: string },
  now: number,
): Promise<void> {
  const [text, value] = "campaign" in of ? [ofCampaign, of.campaign] : "whole" in of ? [ofWhole, of.whole] : [ofCalendar, of.calendar];
  // They may be all of a list.
  await client.query("set local statement_timeout = 0");
  await client.query(text, [now, byHours, value]);
}
