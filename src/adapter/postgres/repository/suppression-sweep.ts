import type pg from "pg";
import { isCollision } from "../faults.ts";
import { noConsentSql, noConsentToCallSql } from "./consented.ts";
import { type Suppressible, suppressedSql, timeSql } from "./suppressed.ts";
import { unfinishedAttemptsSql } from "./unfinished-sql.ts";
import { writableAddresses } from "./work-message-sql.ts";

const at = timeSql("$1");
const attempted = { clientId: "p.client_id", campaignId: "coalesce(a.campaign_id, a.inbound_campaign_id)", channel: "a.channel", at };
const mustNotSql = (whether: (of: Suppressible) => string) =>
  `(case when a.channel = 'email' then ${whether({ ...attempted, mailbox: "a.address" })} else ${whether({ ...attempted, number: "a.address" })} end)`;

/**
 * $1 epoch ms. What is on its way to somebody who may not be contacted any more: what has not left does not leave, what rings is named to be taken back
 * (Withdrawals). Few attempts are unfinished. Messages of no campaign leave at once, and are asked about when they do; of a consent that is
 * missing everybody is asked then, but those who asked for the call themselves: they need not have agreed.
 */
const inFlightSql = `
with open as materialized (
  select a.id, a.state, a.campaign_id, a.contact_id, ${mustNotSql(suppressedSql)} as suppressed, not a.promised and ${mustNotSql((of) => ("number" in of ? noConsentToCallSql(of) : noConsentSql(of)))} as no_consent
  from ${unfinishedAttemptsSql()} a left join contact p on p.id = a.contact_id
  where a.called_number is null
    and (a.state = 'reserved' and (a.channel = 'voice' or a.campaign_id is not null) or a.channel = 'voice' and a.state in ('sending', 'ringing') and not a.withdrawn)
), unsent as (
  update attempt a set state = 'ended', result = 'canceled', reason = 'suppressed', ended_at = ${at}
  from open o where a.id = o.id and o.state = 'reserved' and o.suppressed and a.state = 'reserved' returning a.id, a.campaign_id, a.contact_id
), unsent_event as (
  insert into attempt_event (attempt_id, at, kind, detail) select id, ${at}, 'ended', '{"result": "canceled", "reason": "suppressed"}' from unsent
), ringing as (
  update attempt a set withdrawn = true from open o where a.id = o.id and a.state in ('sending', 'ringing') and o.state <> 'reserved' and (o.suppressed or o.no_consent)
)
insert into refusal (campaign_id, contact_id, at, rule)
select campaign_id, contact_id, ${at}, 'suppressed' from unsent where campaign_id is not null`;

/** Whether contact `d.contact_id` has an address that a campaign of the channel may still use. */
function reachableSql(channel: "voice" | "sms" | "email"): string {
  const { column, where } = channel === "voice" ? { column: "number", where: "number is not null" } : writableAddresses[channel];
  const of = { clientId: "p.client_id", campaignId: "c.id", channel: `'${channel}'`, at };
  const suppressed = suppressedSql(column === "mailbox" ? { ...of, mailbox: `d.${column}` } : { ...of, number: `d.${column}` });
  return `(select true from address d where d.contact_id = w.contact_id and ${where.replaceAll(/\b(number|mailbox|kind)\b/g, "d.$1")} and not ${suppressed} limit 1)`;
}

/**
 * $1 epoch ms, $2 and $3 the first and last of the suppressions looked at. Whom campaigns still mean to contact and may not, on any of their addresses: taken
 * out of what is left to do, with the reason. Whoever has another address waits on, and is asked about when their turn comes.
 */
const queuedSql = `
with fresh as materialized (select number, mailbox, client_id from suppression where id between $2 and $3),
people as materialized (
  select d.contact_id from fresh f join address d on d.number = f.number
  union select d.contact_id from fresh f join address d on d.mailbox = f.mailbox
  union select k.id from fresh f join contact k on k.client_id = f.client_id
), gone as (
  delete from work w using people x, campaign c, contact p
  where w.contact_id = x.contact_id and c.id = w.campaign_id and p.id = w.contact_id
    and (case c.channel when 'voice' then ${reachableSql("voice")} when 'sms' then ${reachableSql("sms")} else ${reachableSql("email")} end) is null
  returning w.campaign_id, w.contact_id
)
insert into refusal (campaign_id, contact_id, at, rule) select campaign_id, contact_id, ${at}, 'suppressed' from gone`;

/** So many at a time: no statement holds its locks for long. */
const atOnce = 5000;

/** Takes back what is on its way, or queued, to those whom the suppressions with these ids cover. @param now epoch ms */
export async function sweepSuppressed(pool: Pick<pg.Pool, "query">, now: number, from: string, to: string): Promise<void> {
  await sweepInFlight(pool, now);
  const { rows } = await pool.query("select true from work limit 1");
  if (rows.length === 0) return;
  for (let first = BigInt(from); first <= BigInt(to); first += BigInt(atOnce)) {
    const last = first + BigInt(atOnce) - 1n;
    const values = [now, String(first), String(last > BigInt(to) ? to : last)];
    await winning(() => pool.query({ name: "suppression-queued", text: queuedSql, values }));
  }
}

/** Takes back what is on its way to people who may not be contacted. @param now epoch ms */
export async function sweepInFlight(pool: Pick<pg.Pool, "query">, now: number): Promise<void> {
  // A begin that looked before the commit holds its row until it is through: the first time waits for it, the second sees what it did.
  // An attempt that a claim inserts after that is asked about when it begins.
  for (let time = 0; time < 2; time += 1) await winning(() => pool.query({ name: "suppression-in-flight", text: inFlightSql, values: [now] }));
}

const mostTries = 5;

/** Runs a statement again that lost against another one. */
async function winning(run: () => Promise<unknown>): Promise<void> {
  for (let time = 1; ; time += 1) {
    try {
      await run();
      return;
    } catch (error) {
      if (time >= mostTries || !isCollision(error)) throw error;
    }
  }
}
