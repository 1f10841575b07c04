import type pg from "pg";
import { Fault } from "../../../kernel/fault.ts";
import type { PartMark } from "../../../sms/incoming.ts";
import type { Incoming } from "../../../sms/ports.ts";
import type { Piece } from "../../../sms/reassembly.ts";
import type { IncomingState, IncomingStore, Joining, KnownMessage, WholeMessage } from "../../../sms/store-ports.ts";
import { databaseFault, isUniqueViolation } from "../faults.ts";
import { storable } from "./attempt-row.ts";
import { subjectSql } from "./consented.ts";
import { anyErasedSql, timeSql } from "./suppressed.ts";
import { inTransaction } from "./transaction.ts";
import { joinSql, openSql } from "./written-sql.ts";

/** Whoever answers a text older than this does not answer it. */
const conversation = "interval '30 days'";

/**
 * $1 via, $2 from, $3 to, $4 epoch ms, $5 text, $6 complete, $7 details. The conversation is the latest of our messages to that number, those from the number written to
 * before others; without one the contact is the newest with that number.
 */
const keepSql = `
insert into incoming_message (via, from_address, to_address, at, text, complete, details, contact_id, campaign_id, after_attempt_id, state)
select $1, $2, $3, ${timeSql("$4")}, $5, $6, $7::jsonb, coalesce(l.contact_id, k.contact_id), l.campaign_id, l.id, 'waiting'
from (select 1) one
left join lateral (
  select a.id, a.contact_id, coalesce(a.campaign_id, a.inbound_campaign_id) as campaign_id
  from address d join attempt a on a.contact_id = d.contact_id join message m on m.attempt_id = a.id
  where d.number = $2 and a.channel = 'sms' and a.address = $2 and m.submitted_at > ${timeSql("$4")} - ${conversation}
  order by m.from_address = $3 desc, a.id desc limit 1) l on true
left join lateral (select d.contact_id from address d where d.number = $2 order by d.contact_id desc limit 1) k on true`;

/** The same, once for each key $8 until that is confirmed. */
const keepOnceSql = `
with known as (
  select incoming_id as id from incoming_unconfirmed where key = $8
), kept as (
  ${keepSql}
  where not exists (select from known)
  returning id
), noted as (
  insert into incoming_unconfirmed (key, at, incoming_id) select $8, ${timeSql("$4")}, id from kept
)
select id::text from kept union all select id::text from known`;

const readSql = `
select i.id::text, i.via, i.from_address, i.to_address, i.at, i.text, i.complete, i.details, i.state, i.contact_id::text, i.campaign_id::text,
  i.after_attempt_id::text, m.text as after_text
from incoming_message i left join message m on m.attempt_id = i.after_attempt_id where i.id = $1`;

/** $1 message, $2 node, $3 now and $4 until when (epoch ms). */
const openAnswerSql = `
with asked as (
  select * from incoming_message where id = $1 and answer_attempt_id is null for update
), opened as (
  insert into attempt (inbound_campaign_id, contact_id, channel, address, state, node, permit_until, reserved_at, waited, promised)
  select campaign_id, contact_id, 'sms', from_address, 'reserved', $2, ${timeSql("$4")}, ${timeSql("$3")}, false, true from asked
  returning id
)
update incoming_message i set answer_attempt_id = o.id from opened o where i.id = $1 returning o.id::text`;

/** $1 message, $2 keyword, $3 webhook, $4 what it is told. */
const settleToldSql = `
with settled as (
  update incoming_message set state = 'keyword', keyword = $2 where id = $1 and state = 'waiting' returning id
)
insert into keyword_call (incoming_id, webhook, body, state, at, due_at)
select id, $3, $4::jsonb, 'pending', clock_timestamp(), clock_timestamp() from settled`;

const partsSql = `
select number, text, data_coding, at, details from incoming_part
where from_address = $1 and to_address = $2 and reference = $3 and total = $4 order by number`;

const dropPartsSql = "delete from incoming_part where from_address = $1 and to_address = $2 and reference = $3 and total = $4";

const everywhere = `s.campaign_id is null and (s.channel is null or s.channel = 'sms') and (s.expires_at is null or s.expires_at > ${timeSql("$2")})
    and (s.list_id is null or (select sl.mandatory and sl.kind is null and (sl.channels is null or 'sms' = any(sl.channels)) from suppression_list sl where sl.id = s.list_id))`;

/** $1 number, $2 epoch ms. Whether no campaign may text it; of a national list it depends on the campaign. */
const heldSql = `select coalesce((select true from suppression s where s.number = $1 and ${everywhere} limit 1),
  (select true from suppression s where ${anyErasedSql} and s.subject = ${subjectSql("number", "$1::text")} and ${everywhere} limit 1), false) as held`;

/** Any number, the same in every Carillon: parts of one message are put together by one process at a time. */
const partLock = 7_243_254;

