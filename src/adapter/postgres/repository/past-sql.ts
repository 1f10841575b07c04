import type pg from "pg";
import { isResult } from "../../../attempt/result.ts";
import type { Past, PastAttempt } from "../../../strategy/past.ts";
import { latestSql } from "./latest-sql.ts";

/** $1 contacts, $2 a pass: what has happened to each of them in its strategy campaign, and the addresses that the pass uses in its order. */
const pastSql = `
select p.id::text as contact_id, x.attempts, e.events, d.addresses
from unnest($1::bigint[]) p(id)
cross join lateral (select strategy_campaign_id, channel, address_kinds from campaign where id = $2 offset 0) c
left join lateral (
  select jsonb_agg(jsonb_build_object('pass', k.pass, 'address', a.address_id::text, 'result', a.result, 'outcome', a.outcome,
    'disposition', (select s.code from disposition s where s.attempt_id = a.id and s.contact_id = a.contact_id ${latestSql("s.id")})) order by a.id) as attempts
  from attempt a cross join lateral (select pass, strategy_campaign_id from campaign where id = a.campaign_id offset 0) k
  where a.contact_id = p.id and k.strategy_campaign_id = c.strategy_campaign_id and coalesce(a.result, '') <> 'canceled'
) x on true
left join lateral (
  select array_agg(distinct n.name) as events from event_contact h cross join lateral (select name from event where id = h.event_id offset 0) n where h.contact_id = p.id
) e on true
left join lateral (
  select array_agg(t.id::text order by array_position(c.address_kinds, t.kind), t.position) as addresses from address t
  where t.contact_id = p.id and (c.address_kinds is null or t.kind = any(c.address_kinds)) and (c.channel = 'email') = (t.mailbox is not null)
) d on true`;

interface PastRow {
  readonly contact_id: string;
  readonly attempts:
    | readonly {
        readonly pass: string;
        readonly address: string | null;
        readonly result: string | null;
        readonly outcome: string | null;
        readonly disposition: string | null;
      }[]
    | null;
  readonly events: readonly string[] | null;
  readonly addresses: readonly string[] | null;
}

/**
 * Which of these contacts an attempt of the campaign is on its way to, and holds the end of each such attempt up until the transaction is over: whoever is put back by it is put back
 * behind what the transaction does.
 */
export async function holdUnfinished(client: pg.PoolClient, campaignId: string, contactIds: readonly string[]): Promise<ReadonlySet<string>> {
  const text = `select contact_id::text as id from attempt where campaign_id = $1 and contact_id = any($2::bigint[]) and ended_at is null order by attempt.id for no key update`;
  const { rows } = await client.query<{ id: string }>({ name: "claim-unfinished", text, values: [campaignId, contactIds] });
  return new Set(rows.map(({ id }) => id));
}

/** By contact. @param campaignId of a pass */
export async function readPast(
  client: Pick<pg.Pool, "query">,
  campaignId: string,
  contactIds: readonly string[],
): Promise<ReadonlyMap<string, Past>> {
  if (contactIds.length === 0) return new Map();
  const { rows } = await client.query<PastRow>({ name: "claim-past", text: pastSql, values: [contactIds, campaignId] });
  return new Map(rows.map((row) => [row.contact_id, pastOf(row)]));
}

function pastOf({ attempts, events, addresses }: PastRow): Past {
  return {
    attempts: (attempts ?? []).map(
      ({ pass, address, result, outcome, disposition }): PastAttempt => ({
        pass,
        ...(address !== null && { addressId: address }),
        ...(result !== null && isResult(result) && { result }),
        ...(outcome !== null && { outcome }),
        ...(disposition !== null && { disposition }),
      }),
    ),
    events: events ?? [],
    addresses: addresses ?? [],
  };
}
