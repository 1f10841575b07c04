import type pg from "pg";
import type { LastRefused } from "../../../attempt/refusal-run.ts";
import type { MessageFilter, MessagePage, MessageReader, ReceivedMessage, SentMessage } from "../../../sms/reader-ports.ts";
import type { KeptReceipt } from "../../../sms/store-ports.ts";
import { databaseFault } from "../faults.ts";
import { idOr0 } from "./id.ts";
import { type KeptRow, keptColumns, toKept } from "./receipt-row.ts";

const sentColumns = `a.id::text, a.channel, m.submitted_at as at, m.via, m.from_address as from, a.address as to, m.text, m.parts, a.state, a.result, a.reason,
  coalesce(a.campaign_id, a.inbound_campaign_id)::text as campaign_id, a.contact_id::text,
  (select coalesce(jsonb_agg(jsonb_build_object('part', p.part, 'remoteId', p.remote_id, 'state', p.state, 'error', p.error,
    'at', (extract(epoch from p.reported_at) * 1000)::bigint) order by p.part), '[]') from message_part p where p.attempt_id = a.id) as reports`;

const receivedColumns = `id::text, at, via, from_address as from, to_address as to, text, complete, state, keyword, campaign_id::text, contact_id::text,
  after_attempt_id::text as "afterMessageId", answer_attempt_id::text as "answerMessageId", details`;

/**
 * $1 campaign. What was refused since something was taken, over the way over which most was. Of the last ones only: behind those that came back when a campaign was paused there are
 * no more than are under way at once.
 */
const lastRefusedSql = `
with lately as materialized (
  select a.id, m.via, a.result, a.reason from (select id, result, reason from attempt where campaign_id = $1 order by campaign_id desc, id desc limit 5000) a
  join message m on m.attempt_id = a.id
)
select l.via, count(*)::int as messages, (array_agg(l.reason order by l.id desc))[1] as reason
from lately l
where l.result = 'carrier-fault'
  and l.id > coalesce((select max(t.id) from lately t where t.via = l.via and t.result not in ('carrier-fault', 'canceled', 'congestion', 'interrupted', 'bad-number')), 0)
group by l.via order by messages desc limit 1`;

/** Reads the tables of messages. */
export class PostgresMessageReader implements MessageReader {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async sent(filter: MessageFilter, page: MessagePage): Promise<readonly SentMessage[]> {
    const { where, values } = filtered("a", filter, page);
    const rows = await this.#read<SentRow>(
      `select ${sentColumns} from attempt a join message m on m.attempt_id = a.id where ${where} order by a.id limit $2`,
      values,
    );
    return rows.map(toSent);
  }

  async one(id: string): Promise<SentMessage | undefined> {
    const rows = await this.#read<SentRow>(`select ${sentColumns} from attempt a join message m on m.attempt_id = a.id where a.id = $1`, [idOr0(id)]);
    return rows[0] && toSent(rows[0]);
  }

  async received(filter: MessageFilter, page: MessagePage): Promise<readonly ReceivedMessage[]> {
    const { where, values } = filtered("i", filter, page);
    const rows = await this.#read<ReceivedRow>(`select ${receivedColumns} from incoming_message i where ${where} order by i.id limit $2`, values);
    return rows.map(({ at, campaign_id, contact_id, ...row }) =>
      compact({ ...row, at: at.getTime(), campaignId: campaign_id, contactId: contact_id }),
    );
  }

  async unmatched({ limit, afterId }: MessagePage): Promise<readonly KeptReceipt[]> {
    const text = `select ${keptColumns} from message_receipt where attempt_id is null and id > $1 order by message_receipt.id limit $2`;
    return (await this.#read<KeptRow>(text, [idOr0(afterId), limit])).map(toKept);
  }

  async lastRefused(campaignId: string): Promise<LastRefused | undefined> {
    return (await this.#read<LastRefused>(lastRefusedSql, [idOr0(campaignId)]))[0];
  }

  async #read<Row extends object>(text: string, values: unknown[]): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "read messages");
    }
  }
}

function filtered(table: string, { campaignId, contactId }: MessageFilter, { limit, afterId }: MessagePage) {
  const values: unknown[] = [idOr0(afterId), limit];
  const where = [`${table}.id > $1`];
  if (campaignId !== undefined) where.push(`${table}.campaign_id = $${values.push(idOr0(campaignId))}`);
  if (contactId !== undefined) where.push(`${table}.contact_id = $${values.push(idOr0(contactId))}`);
  return { where: where.join(" and "), values };
}

/** What the database says as null is left out. */
function compact<T>(row: object): T {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as T;
}

interface SentRow {
  readonly at: Date;
  readonly campaign_id: string | null;
  readonly contact_id: string | null;
  readonly reports: readonly object[];
}

interface ReceivedRow {
  readonly at: Date;
  readonly campaign_id: string | null;
  readonly contact_id: string | null;
}

function toSent({ at, campaign_id, contact_id, reports, ...row }: SentRow): SentMessage {
  return compact({ ...row, at: at.getTime(), campaignId: campaign_id, contactId: contact_id, reports: reports.map((report) => compact(report)) });
}
