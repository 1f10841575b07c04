import type pg from "pg";
import type { EventType } from "../../../webhook/event.ts";
import type { TryAnswer } from "../../../webhook/message.ts";
import type { DueMessage, Outbox } from "../../../webhook/ports.ts";
import { databaseFault } from "../faults.ts";
import { inTransaction } from "./transaction.ts";
import { type MessageRow, messageColumns, ms, toMessage } from "./webhook-row.ts";

/** $1 how many of each webhook, $2 for how long nobody else takes them (ms), $3 webhooks of which none is wanted. Of one that takes nothing a single one, to see whether it does again. */
const takeSql = `
with due as (
  select m.id, w.name, w.url, w.failing_since, w.sealed_secret, case when w.previous_until > clock_timestamp() then w.sealed_previous end as sealed_previous
  from webhook w cross join lateral (
    select id from webhook_message where webhook_id = w.id and state = 'waiting' and due_at <= clock_timestamp()
    order by due_at limit case when w.failing_since is null then $1::int else 1 end for update skip locked) m
  where w.active and w.id <> all($3::bigint[])
)
update webhook_message m set due_at = clock_timestamp() + $2::float8 * interval '1 ms', tries = m.tries + 1 from due where m.id = due.id
returning ${messageColumns("m")}, due.name, due.url, ${ms("due.failing_since")} as "failingSince", due.sealed_secret as "sealedSecret", due.sealed_previous as "sealedPrevious"`;

/** Only of the try that it is about: one that took too long may have been taken by somebody else. */
const stillTried = "id = $1 and state = 'waiting' and tries = $3";

/** $1 how late they are (ms). What was late before the first look ever is old news. */
const missedSql = `
with mark as (
  select missed_until as since, clock_timestamp() - $1::float8 * interval '1 ms' as until from listening where id = 1
), moved as (
  update listening k set missed_until = mark.until from mark where k.id = 1 and mark.until > coalesce(mark.since, '-infinity')
), missed as (
  select k.id, k.campaign_id, k.contact_id, k.agent_id, k.due_at from mark join callback k on k.due_at > mark.since and k.due_at <= mark.until
  where k.state = 'waiting' order by k.due_at, k.id
)
select tell('callback.missed', jsonb_strip_nulls(jsonb_build_object('callbackId', m.id::text, 'campaignId', m.campaign_id::text, 'contactId', m.contact_id::text,
  'clientId', (select client_id from contact where id = m.contact_id), 'agentId', m.agent_id::text,
  'dueAt', to_char(m.due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))) from missed m where listened('callback.missed')`;

const pruneAtOnce = 5000;

interface DueRow extends MessageRow {
  readonly name: string;
  readonly url: string;
  readonly failingSince: number | null;
  readonly sealedSecret: string;
  readonly sealedPrevious: string | null;
}

/** The messages that wait for their webhooks, in the table `webhook_message`. */
export class PostgresOutbox implements Outbox {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async take(limit: number, leaseMs: number, except: readonly string[]): Promise<readonly DueMessage[]> {
    const rows = await this.#rows<DueRow>(takeSql, [limit, leaseMs, except]);
    return rows.map(({ failingSince, sealedPrevious, name, url, sealedSecret, ...row }) => ({
      ...toMessage(row),
      ...{ name, url, sealedSecret },
      ...(failingSince !== null && { failingSince }),
      ...(sealedPrevious !== null && { sealedPrevious }),
    }));
  }

  async delivered({ id, tries, webhookId, failingSince }: DueMessage, answer: TryAnswer): Promise<void> {
    // First of all: whoever sees that it was taken sees that the webhook fails no more.
    if (failingSince !== undefined)
      await this.#rows("update webhook set failing_since = null where id = $1 and failing_since is not null", [webhookId]);
    await this.#rows(`update webhook_message set state = 'delivered', answer = $2, ended_at = clock_timestamp() where ${stillTried}`, [
      ...[id, JSON.stringify(answer), tries],
    ]);
  }

  async putOff(message: DueMessage, answer: TryAnswer, afterMs: number): Promise<void> {
    await this.#fails(message);
    const text = `update webhook_message set answer = $2, due_at = clock_timestamp() + $4::float8 * interval '1 ms' where ${stillTried}`;
    await this.#rows(text, [message.id, JSON.stringify(answer), message.tries, afterMs]);
  }

  async giveUp(message: DueMessage, answer: TryAnswer): Promise<void> {
    await this.#fails(message);
    const text = `update webhook_message set state = 'dead', answer = $2, ended_at = clock_timestamp() where ${stillTried}`;
    await this.#rows(text, [message.id, JSON.stringify(answer), message.tries]);
  }

  async #fails({ webhookId, failingSince }: DueMessage): Promise<void> {
    if (failingSince !== undefined) return;
    await this.#rows("update webhook set failing_since = clock_timestamp() where id = $1 and failing_since is null", [webhookId]);
  }

  async disable(webhookId: string, reason: string): Promise<void> {
    await inTransaction(this.#pool, "switch a webhook off", async (client) => {
      const { rows } = await client.query<{ name: string }>(
        "update webhook set active = false, disabled_reason = $2, changed_at = clock_timestamp() where id = $1 and active returning name",
        [webhookId, reason],
      );
      for (const { name } of rows) await client.query("select tell('webhook.disabled', $1::jsonb)", [JSON.stringify({ webhookId, name, reason })]);
    });
  }

  async tell(event: EventType, body: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#rows("select tell($1, $2::jsonb)", [event, JSON.stringify(body)]);
  }

  async tellMissed(lateMs: number): Promise<void> {
    await inTransaction(this.#pool, "look for missed callbacks", async (client) => {
      // One node alone tells of each.
      await client.query("select from listening where id = 1 for update");
      await client.query(missedSql, [lateMs]);
    });
  }

  async prune(messagesKeptMs: number, streamKeptMs: number): Promise<number> {
    const old = (table: string, column: string) =>
      `delete from ${table} where id = any(array(select id from ${table} where ${column} < clock_timestamp() - $1::float8 * interval '1 ms' order by ${column} limit ${pruneAtOnce})) returning 1`;
    const messages = await this.#rows(old("webhook_message", "ended_at"), [messagesKeptMs]);
    const events = await this.#rows(old("stream_event", "at"), [streamKeptMs]);
    return messages.length + events.length;
  }

  async #rows<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "keep what webhooks are to be told");
    }
  }
}
