import type { Stores } from "../../src/adapter/postgres/stores.ts";
import type { Sending } from "../../src/attempt/message-ports.ts";
import { node, phone } from "./stores-kit.ts";

/** Attempts as a claim leaves them: reserved, of people 1, 2, … of a campaign's list. */
export async function reserveMessages(stores: Stores, campaignId: string, count: number): Promise<readonly string[]> {
  const { rows } = await stores.pool.query<{ id: string }>(
    `insert into attempt (campaign_id, contact_id, address_id, channel, address, state, node, permit_until, reserved_at)
     select $1, d.contact_id, d.id, 'sms', d.number, 'reserved', $3, now() + interval '10 min', now()
     from campaign c join address d on d.list_id = c.list_id and d.position = 0
     where c.id = $1 and exists (select from work w where w.campaign_id = c.id and w.contact_id = d.contact_id) order by d.contact_id limit $2 returning id::text`,
    [campaignId, count, node],
  );
  await stores.pool.query(
    "delete from work w using attempt a where w.campaign_id = $1 and a.campaign_id = $1 and a.contact_id = w.contact_id and a.ended_at is null",
    [campaignId],
  );
  return rows.map(({ id }) => id);
}

export function sendingOf(attemptId: string, more: Partial<Sending> = {}): Sending {
  return { attemptId, at: Date.now(), via: "smsc-a", from: "+12125550100", reference: Number(attemptId), text: "Hello", parts: 1, ...more };
}

export interface Ended {
  readonly state: string;
  readonly result: string | null;
  readonly reason: string | null;
}

export async function endOf(stores: Stores, attemptId: string): Promise<Ended | undefined> {
  const { rows } = await stores.pool.query<Ended>("select state, result, reason from attempt where id = $1", [attemptId]);
  return rows[0];
}

export { phone };
