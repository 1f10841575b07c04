import type pg from "pg";
import type { Address, NewContact } from "../../../contact/contact.ts";
import { fieldsText, storable } from "./copy-line.ts";
import { timeSql } from "./suppressed.ts";

/** A person who is on the list, and what is known of them from now on. */
export interface Known {
  readonly id: string;
  readonly contact: NewContact;
}

/** $1 rows: fields that are not given stay, as does a time zone. Gives those whose addresses are not the same ones in the same order. */
const fieldsSql = `
with r as materialized (select * from json_to_recordset($1::json) as r(id bigint, time_zone text, fields jsonb, addresses jsonb)), kept as (
  update contact c set fields = c.fields::jsonb || r.fields, time_zone = coalesce(r.time_zone, c.time_zone) from r where c.id = r.id
)
select r.id::text as id from r where r.addresses is distinct from (
  select jsonb_agg(jsonb_build_array(a.kind, coalesce(a.number, a.mailbox)) order by a.position) from address a where a.contact_id = r.id)`;

/** The addresses that they should have. */
const wishedSql = `(select w.id, a.value->>0 as kind, a.value->>1 as address, (a.ordinality - 1)::smallint as position
  from json_to_recordset($1::json) as w(id bigint, addresses jsonb) cross join lateral jsonb_array_elements(w.addresses) with ordinality a)`;

/**
 * $1 rows. Whoever opted out is opted out on the addresses they get, too: of somebody with a client id that goes by itself, of anybody else only the addresses are known, and by those they had it is found; reports count it once. Not what
 * somebody typed or a list says of a number, which is about that number.
 */
const staysOutSql = `
insert into suppression (campaign_id, number, mailbox, channel, reason, source, attempt_id, created_at)
select distinct s.campaign_id, case when n.kind <> 'email' then n.address end, case when n.kind = 'email' then n.address end, s.channel, s.reason, 'moved', s.attempt_id, s.created_at
from ${wishedSql} n
join contact c on c.id = n.id and c.client_id is null
join address had on had.contact_id = n.id
cross join lateral (select * from suppression where number = had.number union all select * from suppression where mailbox = had.mailbox) s
where s.source in ('attempt', 'agent', 'moved') and (s.expires_at is null or s.expires_at > clock_timestamp()) and (s.channel is null or (s.channel = 'email') = (n.kind = 'email'))
  and (select true from address a where a.contact_id = n.id and coalesce(a.number, a.mailbox) = n.address limit 1) is null`;

/**
 * $1 rows, $2 list. An address that stays keeps its id, and with it what the work table knows of it. Its place is taken out of the way first: no two may stand at one, not even
 * for the time of a statement.
 */
const addressesSql = [
  staysOutSql,
  `delete from address a using json_to_recordset($1::json) as w(id bigint, addresses jsonb)
   where a.contact_id = w.id and not exists (select from jsonb_array_elements(w.addresses) e where e.value->>1 = coalesce(a.number, a.mailbox))`,
  "update address a set position = -1 - position from json_to_recordset($1::json) as w(id bigint) where a.contact_id = w.id",
  `update address a set position = w.position, kind = w.kind from ${wishedSql} w where a.contact_id = w.id and coalesce(a.number, a.mailbox) = w.address`,
  `insert into address (contact_id, list_id, position, kind, number, mailbox)
   select w.id, $2, w.position, w.kind, case when w.kind <> 'email' then w.address end, case when w.kind = 'email' then w.address end
   from ${wishedSql} w where not exists (select from address a where a.contact_id = w.id and coalesce(a.number, a.mailbox) = w.address)`,
  `update work k set address_id = null from json_to_recordset($1::json) as w(id bigint)
   where k.contact_id = w.id and k.address_id is not null and not exists (select from address a where a.contact_id = k.contact_id and a.id = k.address_id)`,
];

/** Gives people on the list the fields and addresses that are known of them now. The list is locked. */
export async function updateContacts(client: pg.PoolClient, listId: string, people: readonly Known[]): Promise<void> {
  if (people.length === 0) return;
  const rows = people.map(({ id, contact }) => ({
    id,
    time_zone: contact.timeZone,
    fields: JSON.parse(fieldsText(contact.fields)) as unknown,
    addresses: wished(contact.addresses),
  }));
  const { rows: moved } = await client.query<{ id: string }>(fieldsSql, [JSON.stringify(rows)]);
  const changed = new Set(moved.map(({ id }) => id));
  const others = people.filter(({ id }) => changed.has(id)).map(({ id, contact: { addresses } }) => ({ id, addresses }));
  await changeAddresses(client, listId, others);
}

/** Gives people other addresses. The list is locked. */
export async function changeAddresses(
  client: pg.PoolClient,
  listId: string,
  people: readonly { readonly id: string; readonly addresses: readonly Address[] }[],
): Promise<void> {
  if (people.length === 0) return;
  const changes = JSON.stringify(people.map(({ id, addresses }) => ({ id, addresses: wished(addresses) })));
  for (const text of addressesSql) await client.query(text, text.includes("$2") ? [changes, listId] : [changes]);
}

function wished(addresses: readonly Address[]): readonly (readonly [kind: string, address: string])[] {
  return addresses.map((address) => [address.kind, textOf(address)]);
}

function textOf(address: Address): string {
  return storable(address.kind === "email" ? address.mailbox : address.number);
}

/** SQL: people of list $1 are on no list any more. They are known still: what was done stays told. @param who which of `c`; @param then what is done with those of `gone` */
export const leaveSql = (who: string, then: string) => `
with gone as (
  update contact c set list_id = null where c.list_id = $1 and ${who} returning c.id
), addresses as (
  update address a set list_id = null from gone g where a.contact_id = g.id
), counted as (
  update list set contacts = contacts - (select count(*) from gone) where id = $1
)
${then}`;

/**
 * SQL: nothing more is begun with people in any campaign. What was not sent yet is taken back, what rings is hung up, and nothing follows a conversation or a message
 * that is on its way. To be run again in a transaction after the one in which they left their list, so that a campaign that was being started has them no more.
 * @param people ids; @param at epoch ms
 */
export const withdrawSql = (people: string, at: string) => `
with unqueued as (
  delete from work where contact_id ${people} returning campaign_id, contact_id
), unsent as (
  update attempt set state = 'ended', result = 'canceled', reason = 'withdrawn', ended_at = ${timeSql(at)}, follows = null
  where contact_id ${people} and state = 'reserved' and campaign_id is not null
  returning id, campaign_id, contact_id
), unsent_event as (
  insert into attempt_event (attempt_id, at, kind, detail)
  select id, ${timeSql(at)}, 'ended', '{"result": "canceled", "reason": "withdrawn"}' from unsent
), leaving as (
  update attempt set withdrawn = withdrawn or (channel = 'voice' and state in ('sending', 'ringing')), waited = false, follows = null
  where contact_id ${people} and state <> 'reserved' and ended_at is null and campaign_id is not null
)
insert into refusal (campaign_id, contact_id, at, rule)
select campaign_id, contact_id, ${timeSql(at)}, 'withdrawn' from unqueued union select campaign_id, contact_id, ${timeSql(at)}, 'withdrawn' from unsent`;
