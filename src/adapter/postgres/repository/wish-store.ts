import type pg from "pg";
import type { WishedMessage, WishStore } from "../../../sms/store-ports.ts";
import { databaseFault } from "../faults.ts";

/**
 * $1 how many, $2 node. The number called when it takes messages, else the contact's first that does: never a landline. The attempt is of no campaign, so that it counts in none; the
 * campaign it comes from is kept, because a suppression may be of that alone. By the database's clock, and the permit is good for as long as the wish.
 */
const takeSql = `
with wished as materialized (
  select e.id, e.attempt_id, e.body, e.expires_at from effect e
  where e.kind = 'send' and e.state = 'pending' and e.due_at <= clock_timestamp() and e.body->>'channel' = 'sms'
  order by e.due_at limit $1 for update skip locked
), whom as materialized (
  select w.id, w.body, w.expires_at, coalesce(o.campaign_id, o.inbound_campaign_id) as campaign_id, o.contact_id, d.id as address_id,
    coalesce(d.number, case when o.contact_id is null and o.address like '+%' then o.address end) as number, p.fields,
    row_number() over (order by w.id) as place
  from wished w
  join attempt o on o.id = w.attempt_id
  left join contact p on p.id = o.contact_id
  left join lateral (
    select a.id, a.number from address a where a.contact_id = o.contact_id and a.number is not null and a.kind <> 'landline'
    order by a.number = o.address desc, a.position limit 1) d on true
), good as materialized (
  select * from whom where number is not null and (expires_at is null or expires_at > clock_timestamp())
), opened as (
  insert into attempt (inbound_campaign_id, contact_id, address_id, channel, address, state, node, permit_until, reserved_at, waited)
  select campaign_id, contact_id, address_id, 'sms', number, 'reserved', $2, coalesce(expires_at, clock_timestamp() + interval '1 hour'), clock_timestamp(), false
  from good order by place returning id
), numbered as (
  select id, row_number() over (order by id) as turn from opened
), taken as (
  update effect e set state = case when g.id is null then 'expired' else 'done' end
  from wished w left join good g on g.id = w.id where e.id = w.id
)
select n.id::text as attempt_id, g.number, g.body, g.fields
from (select *, row_number() over (order by place) as turn from good) g join numbered n on n.turn = g.turn`;

interface Row {
  readonly attempt_id: string;
  readonly number: string;
  readonly body: { readonly template?: string; readonly values?: Readonly<Record<string, string>> };
  readonly fields: Readonly<Record<string, string>> | null;
}

/** Wishes for messages by SMS, in the table `effect`. */
export class PostgresWishStore implements WishStore {
  readonly #pool: pg.Pool;
  readonly #node: string;

  constructor(pool: pg.Pool, node: string) {
    this.#pool = pool;
    this.#node = node;
  }

  async take(limit: number): Promise<readonly WishedMessage[]> {
    try {
      const { rows } = await this.#pool.query<Row>({ name: "wish-take", text: takeSql, values: [limit, this.#node] });
      return rows.map(({ attempt_id: attemptId, number: to, body, fields }) => {
        return { attemptId, to, template: body.template ?? "", fields: { ...fields, ...body.values } };
      });
    } catch (error) {
      throw databaseFault(error, "take the messages that are wished for");
    }
  }
}