interface PartRow {
  readonly number: number;
  readonly text: Buffer;
  readonly data_coding: number;
  readonly at: Date;
}

/** What people write, in PostgreSQL. */
export class PostgresIncomingStore implements IncomingStore {
  readonly #pool: pg.Pool;
  readonly #node: string;

  constructor(pool: pg.Pool, node: string) {
    this.#pool = pool;
    this.#node = node;
  }

  async keep(message: WholeMessage, key?: string): Promise<string> {
    const once = async () => await keep(this.#pool, message, key);
    // It is being stored at this moment, brought over another session: that one is there then.
    return await this.#doing("keep a message", () => once().catch((error: unknown) => (isUniqueViolation(error) ? once() : Promise.reject(error))));
  }

  async keepPart(part: Incoming, { reference, total, number }: PartMark, joining: Joining, once: string): Promise<readonly string[]> {
    const { bind, from, to, at, text, dataCoding, details } = part;
    const key = [storable(from), storable(to), reference, total];
    return await inTransaction(this.#pool, "keep a part of a message", async (client) => {
      await client.query("select pg_advisory_xact_lock($1, hashtext($2))", [partLock, key.join(" ")]);
      const { rows: known } = await client.query<{ id: string | null }>("select incoming_id::text as id from incoming_unconfirmed where key = $1", [
        once,
      ]);
      if (known[0]) return known[0].id === null ? [] : [known[0].id];
      const piece: Piece = { reference, total, number, text, dataCoding, at };
      const { held, whole, incomplete } = joining.add(await pieces(client, key, reference, total), piece);
      const made: string[] = [];
      const make = async (of: readonly Piece[], complete: boolean) => {
        made.push(await keep(client, { bind, from, to, at: of[0]?.at ?? at, details, text: joining.text(of, bind), complete }));
      };
      if (incomplete) await make(incomplete, false);
      if (whole) await make(whole, true);
      if (incomplete || whole) await client.query(dropPartsSql, key);
      const noted = `insert into incoming_unconfirmed (key, at, incoming_id) values ($1, ${timeSql("$2")}, $3)`;
      await client.query(noted, [once, at, whole ? made.at(-1) : null]);
      if (!held.some((each) => each.number === number)) return made;
      await client.query(
        `insert into incoming_part (from_address, to_address, reference, total, via, number, text, data_coding, at, details)
         values ($1, $2, $3, $4, $5, $6, $7, $8, ${timeSql("$9")}, $10) on conflict do nothing`,
        [...key, bind, number, Buffer.from(text), dataCoding, at, JSON.stringify(details)],
      );
      return made;
    });
  }

