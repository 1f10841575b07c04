/** SQL: under what name the chain of consents knows somebody. As `revoke_consent` of the migration has it. */
export function subjectSql(kind: "number" | "mailbox" | "client-id", value: string): string {
  return hashSql(`'${kind}:' || ${value}`);
}

/** SQL: the same, where the kind stands in a column. */
export function subjectOfSql(kind: string, value: string): string {
  return hashSql(`${kind} || ':' || ${value}`);
}

function hashSql(text: string): string {
  return `encode(sha256((select evidence_key()) || convert_to(${text}, 'UTF8')), 'hex')`;
}

export interface ConsentQuestion {
  readonly clientId: string;
  readonly purpose: string;
  readonly channel: string;
  readonly at: string;
}

/**
 * SQL: whether a person agreed to be contacted on a channel for a purpose. What was said last decides, of the address and of the person each; a no of either is a no. By when it was said, and not by when it
 * was recorded: a file of old consents must not take back what somebody has revoked since.
 * Two look-ups by index.
 * @param kinds which records count for a yes; `relationship`: SQL, whether one will do
 */
export function consentedSql(
  of: ConsentQuestion & ({ number: string } | { mailbox: string }),
  kinds: "consent" | "consent-or-relationship" | { readonly relationship: string },
): string {
  const relationship = typeof kinds === "object" ? ` and (cw.kind <> 'relationship' or ${kinds.relationship})` : "";
  // Not by the id itself: planned while there are few, all records there ever were would be walked from the last one back.
  const word = (subject: string) => `(select cw.kind <> 'revocation' from consent cw
      where cw.subject = ${subject} and (cw.channel is null or cw.channel = ${of.channel}) and (cw.purpose is null or cw.purpose = ${of.purpose})
        and (cw.expires_at is null or cw.expires_at > ${of.at})${kinds === "consent" ? " and cw.kind <> 'relationship'" : relationship}
      order by cw.obtained_at desc, cw.id desc limit 1)`;
  const address = "number" in of ? subjectSql("number", of.number) : subjectSql("mailbox", of.mailbox);
  return `(select coalesce(vw.address, vw.person, false) and coalesce(vw.person, true)
    from (select ${word(address)} as address, ${word(subjectSql("client-id", of.clientId))} as person offset 0) vw)`;
}

/** SQL: whether a campaign contacts only people who agreed to its purpose, and this one has not. Costs one look-up where it does not. */
export function noConsentSql(of: Omit<ConsentQuestion, "purpose"> & { campaignId: string } & ({ number: string } | { mailbox: string })): string {
  return `coalesce((select not ${consentedSql({ ...of, purpose: "sg.purpose" }, "consent")} from campaign_safeguard sg
    where sg.campaign_id = ${of.campaignId} and sg.require_consent), false)`;
}

/**
 * SQL: the same of a call, to which the law of the place may want consent as well (legal-consents.ts): not of a campaign that is exempt because it sells nothing. By the beginning of the number, in one object that is read
 * once a statement; nobody else costs more than that.
 */
export function noConsentToCallSql(of: Omit<ConsentQuestion, "purpose"> & { campaignId: string; number: string }): string {
  const law = `((select reach.consents from legal_reach reach)->left(${of.number}, 3))`;
  const agreed = consentedSql({ ...of, purpose: "sg.purpose" }, { relationship: `(${law}->>'relationship')::boolean` });
  return `(${noConsentSql(of)} or ${of.channel} = 'voice' and coalesce((${law}->>'from')::timestamptz <= ${of.at}, false)
    and (select sg.do_not_call_exempt is not null or sg.purpose is not null and ${agreed} from campaign_safeguard sg where sg.campaign_id = ${of.campaignId}) is not true)`;
}
