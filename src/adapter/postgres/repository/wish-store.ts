import type pg from "pg";
import type { MessageChannel, WishedMessage, WishStore } from "../../../attempt/message-ports.ts";
import { databaseFault } from "../faults.ts";
import { writableAddresses } from "./work-message-sql.ts";

/** Somebody who is in no list, and called us: only a number is known of them. */
const strangerSql = { sms: "case when o.contact_id is null and o.address like '+%' then o.address end", email: "null" } as const;

/**
 * $1 how many, $2 node, $3 whether only what came too late is looked at. The address called when it takes such messages, else the contact's first that does: never a landline. The
 * attempt is of no campaign, so that it counts in none; the campaign it comes from is kept, because a suppression may be of that alone. By the database's clock, and the permit is
 * good for as long as the wish.
 */
function takeSql(channel: MessageChannel): string {
  const { column, where } = writableAddresses[channel];
  return `
with wished as materialized (
  select e.id, e.attempt_id, e.body, e.expires_at from effect e
  where e.kind = 'send' and e.state = 'pending' and e.due_at <= clock_timestamp() and e.body->>'channel' = '${channel}'
    and (not $3::boolean or e.expires_at <= clock_timestamp())
  order by e.due_at limit $1 for update skip locked
), whom as materialized (
  select w.id, w.body, coalesce(w.expires_at, clock_timestamp() + interval '1 hour') as until, w.expires_at,
    coalesce(o.campaign_id, o.inbound_campaign_id) as campaign_id, o.contact_id, d.id as address_id,
    coalesce(d.address, ${strangerSql[channel]}) as address, p.fields, row_number() over (order by w.id) as place
  from wished w
  join attempt o on o.id = w.attempt_id
  left join contact p on p.id = o.contact_id
  left join lateral (
    select a.id, a.${column} as address from address a where a.contact_id = o.contact_id and ${where}
    order by a.${column} = o.address desc, a.position limit 1) d on true
), good as materialized (
  select * from whom where address is not null and (expires_at is null or expires_at > clock_timestamp())
), opened as (
  insert into attempt (inbound_campaign_id, contact_id, address_id, channel, address, state, node, permit_until, reserved_at, waited, agent_id)
  select campaign_id, contact_id, address_id, '${channel}', address, 'reserved', $2, until, clock_timestamp(), false, (body->>'agentId')::bigint
  from good order by place returning id
), numbered as (
  select id, row_number() over (order by id) as turn from opened
), numbered_good as (
  select g.*, n.id as attempt_id from (select *, row_number() over (order by place) as turn from good) g join numbered n on n.turn = g.turn
), taken as (
  update effect e set state = case when g.id is null then 'expired' else 'done' end, sent_attempt_id = g.attempt_id
  from wished w left join numbered_good g on g.id = w.id where e.id = w.id
)
select g.id::text as wish_id, g.attempt_id::text, g.address, g.body, g.fields, (extract(epoch from g.until) * 1000)::float8 as until_ms
from numbered_good g order by g.attempt_id`;
}

/** $1 wish, $2 in how many ms, $3 the attempt that came to nothing: another one may be under way by now. */
const putBackSql = `
update effect set state = 'pending', due_at = clock_timestamp() + $2::float8 * interval '1 ms'
where id = $1 and kind = 'send' and state = 'done' and sent_attempt_id = $3`;

interface Row {
  readonly wish_id: string;
  readonly attempt_id: string;
  readonly address: string;
  readonly body: { readonly template?: string; readonly values?: Readonly<Record<string, string>> };
  readonly fields: Readonly<Record<string, string>> | null;
  readonly until_ms: number;
}

/** Wishes for messages, in the table `effect`. */
export class PostgresWishStore implements WishStore {
  readonly #pool: pg.Pool;
  readonly #node: string;

  constructor(pool: pg.Pool, node: string) {
    this.#pool = pool;
    this.#node = node;
  }

  async take(channel: MessageChannel, limit: number, late: boolean): Promise<readonly WishedMessage[]> {
    try {
      const query = { name: `wish-take-${channel}`, text: takeSql(channel), values: [limit, this.#node, late] };
      const { rows } = await this.#pool.query<Row>(query);
      return rows.map(({ wish_id: wishId, attempt_id: attemptId, address: to, body, fields, until_ms: untilMs }) => {
        return { wishId, attemptId, to, template: body.template ?? "", fields: { ...fields, ...body.values }, untilMs };
      });
    } catch (error) {
      throw databaseFault(error, "take the messages that are wished for");
    }
  }

  async putBack(wishId: string, attemptId: string, afterMs: number): Promise<void> {
    try {
      await this.#pool.query(putBackSql, [wishId, afterMs, attemptId]);
    } catch (error) {
      throw databaseFault(error, "put back a message that is wished for");
    }
  }
}
