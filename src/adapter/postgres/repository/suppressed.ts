/**
 * SQL: whether a suppression covers a number, or a client id, on a channel of a campaign at a time. Two look-ups rather
 * than one with OR, so that each uses its index.
 */
export function suppressedSql(of: { number: string; clientId: string; campaignId: string; channel: string; at: string }): string {
  const covers = `(s.channel is null or s.channel = ${of.channel})
      and (s.campaign_id is null or s.campaign_id = ${of.campaignId})
      and (s.expires_at is null or s.expires_at > ${of.at})`;
  return `(exists (select from suppression s where s.number = ${of.number} and ${covers})
    or exists (select from suppression s where s.client_id = ${of.clientId} and ${covers}))`;
}

/** SQL: a time given in epoch ms. */
export function timeSql(milliseconds: string): string {
  return `to_timestamp(${milliseconds}::float8 / 1000)`;
}
