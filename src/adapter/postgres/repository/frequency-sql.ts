import { results } from "../../../attempt/result.ts";
import { capRules } from "../../../compliance/frequency.ts";
import { slotLockSql } from "./slot-lock.ts";

const counting = Object.entries(results).flatMap(([name, { counts }]) => (counts ? [name] : []));
const conversations = Object.entries(results).flatMap(([name, { person }]) => (person ? [name] : []));
const listed = (names: readonly string[]) => `(${names.map((name) => `'${name}'`).join(", ")})`;

/** Whom a cap is asked about. All are SQL. */
export interface Capped {
  /** E.164, or a mailbox. */
  readonly address: string;
  readonly contactId: string;
  /** Null for whoever has none. */
  readonly clientId: string;
  /** The contact's, jsonb. */
  readonly fields: string;
  readonly campaignId: string;
  readonly channel: string;
  readonly at: string;
  /** An attempt that is not counted, nor what was reserved after it and is not over: one that is asked about for the second time. */
  readonly attemptId?: string;
}

/** An attempt stands for the moment at which it left; a conversation for its end. What is still on its way stands for now. */
const stoodAt = (at: string) =>
  `case when cap.kind = 'debt-conversation' then coalesce(tried.ended_at, ${at}) else coalesce(tried.sending_at, tried.reserved_at) end`;

/** One that was reserved before the window may have left, and a conversation ended, within it. */
const longestTry = "interval '1 day'";

/** Of a debt: that of the contact asked about. */
const debtOf = (fields: string) => `${fields}->>cap.field`;

/**
 * The caps `cap` that hold for somebody, and `standing`: how many attempts of the window count, how many of those are not over, and when the one stood whose leaving the window makes
 * room. The person's attempts are those of every contact with the same client id, and those to the same address by whoever has no other client id: so they stay counted when a list
 * is brought in anew. Two look-ups for each cap, by contact and by address. Caps of the law hold for few: they are not so much as read for anybody else.
 */
function standingSql({ address, contactId, clientId, fields, campaignId, channel, at, attemptId }: Capped): string {
  const since = `${at} - cap.window_s * interval '1 s'`;
  const columns = "tried.id, tried.contact_id, tried.ended_at";
  const counts = `(case when cap.kind = 'debt-conversation' then tried.ended_at is null and tried.called_number is null or tried.result in ${listed(conversations)}
        else tried.called_number is null and (tried.ended_at is null or tried.answered_at is not null or tried.result in ${listed(counting)}) end)`;
  const which = `${counts}
      and tried.reserved_at > ${since} - ${longestTry} and ${stoodAt(at)} > ${since}
      and (cap.channel is null or tried.channel = cap.channel) and (cap.law is null or jsonb_exists(cap.law->'channels', tried.channel)) and (cap.campaign_id is null or cap.kind <> 'cap' or tried.campaign_id = cap.campaign_id)
      and (cap.law is null or not jsonb_exists(cap.law, 'bySubject') or not ${otherSubjectSql(campaignId)})
      ${attemptId === undefined ? "" : `and tried.id <> ${attemptId} and (tried.id < ${attemptId} or tried.ended_at is not null)`}`;
  return `(
    select * from frequency_cap where law is null and ${anyOwnSql}
    union all
    select * from frequency_cap where law is not null and ${maybeUnderLawSql({ address, fields, channel })}
  ) cap
  cross join lateral (
    select count(*)::int as count, (count(*) filter (where past.ended_at is null))::int as unfinished, (array_agg(past.at order by past.at desc))[cap.most] as filled_at
    from (
      select ${columns}, ${stoodAt(at)} as at from attempt tried
      where cap.per = 'person' and ${which}
        and tried.contact_id = any(array(select ${contactId} union all select known.id from contact known where known.client_id = ${clientId}))
      union
      select ${columns}, ${stoodAt(at)} from attempt tried left join contact known on known.id = tried.contact_id
      where tried.address = ${address} and ${which}
        and (cap.per = 'address' or known.client_id is null or ${clientId} is null or known.client_id = ${clientId})
    ) past
    left join contact whose on whose.id = past.contact_id
    where cap.field is null
      or coalesce(${debtOf("whose.fields")}, case when whose.id is null or cap.campaign_id is not null then ${debtOf(fields)} end) is not distinct from ${debtOf(fields)}
    offset 0
  ) standing
  where (cap.campaign_id is null or cap.campaign_id = ${campaignId}) and (cap.channel is null or cap.channel = ${channel})
    and (cap.field is null or cap.campaign_id is not null or ${debtOf(fields)} is not null)
    and (cap.law is null or ${underLawSql({ address, fields, campaignId, channel, at })})`;
}

/** SQL: whether the account has caps of its own; asked once a statement. */
const anyOwnSql = "exists (select from frequency_cap where law is null)";

/** SQL: the beginning of a ZIP code in North America. Leading zeros that a spreadsheet took away are put back. */
const zipSql = (fields: string, postalField: string) => `left(lpad(substring(${fields}->>${postalField} from '^\\s*(\\d{3,9})'), 5, '0'), 3)`;

/**
 * SQL: whether any law may be of the place where somebody is; false says that none is. Asked for everybody: all that the laws speak of is in one object (`legal_reach`), read once a statement. It is joined with
 * an empty one, for PostgreSQL would unpack what it has compressed again each time.
 */