  async joinOverdue(before: number, joining: Joining): Promise<readonly string[]> {
    return await inTransaction(this.#pool, "join the parts of messages", async (client) => {
      const { rows } = await client.query<{ via: string; from_address: string; to_address: string; reference: number; total: number }>(
        `select via, from_address, to_address, reference, total from incoming_part
         group by 1, 2, 3, 4, 5 having max(at) < ${timeSql("$1")} order by max(at) limit 100`,
        [before],
      );
      const made: string[] = [];
      for (const { via: bind, from_address: from, to_address: to, reference, total } of rows) {
        const key = [from, to, reference, total];
        await client.query("select pg_advisory_xact_lock($1, hashtext($2))", [partLock, key.join(" ")]);
        const found = await pieces(client, key, reference, total);
        // Another node may have been quicker, or the last part has come meanwhile.
        const [first] = found;
        if (!first || found.some(({ at }) => at >= before)) continue;
        made.push(await keep(client, { bind, from, to, at: first.at, details: {}, text: joining.text(found, bind), complete: false }));
        await client.query(dropPartsSql, key);
      }
      return made;
    });
  }

  async confirm(key: string): Promise<void> {
    await this.#doing("confirm a message", () => this.#pool.query("delete from incoming_unconfirmed where key = $1", [key]));
  }

  async forgetUnconfirmed(before: number): Promise<void> {
    const text = `delete from incoming_unconfirmed where at < ${timeSql("$1")}`;
    await this.#doing("forget messages that were not confirmed", () => this.#pool.query(text, [before]));
  }

  async waiting(before: number): Promise<readonly string[]> {
    const text = `select id::text from incoming_message where state = 'waiting' and at < ${timeSql("$1")} order by incoming_message.id limit 200`;
    const { rows } = await this.#doing("read messages", () => this.#pool.query<{ id: string }>(text, [before]));
    return rows.map(({ id }) => id);
  }

  async message(id: string): Promise<KnownMessage | undefined> {
    const { rows } = await this.#doing("read a message", () => this.#pool.query<Row>(readSql, [id]));
    return rows[0] && toMessage(rows[0]);
  }

  async settle(id: string, state: IncomingState, keyword?: string): Promise<void> {
    const text = "update incoming_message set state = $2, keyword = $3 where id = $1 and state = 'waiting'";
    await this.#doing("settle a message", () => this.#pool.query(text, [id, state, keyword === undefined ? null : storable(keyword)]));
  }

  async settleTold(id: string, keyword: string, webhook: string, body: Readonly<Record<string, string>>): Promise<void> {
    const values = [id, storable(keyword), webhook, JSON.stringify(body)];
    await this.#doing("settle a message", () => this.#pool.query(settleToldSql, values));
  }

  async hand(id: string, group: string | undefined): Promise<boolean> {
    return await this.#doing("give a message to agents", async () => {
      if ((await this.#pool.query(joinSql, [id])).rowCount === 1) return true;
      return group !== undefined && (await this.#pool.query(openSql, [id, group])).rowCount === 1;
    });
  }

  async openAnswer(id: string, at: number, untilMs: number): Promise<string> {
    return await this.#doing("answer a message", async () => {
      const { rows } = await this.#pool.query<{ id: string }>(openAnswerSql, [id, this.#node, at, untilMs]);
      if (rows[0]) return rows[0].id;
      const known = await this.#pool.query<{ id: string | null }>("select answer_attempt_id::text as id from incoming_message where id = $1", [id]);
      if (!known.rows[0]?.id) throw new Fault("message-unknown", `There is no message ${id}.`);
      return known.rows[0].id;
    });
  }

  async answers(from: string, to: string, state: IncomingState, since: number, most: number): Promise<number> {
    const text = `select true from incoming_message i join attempt a on a.id = i.answer_attempt_id
      where i.from_address = $1 and i.to_address = $2 and i.state = $3 and i.at > ${timeSql("$4")} and a.result is distinct from 'canceled'
      limit $5`;
    const values = [storable(from), storable(to), state, since, most];
    const { rowCount } = await this.#doing("look for answers", () => this.#pool.query(text, values));
    return rowCount ?? 0;
  }

  async lift(from: string, at: number): Promise<"free" | "held"> {
    const text = `update suppression s set expires_at = ${timeSql("$2")}
      from incoming_message i
      where i.from_address = $1 and i.state = 'stop' and s.attempt_id = i.answer_attempt_id and s.channel = 'sms'
        and (s.expires_at is null or s.expires_at > ${timeSql("$2")})`;
    const values = [storable(from), at];
    await this.#doing("lift a suppression", () => this.#pool.query(text, values));
    const { rows } = await this.#doing("look what else holds somebody back", () => this.#pool.query<{ held: boolean }>(heldSql, values));
    return rows[0]?.held ? "held" : "free";
  }

  async #doing<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw databaseFault(error, what);
    }
  }
}

/** @param key left out: of several parts, each of which has its own */
async function keep(client: Pick<pg.Pool, "query">, { bind, from, to, at, text, complete, details }: WholeMessage, key?: string): Promise<string> {
  const values = [bind, storable(from), storable(to), at, storable(text, longestText), complete, JSON.stringify(details)];
  const query =
    key === undefined
      ? { name: "incoming-keep", text: `${keepSql} returning id::text`, values }
      : { name: "incoming-keep-once", text: keepOnceSql, values: [...values, key] };
  const { rows } = await client.query<{ id: string }>(query);
  return rows[0]?.id ?? "";
}

/** 255 parts of 160. */
const longestText = 41_000;

async function pieces(client: pg.PoolClient, key: readonly unknown[], reference: number, total: number): Promise<readonly Piece[]> {
  const { rows } = await client.query<PartRow>(partsSql, [...key]);
  return rows.map(({ number, text, data_coding: dataCoding, at }) => ({ reference, total, number, text, dataCoding, at: at.getTime() }));
}

interface Row {
  readonly id: string;
  readonly via: string;
  readonly from_address: string;
  readonly to_address: string;
  readonly at: Date;
  readonly text: string;
  readonly complete: boolean;
  readonly details: Readonly<Record<string, string | number>>;
  readonly state: IncomingState;
  readonly contact_id: string | null;
  readonly campaign_id: string | null;
  readonly after_attempt_id: string | null;
  readonly after_text: string | null;
}

function toMessage(row: Row): KnownMessage {
  return {
    id: row.id,
    bind: row.via,
    from: row.from_address,
    to: row.to_address,
    at: row.at.getTime(),
    text: row.text,
    complete: row.complete,
    details: row.details,
    state: row.state,
    ...(row.contact_id !== null && { contactId: row.contact_id }),
    ...(row.campaign_id !== null && { campaignId: row.campaign_id }),
    ...(row.after_attempt_id !== null && { afterAttemptId: row.after_attempt_id }),
    ...(row.after_text !== null && { afterText: row.after_text }),
  };
}
