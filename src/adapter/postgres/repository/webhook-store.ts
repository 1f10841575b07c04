import type pg from "pg";
import { Fault } from "../../../kernel/fault.ts";
import { isEventType } from "../../../webhook/event.ts";
import type { WebhookMessage, WebhookMessageState } from "../../../webhook/message.ts";
import type { NewWebhook, SealedSecrets, Webhook, WebhookPatch, WebhookStore } from "../../../webhook/ports.ts";
import { databaseFault, isUniqueViolation } from "../faults.ts";
import type { Database } from "./change.ts";
import { idOr0, isId } from "./id.ts";
import { inTransaction } from "./transaction.ts";
import { type MessageRow, messageColumns, ms, toMessage } from "./webhook-row.ts";

const columns = `id::text, name, url, events, active, ${ms("failing_since")} as "failingSince", disabled_reason as "disabledReason",
  case when previous_until > clock_timestamp() then ${ms("previous_until")} end as "previousUntil", ${ms("created_at")} as "createdAt", ${ms("changed_at")} as "changedAt"`;

interface Row {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly active: boolean;
  readonly failingSince: number | null;
  readonly disabledReason: string | null;
  readonly previousUntil: number | null;
  readonly createdAt: number;
  readonly changedAt: number;
}

interface SealedRow {
  readonly sealedSecret: string;
  readonly sealedPrevious: string | null;
}

/** Webhooks and their messages, in the tables `webhook` and `webhook_message`. */
export class PostgresWebhookStore implements WebhookStore {
  readonly #pool: Database;

  constructor(pool: Database) {
    this.#pool = pool;
  }

  async list({ limit, afterId }: { readonly limit: number; readonly afterId?: string }): Promise<readonly Webhook[]> {
    return (await this.#rows<Row>(`select ${columns} from webhook where id > $1 order by webhook.id limit $2`, [idOr0(afterId), limit])).map(
      toWebhook,
    );
  }

  async find(id: string): Promise<Webhook | undefined> {
    return (await this.#rows<Row>(`select ${columns} from webhook where id = $1`, [idOr0(id)])).map(toWebhook)[0];
  }

  async findByName(name: string): Promise<Webhook | undefined> {
    return (await this.#rows<Row>(`select ${columns} from webhook where name = $1`, [name])).map(toWebhook)[0];
  }

  async add({ name, url, events, active, sealedSecret }: NewWebhook): Promise<Webhook> {
    const text = `insert into webhook (name, url, events, active, sealed_secret, created_at, changed_at)
      values ($1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp()) returning ${columns}`;
    try {
      const { rows } = await this.#pool.query<Row>(text, [name, url, events, active, sealedSecret]);
      return one(rows.map(toWebhook));
    } catch (error) {
      if (isUniqueViolation(error)) throw new Fault("webhook-exists", `There is a webhook "${name}" already; carillon webhook list shows them.`);
      throw databaseFault(error, "keep a webhook");
    }
  }

  async change(id: string, { url, events, active }: WebhookPatch): Promise<Webhook | undefined> {
    const text = `update webhook set url = coalesce($2, url), events = coalesce($3, events), active = coalesce($4, active),
        failing_since = case when $4 or $2 is not null then null else failing_since end,
        disabled_reason = case when $4 then null else disabled_reason end, changed_at = clock_timestamp()
      where id = $1 returning ${columns}`;
    return (await this.#rows<Row>(text, [idOr0(id), url ?? null, events ?? null, active ?? null])).map(toWebhook)[0];
  }

  async rotate(id: string, sealedSecret: string, previousMs: number): Promise<Webhook | undefined> {
    const text = `update webhook set sealed_previous = case when $3 > 0 then sealed_secret end,
        previous_until = case when $3 > 0 then clock_timestamp() + $3::float8 * interval '1 ms' end, sealed_secret = $2, changed_at = clock_timestamp()
      where id = $1 returning ${columns}`;
    return (await this.#rows<Row>(text, [idOr0(id), sealedSecret, previousMs])).map(toWebhook)[0];
  }

  async remove(id: string): Promise<boolean> {
    if (!isId(id)) return false;
    return await inTransaction(this.#pool, "remove a webhook", async (client) => {
      const { rowCount } = await client.query("delete from webhook where id = $1", [id]);
      await client.query("delete from webhook_message where webhook_id = $1", [id]);
      return rowCount === 1;
    });
  }

  async sealed(id: string): Promise<SealedSecrets | undefined> {
    const text = `select sealed_secret as "sealedSecret", sealed_previous as "sealedPrevious" from webhook where id = $1`;
    return (await this.#rows<SealedRow>(text, [idOr0(id)])).map(toSealed)[0];
  }

  async reseal(id: string, before: SealedSecrets, after: SealedSecrets): Promise<boolean> {
    const text = `update webhook set sealed_secret = $4, sealed_previous = $5
      where id = $1 and sealed_secret = $2 and sealed_previous is not distinct from $3 returning id`;
    const values = [idOr0(id), before.sealedSecret, before.sealedPrevious ?? null, after.sealedSecret, after.sealedPrevious ?? null];
    return (await this.#rows(text, values)).length === 1;
  }

  async messages(
    webhookId: string,
    { state }: { readonly state?: WebhookMessageState },
    { limit, afterId }: { readonly limit: number; readonly afterId?: string },
  ): Promise<readonly WebhookMessage[]> {
    const text = `select ${messageColumns("m")} from webhook_message m where m.webhook_id = $1 and m.id > $2 ${state === undefined ? "" : "and m.state = $4"} order by m.id limit $3`;
    const values = [idOr0(webhookId), idOr0(afterId), limit, ...(state === undefined ? [] : [state])];
    return (await this.#rows<MessageRow>(text, values)).map(toMessage);
  }

  async message(webhookId: string, id: string): Promise<WebhookMessage | undefined> {
    const text = `select ${messageColumns("m")} from webhook_message m where m.id = $2 and m.webhook_id = $1`;
    return (await this.#rows<MessageRow>(text, [idOr0(webhookId), idOr0(id)])).map(toMessage)[0];
  }

  async replay(webhookId: string, id: string): Promise<WebhookMessage | undefined> {
    const text = `update webhook_message m ${again} where m.id = $2 and m.webhook_id = $1 and m.state <> 'waiting' returning ${messageColumns("m")}`;
    return (await this.#rows<MessageRow>(text, [idOr0(webhookId), idOr0(id)])).map(toMessage)[0];
  }

  async replayDead(webhookId: string): Promise<number> {
    return (await this.#rows(`update webhook_message m ${again} where m.webhook_id = $1 and m.state = 'dead' returning 1`, [idOr0(webhookId)]))
      .length;
  }

  async #rows<Result extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Result[]> {
    try {
      return (await this.#pool.query<Result>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "keep webhooks");
    }
  }
}

/** Its time begins anew. */
const again = "set state = 'waiting', due_at = clock_timestamp(), created_at = clock_timestamp(), tries = 0, ended_at = null";

function toWebhook({ failingSince, disabledReason, previousUntil, events, ...row }: Row): Webhook {
  return {
    ...row,
    events: events.filter(isEventType),
    ...(failingSince !== null && { failingSince }),
    ...(disabledReason !== null && { disabledReason }),
    ...(previousUntil !== null && { previousUntil }),
  };
}

function toSealed({ sealedSecret, sealedPrevious }: SealedRow): SealedSecrets {
  return { sealedSecret, ...(sealedPrevious !== null && { sealedPrevious }) };
}

function one<T>([first]: readonly T[]): T {
  if (first === undefined) throw new Fault("database-fault", "What was written for a webhook is not there.");
  return first;
}
