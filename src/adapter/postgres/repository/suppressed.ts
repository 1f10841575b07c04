/**
 * SQL: whether a suppression covers a number or mailbox, or a client id, on a channel of a campaign at a time. Two look-ups rather
 * than one with OR, so that each uses its index; scalar ones, because of EXISTS the planner may hash every suppression there is.
 */
export function suppressedSql(
  of: ({ number: string } | { mailbox: string }) & { clientId: string; campaignId: string; channel: string; at: string },
): string {
  const address = "number" in of ? `s.number = ${of.number}` : `s.mailbox = ${of.mailbox}`;
  const covers = `(s.channel is null or s.channel = ${of.channel})
      and (s.campaign_id is null or s.campaign_id = ${of.campaignId})
      and (s.expires_at is null or s.expires_at > ${of.at})`;
  return `(coalesce(
    (select true from suppression s where ${address} and ${covers} limit 1),
    (select true from suppression s where s.client_id = ${of.clientId} and ${covers} limit 1),
    false))`;
}

/**
 * SQL: whether somebody has called us and is on the line: from that number, or known as that contact. Not by `exists`: of that PostgreSQL may make one
 * reading of all calls there ever were.
 */
export function onTheLineSql(of: { number: string; contactId: string }): string {
  const from = (is: string) => `(select true from attempt i where ${is} and i.called_number is not null and i.ended_at is null limit 1)`;
  return `coalesce(${from(`i.address = ${of.number}`)}, ${from(`i.contact_id = ${of.contactId}`)}, false)`;
}

/** SQL: a time given in epoch ms. */
export function timeSql(milliseconds: string): string {
  return `to_timestamp(${milliseconds}::float8 / 1000)`;
}
