import type pg from "pg";
import type { PutBack } from "../../../attempt/treatment.ts";
import type { CapFact } from "../../../compliance/frequency.ts";
import type { LookupFact } from "../../../contact/lookup/lookup.ts";
import { Fault } from "../../../kernel/fault.ts";
import { isPhoneNumber } from "../../../kernel/phone.ts";
import type { Campaign, VoiceCampaign } from "../../../strategy/campaign.ts";
import type { Past } from "../../../strategy/past.ts";
import type { Candidate, Verdict } from "../../../strategy/ports.ts";
import type { SingleOrder, SingleRefusal, SingleStore, SingleWish } from "../../../strategy/single-ports.ts";
import { databaseFault } from "../faults.ts";
import { noConsentToCallSql } from "./consented.ts";
import { keptAddressSql } from "./follow-sql.ts";
import { capFactsSql, capKeysOf, lockCapsSql } from "./frequency-sql.ts";
import { isId } from "./id.ts";
import { type Incarnations, incarnationNow } from "./incarnation.ts";
import { lookupFactsSql } from "./lookup-sql.ts";
import { want } from "./lookup-want.ts";
import { readPast } from "./past-sql.ts";
import { slotLockSql } from "./slot-lock.ts";
import { onTheLineSql, suppressedSql, timeSql } from "./suppressed.ts";
import { inTransaction } from "./transaction.ts";
import { addressGoneSql, lockPaceSql } from "./work-sql.ts";

const factsColumns = (number: string, campaignId: string, at: string, attemptId?: string) => `
  p.id::text as contact_id, p.time_zone, p.fields, ${number} as number,
  ${suppressedSql({ number, clientId: "p.client_id", campaignId, channel: "'voice'", at })} as suppressed,
  ${noConsentToCallSql({ number, clientId: "p.client_id", campaignId, channel: "'voice'", at })} as no_consent,
  ${onTheLineSql({ number, contactId: "p.id" })} as on_the_line,
  ${capFactsSql({
    ...{ address: number, contactId: "p.id", clientId: "p.client_id", fields: "p.fields", campaignId, channel: "'voice'", at },
    ...(attemptId !== undefined && { attemptId }),
  })} as caps,
  ${lookupFactsSql({ number, clientId: "p.client_id", fields: "p.fields", campaignId })} as lookups`;

/** $1 campaign, $2 contact, $3 number or null, $4 epoch ms. A number that was typed has no address. */
const factsSql = `
select ${factsColumns("coalesce($3, a.number)", "c.id", timeSql("$4"))},
  case when $3::text is null then a.id::text else (select id::text from address where contact_id = p.id and number = $3 limit 1) end as address_id,
  p.list_id = c.list_id as listed, c.state,
  exists (select from attempt x where x.contact_id = p.id and x.ended_at is null) as being_called,
  (select jsonb_object_agg(b.result, b.times) from (
    select result, count(*) as times from attempt where campaign_id = c.id and contact_id = p.id and again_at is not null group by result) b) as put_back
from campaign c cross join contact p
left join lateral (select id, number from address where contact_id = p.id and number is not null order by position limit 1) a on true
where c.id = $1 and p.id = $2`;

/** $1 attempt, $2 epoch ms. */
const reservedFactsSql = `
select ${factsColumns("a.address", "a.campaign_id", timeSql("$2"), "a.id")}, a.address_id::text, a.campaign_id::text, a.waited,
  c.state, a.promised, a.address_id is not null and ${addressGoneSql("p.id", "a.address_id")} as address_gone
from attempt a join contact p on p.id = a.contact_id join campaign c on c.id = a.campaign_id where a.id = $1`;

const lockReservedSql = "select from attempt where id = $1 and state = 'reserved' and not orphaned for update";

/** $1 attempt, $2 epoch ms, $3 why, $4 until when or null (epoch ms). */
const endSql = `
with ended as (
  update attempt set state = 'ended', result = 'canceled', reason = $3, ended_at = ${timeSql("$2")}
  where id = $1 returning id, campaign_id, contact_id, ended_at, waited, ${keptAddressSql("attempt")} as kept_address
), logged as (
  insert into attempt_event (attempt_id, at, kind, detail)
  select id, ended_at, 'ended', jsonb_build_object('result', 'canceled', 'reason', $3::text) from ended
), refused as (
  insert into refusal (campaign_id, contact_id, at, rule, retry_at) select campaign_id, contact_id, ended_at, $3, ${timeSql("$4")} from ended
)
insert into work (contact_id, campaign_id, due_at, address_id)
select contact_id, campaign_id, ${timeSql("$4")}, kept_address from ended where waited and $4::float8 is not null on conflict do nothing`;