function maybeUnderLawSql({ address, fields, channel }: Pick<Capped, "address" | "fields" | "channel">): string {
  const field = (column: string) => `(select reach.${column} from legal_reach reach)`;
  const named = (sign: string) => `case when ${mayBeAmericanSql(address, channel)} then ${channel} || ${sign} end`;
  return `exists (select from frequency_cap where law is not null) and jsonb_exists_any((select reach.signs || '{}' from legal_reach reach), array[
      ${channel} || left(${address}, 5), ${channel} || left(${address}, 3),
      ${named(`upper(btrim(${fields}->>${field("state_field")}))`)}, ${named(zipSql(fields, field("postal_field")))}])`;
}

/** SQL: whether any cap may hold for somebody, for the price of no table. Only where it is so need the others of this file be asked. */
export const maybeCappedSql = (of: Pick<Capped, "address" | "fields" | "channel">) => `(${anyOwnSql} or ${maybeUnderLawSql(of)})`;

/**
 * SQL: whether the law of a cap is of the place where somebody is or may be, as `placesOf` says it: by the number, and in North America by state and ZIP code of the list.
 */
function underLawSql({ address, fields, campaignId, channel, at }: Pick<Capped, "address" | "fields" | "campaignId" | "channel" | "at">): string {
  return `jsonb_exists(cap.law->'channels', ${channel}) and ${at} >= (cap.law->>'from')::timestamptz
      and (jsonb_exists(cap.law->'numbers', left(${address}, 5)) or jsonb_exists(cap.law->'numbers', left(${address}, 3)) or ${mayBeAmericanSql(address, channel)} and (
        coalesce(jsonb_exists(cap.law->'states', upper(btrim(${fields}->>(cap.law->>'stateField')))), false) or coalesce(jsonb_exists(cap.law->'zips', ${zipSql(fields, "(cap.law->>'postalField')")}), false)))
      and (not jsonb_exists(cap.law, 'debts') or ${collectsDebtsSql(fields, campaignId)})`;
}

/** SQL: whether somebody may be in North America by what the list says of them: not whose number is of elsewhere. A mailbox says nothing. */
const mayBeAmericanSql = (address: string, channel: string) => `(left(${address}, 2) = '+1' or ${channel} = 'email')`;

/** SQL: whether a rule for debts holds for somebody, which is how a campaign, or the account, says that it collects them. */
const collectsDebtsSql = (fields: string, campaignId: string) =>
  `exists (select from frequency_cap debt where debt.kind = 'debt-calls' and (debt.campaign_id = ${campaignId} or debt.campaign_id is null and ${fields}->>debt.field is not null))`;

/** SQL: whether what was `tried` is about something else than the campaign, as both say. Scalar look-ups: of EXISTS PostgreSQL may make one reading of all there are. */
const otherSubjectSql = (campaignId: string) => `coalesce(${subjectOf("tried.campaign_id")} <> ${subjectOf(campaignId)}, false)`;
const subjectOf = (campaignId: string) => `(select about.subject from campaign_safeguard about where about.campaign_id = ${campaignId})`;

/** Asked again after so long where an attempt that is not over fills the cap: it may come to nothing that counts. */
const unfinishedS = 60;

/** When there is room again; null when there is. */
const retrySql = (at: string) => `(case when standing.count < cap.most then null
    when standing.count - standing.unfinished < cap.most then ${at} + interval '${unfinishedS} s'
    else standing.filled_at + cap.window_s * interval '1 s' end)`;

const ruleSql = `(case cap.kind ${Object.entries(capRules)
  .map(([kind, rule]) => `when '${kind}' then '${rule}'`)
  .join(" ")} end)`;

/** SQL: how somebody stands with every cap that holds for them, as `CapFact`s in jsonb; null where none does. */
export function capFactsSql(of: Capped): string {
  return `case when ${maybeCappedSql(of)} then (select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', cap.name, 'rule', ${ruleSql}, 'count', standing.count, 'most', cap.most, 'windowS', cap.window_s,
    'retryAt', (extract(epoch from ${retrySql(of.at)}) * 1000)::float8)) order by cap.id)
  from ${standingSql(of)}) end`;
}

/**
 * SQL for `lateral`: the cap that holds somebody longest, as rule and until; no row where none does. What it counts is what the statement sees: to hold against others who reserve at the
 * same time it must run behind `lockCapsSql`.
 */
export function cappedSql(of: Capped): string {
  return `select ${ruleSql} as rule, ${retrySql(of.at)} as until from ${standingSql(of)} and standing.count >= cap.most order by until desc, cap.id limit 1`;
}

/** Of an attempt `a` of a contact `p`, asked about for the second time at `r.at`. Whoever asked to be called or written to is not held back. */
export const cappedAttemptSql = `select full_cap.* from (${cappedSql({
  address: "a.address",
  contactId: "a.contact_id",
  clientId: "p.client_id",
  fields: "p.fields",
  campaignId: "a.campaign_id",
  channel: "a.channel",
  at: "r.at",
  attemptId: "a.id",
})}) full_cap where a.campaign_id is not null and not a.promised`;

/** SQL: whether an attempt with that `refused` was refused by a cap. */
export const cappedRefusalSql = `refused in ${listed(Object.values(capRules))}`;

/** Whom caps know as one person or address. */
export interface CapIdentity {
  readonly contactId: string;
  readonly clientId: string | null;
  readonly addresses: readonly string[];
}

/** What they are locked by. */
export function capKeysOf({ contactId, clientId, addresses }: CapIdentity): readonly string[] {
  return [`contact ${contactId}`, ...(clientId === null ? [] : [`client ${clientId}`]), ...addresses];
}

/**
 * SQL: makes all who mean to reserve attempts for the same people do so one after the other, until the transaction ends. Taken in one order, so that no two wait for each other; always
 * after the campaign's pace.
 * @param keys of `capKeysOf`
 */
export function lockCapsSql(keys: readonly string[]): string {
  return slotLockSql("caps", keys);
}
