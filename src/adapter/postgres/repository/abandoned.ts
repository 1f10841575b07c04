import { defaultAbandonedPauseS } from "../../../attempt/calling-mode.ts";

/**
 * SQL: for how long a campaign does not call whoever was abandoned; null for one in which nobody can be. As `abandonedPauseMs` has it.
 * @param campaign alias of its row
 */
export function abandonedPauseSql(campaign: string): string {
  const abandons = `${campaign}.mode = 'predictive' or (${campaign}.mode = 'progressive' and coalesce((${campaign}.pacing->>'linesPerAgent')::float8, 1) > 1)`;
  return `(case when ${abandons} then coalesce((${campaign}.pacing->>'abandonedPauseS')::float8, ${defaultAbandonedPauseS}) * interval '1 s' end)`;
}

/** SQL: when somebody was abandoned last, in any campaign: on that number, or as that contact. Two look-ups, so that each uses its index. */
export function abandonedAtSql(of: { number: string; contactId: string }): string {
  return `greatest(
    (select max(abandoned_at) from attempt where address = ${of.number}),
    (select max(abandoned_at) from attempt where contact_id = ${of.contactId}))`;
}