/** $1 contact, $2 a number that was typed. What caps know the person by. */
const identitySql = `
select client_id as "clientId", array(select number from address where contact_id = contact.id and number is not null union select $2 where $2::text is not null) as addresses
from contact where id = $1`;

interface Identity {
  readonly clientId: string | null;
  readonly addresses: readonly string[];
}

interface Facts {
  readonly contact_id: string;
  readonly time_zone: string | null;
  readonly fields: Readonly<Record<string, string>>;
  /** Null where none is known. */
  readonly number: string | null;
  readonly address_id: string | null;
  readonly suppressed: boolean;
  readonly no_consent: boolean;
  readonly on_the_line: boolean;
  /** Null where no cap holds. */
  readonly caps: readonly CapFact[] | null;
  /** Null where the campaign wants no look-up. */
  readonly lookups: readonly LookupFact[] | null;
  readonly state: Campaign["state"];
}

interface WishFacts extends Facts {
  readonly listed: boolean;
  readonly being_called: boolean;
  readonly put_back: PutBack | null;
}

/** Ends the transaction with a no. */
class Refused extends Fault {
  readonly refusal: SingleRefusal;

  constructor(refusal: SingleRefusal) {
    super("call-refused", refusal.refused);
    this.refusal = refusal;
  }
}

/** Attempts that are asked for one by one, in the tables of all attempts. */
export class PostgresSingleStore implements SingleStore {
  readonly #pool: pg.Pool;
  readonly #nodes: Incarnations;
  readonly #node: string;

  constructor(pool: pg.Pool, nodes: Incarnations, node: string) {
    this.#pool = pool;
    this.#nodes = nodes;
    this.#node = node;
  }

  async reserve(campaign: VoiceCampaign, wish: SingleWish, now: number, judge: (candidate: Candidate) => Verdict): Promise<SingleOrder> {
    incarnationNow(this.#nodes, this.#node, "calls people");
    if (!isId(wish.contactId)) return { refused: "not-listed" };
    try {
      return await inTransaction(this.#pool, "reserve a call", (client) => this.#reserve(client, campaign, wish, now, judge));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // The transaction is undone with all that it did; that somebody wanted to call is kept.
      await this.#note(campaign.id, wish.contactId, now, error.refusal);
      return error.refusal;
    }
  }

  async renew(attemptId: string, now: number, judge: (candidate: Candidate) => Verdict) {
    return await inTransaction(this.#pool, "ask the gate again", async (client) => {
      const { rowCount } = await client.query(lockReservedSql, [attemptId]);
      if (!rowCount) return { refused: await whyEnded(client, attemptId) };
      const { rows } = await client.query<Facts & { readonly promised: boolean; readonly address_gone: boolean }>(reservedFactsSql, [attemptId, now]);
      const [facts] = rows;
      if (!facts) return { refused: "not-listed" };
      const stopped = stateRefused(facts.state, facts.promised) ?? (facts.address_gone ? "address-gone" : undefined);
      const verdict: Verdict = stopped ? { go: false, rule: stopped, retryAt: now } : judgeFacts(facts, facts.promised, judge);
      if (verdict.go) {
        await client.query(`update attempt set permit_until = ${timeSql("$2")} where id = $1`, [attemptId, verdict.untilMs]);
        return { untilMs: verdict.untilMs };
      }
      await client.query(endSql, [attemptId, now, verdict.rule, verdict.retryAt]);
      return refusalOf(verdict);
    });
  }

  async #reserve(
    client: pg.PoolClient,
    campaign: VoiceCampaign,
    { contactId, number, promised = false }: SingleWish,
    now: number,
    judge: (candidate: Candidate) => Verdict,
  ): Promise<SingleOrder> {
    // In the order in which claims lock: the waiting one, then the pace. What a claim has reserved meanwhile is seen by the statement behind them.
    await client.query("select from contact where id = $1 for no key update", [contactId]);
    const taken = "delete from work where contact_id = $1 and campaign_id = $2 returning due_at";
    const { rows: waited } = await client.query<{ due_at: Date }>(taken, [contactId, campaign.id]);
    if (campaign.pass) await client.query(slotLockSql("people", [contactId]));
    await client.query(lockPaceSql(campaign.id));
    const { rows: known } = await client.query<Identity>(identitySql, [contactId, number]);
    for (const identity of known) await client.query(lockCapsSql(capKeysOf({ contactId, ...identity })));
    const { rows } = await client.query<WishFacts>(factsSql, [campaign.id, contactId, number, now]);
    const [facts] = rows;
    if (!facts?.listed) throw new Refused({ refused: "not-listed" });
    const stopped = stateRefused(facts.state, promised);
    if (stopped) throw new Refused({ refused: stopped });
    if (facts.being_called) throw new Refused({ refused: "being-called" });
    const past = campaign.pass && (await readPast(client, campaign.id, [contactId])).get(contactId);
    const verdict = judgeFacts(facts, promised, judge, past);
    if (!verdict.go) throw new Refused(refusalOf(verdict));
    const { rows: made } = await client.query<{ id: string }>(
      // It takes a line that claims must know of: see `settleSql`.
      `with counted as (update pace set lines_at_most = least(lines_at_most, 2147483646) + 1 where campaign_id = $1)
       insert into attempt (campaign_id, contact_id, address_id, script_version_id, channel, address, state, node, permit_until, reserved_at, waited, promised, follows)
       values ($1, $2, $3, $4, 'voice', $5, 'reserved', $6, ${timeSql("$7")}, ${timeSql("$8")}, $9, $10, $11) returning id::text`,
      [
        campaign.id,
        contactId,
        facts.address_id,
        campaign.scriptVersionId,
        facts.number,
        this.#node,
        verdict.untilMs,
        now,
        waited.length > 0,
        promised,
        verdict.follows && JSON.stringify(verdict.follows),
      ],
    );
    const { number: address, fields, time_zone } = facts;
    if (!made[0] || address === null || !isPhoneNumber(address)) throw new Refused({ refused: "bad-number" });
    const order = {
      attemptId: made[0].id,
      campaignId: campaign.id,
      contactId,
      addressId: facts.address_id ?? "",
      channel: "voice" as const,
      address,
      callerId: campaign.callerId,
      fields: time_zone === null ? fields : { ...fields, time_zone },
      scriptVersionId: campaign.scriptVersionId,
      permit: { at: now, untilMs: verdict.untilMs },
    };
    return { order, putBack: facts.put_back ?? {}, ...(waited[0] && { dueAt: waited[0].due_at.getTime() }) };
  }

