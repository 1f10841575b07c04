import { consentedSql, subjectSql } from "./consented.ts";

/** SQL: whom a suppression may cover, on a channel of a campaign at a time. */
export type Suppressible = ({ number: string } | { mailbox: string }) & { clientId: string; campaignId: string; channel: string; at: string };

/**
 * SQL: whether a suppression, or an entry of a list that the campaign heeds, covers a number or mailbox, or a client id, on a channel of a campaign at a time. Look-ups rather
 * than one with OR, so that each uses its index; scalar ones, because of EXISTS the planner may hash every suppression there is. Those of people who were erased name them by a
 * hash, which is made only once there are any: that is asked once in a statement, and costs a look into an empty index until then.
 */
export function suppressedSql(of: Suppressible): string {
  const address = "number" in of ? `s.number = ${of.number}` : `s.mailbox = ${of.mailbox}`;
  const subject = "number" in of ? subjectSql("number", of.number) : subjectSql("mailbox", of.mailbox);
  const covers = `(s.channel is null or s.channel = ${of.channel})
      and (s.campaign_id is null or ${sameCampaignSql("s.campaign_id", of.campaignId)})
      and (s.expires_at is null or s.expires_at > ${of.at})
      and (s.list_id is null or ${heededSql(of)})`;
  return `(coalesce(
    (select true from suppression s where ${address} and ${covers} limit 1),
    (select true from suppression s where s.client_id = ${of.clientId} and ${covers} limit 1),
    (select true from suppression s where ${anyErasedSql} and s.subject = any(array[${subject}, ${subjectSql("client-id", of.clientId)}]) and ${covers} limit 1),
    false))`;
}

/** SQL: whether there is a suppression of anybody who was erased. */
export const anyErasedSql = "(select true from suppression se where se.subject > '' limit 1)";

/**
 * SQL: whether a campaign heeds the list of the entry `s` on a channel. Looked up only for those who stand on one. A national list is not for a campaign that is exempt, nor for people
 * who agreed to its purpose or do business with the account (16 CFR 310.4(b)(1)(iii)(B), 47 CFR 64.1200(c)(2)(ii)).
 */
function heededSql(of: Suppressible): string {
  const agreed = consentedSql({ ...of, purpose: "sg.purpose" }, "consent-or-relationship");
  return `(select (sl.channels is null or ${of.channel} = any(sl.channels))
        and (sl.mandatory or (select true from campaign_suppression_list nl where nl.campaign_id = ${of.campaignId} and nl.list_id = sl.id) is not null)
        and (sl.kind is null or (select sg.do_not_call_exempt is not null or (sg.purpose is not null and ${agreed})
          from campaign_safeguard sg where sg.campaign_id = ${of.campaignId}) is not true)
        from suppression_list sl where sl.id = s.list_id)`;
}

/**
 * SQL: whether somebody has called us and is on the line: from that number, or known as that contact. Not by `exists`: of that PostgreSQL may make one
 * reading of all calls there ever were.
 */
export function onTheLineSql(of: { number: string; contactId: string }): string {
  const from = (is: string) => `(select true from attempt i where ${is} and i.called_number is not null and i.listed_unfinished limit 1)`;
  return `coalesce(${from(`i.address = ${of.number}`)}, ${from(`i.contact_id = ${of.contactId}`)}, false)`;
}

/** SQL: whether two campaigns are one to the people in them: the same, or passes of one strategy campaign. That is looked up only where they differ. */
export function sameCampaignSql(one: string, other: string): string {
  const whole = (id: string) => `(select one_pass.strategy_campaign_id from campaign one_pass where one_pass.id = ${id})`;
  return `(${one} = ${other} or ${whole(one)} = ${whole(other)})`;
}

/** SQL: a time given in epoch ms. */
export function timeSql(milliseconds: string): string {
  return `to_timestamp(${milliseconds}::float8 / 1000)`;
}

/**
 * SQL: whether the clock by which the gate was asked about the attempt `a` was ahead of the one by which it is asked again, `r.at`: it has been set back since, and the hours that were
 * open then may not have begun. Of claims alone: what was reserved by the database's clock may be ahead of a node's.
 */
export const clockSetBackSql = "(a.waited and a.reserved_at > r.at + interval '1 s')";