  async #note(campaignId: string, contactId: string, now: number, { refused, retryAt, wanted = [] }: SingleRefusal): Promise<void> {
    const text = `insert into refusal (campaign_id, contact_id, at, rule, retry_at)
      select $1, id, ${timeSql("$3")}, $4, ${timeSql("$5")} from contact where id = $2`;
    try {
      await this.#pool.query(text, [campaignId, contactId, now, refused, retryAt ?? now]);
      if (wanted.length > 0) await want(this.#pool, wanted);
    } catch (error) {
      throw databaseFault(error, "write a refusal down");
    }
  }
}

/** Neither caps, a look-up, nor a consent that is missing hold back a call that the person asked for. */
function judgeFacts(facts: Facts, promised: boolean, judge: (candidate: Candidate) => Verdict, past?: Past): Verdict {
  const { contact_id: contactId, number, time_zone: timeZone, fields, suppressed, on_the_line: onTheLine } = facts;
  if (number === null) return { go: false, rule: "no-address" };
  if (!isPhoneNumber(number)) return { go: false, rule: "bad-number" };
  const caps = facts.caps && !promised && { caps: facts.caps };
  const lookups = facts.lookups && !promised && { lookups: facts.lookups };
  return judge({
    contactId,
    addressId: facts.address_id ?? "",
    address: number,
    timeZone: timeZone ?? undefined,
    fields,
    suppressed,
    onTheLine,
    ...(facts.no_consent && !promised && { noConsent: true }),
    ...(past && { past }),
    ...caps,
    ...lookups,
  });
}

/** Who asked to be called is called in a campaign that has ended, too; but not in one that somebody holds. */
function stateRefused(state: Campaign["state"], promised: boolean): string | undefined {
  if (state === "running" || (promised && ["stopping", "stopped", "finished"].includes(state))) return undefined;
  return `campaign ${state}`;
}

function refusalOf({ rule, retryAt, wanted }: Extract<Verdict, { go: false }>): SingleRefusal {
  return { refused: rule, ...(retryAt !== undefined && { retryAt }), ...(wanted && { wanted }) };
}

async function whyEnded(client: pg.PoolClient, attemptId: string): Promise<string> {
  const { rows } = await client.query<{ reason: string | null }>("select reason from attempt where id = $1", [attemptId]);
  return rows[0]?.reason ?? "gone";
}
