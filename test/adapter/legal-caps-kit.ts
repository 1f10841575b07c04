import type { Stores } from "../../src/adapter/postgres/stores.ts";
import { isPhoneNumber } from "../../src/kernel/phone.ts";
import type { VoiceCampaign } from "../../src/strategy/campaign.ts";
import { judge } from "../../src/strategy/judge.ts";
import { makeCampaign, node } from "./stores-kit.ts";

export const hour = 3_600_000;
export const fieldNames = { stateField: "state", postalField: "postal_code" };
export const open = { window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] }, defaultTimeZone: "UTC" };
/** Behind the setting up, so that everybody is due. */
export const now = Date.now() + hour;

export interface Person {
  readonly number: string;
  readonly fields?: Readonly<Record<string, string>>;
}

export async function campaignOf(stores: Stores, name: string, people: readonly Person[]): Promise<VoiceCampaign> {
  const load = await stores.contacts.openLoad({ name, append: false });
  await load.add(
    people.map(({ number, fields = {} }, index) => {
      if (!isPhoneNumber(number)) throw new Error(`${number} is no number`);
      return { clientId: `${name}-${index}`, timeZone: undefined, addresses: [{ kind: "mobile" as const, number }], fields };
    }),
  );
  return await makeCampaign(stores, { name, listId: (await load.commit()).listId });
}

/** Everybody on the list was contacted so often, the first time `firstAgoMs` ago and then every minute. */
export async function contacted(stores: Stores, campaign: VoiceCampaign, channel: string, times: number, firstAgoMs: number) {
  await stores.pool.query(
    `insert into attempt (campaign_id, contact_id, address_id, channel, address, state, result, node, permit_until, reserved_at, sending_at, ended_at)
     select $1, p.id, a.id, $2, a.number, 'ended', case $2 when 'voice' then 'no-answer' else 'delivered' end, 'n', at, at, at, at
     from campaign c join contact p on p.list_id = c.list_id join address a on a.contact_id = p.id
     cross join generate_series(0, $3::int - 1) i cross join lateral (select to_timestamp(($4::float8 + i * 60000) / 1000) as at) m where c.id = $1`,
    [campaign.id, channel, times, now - firstAgoMs],
  );
}

/** Who may be called, and until when the others may not. */
export async function asked(stores: Stores, campaign: VoiceCampaign, at = now) {
  const { orders } = await stores.work.claim(campaign, 50, at, node, (candidate) => judge(at, candidate, open));
  const text = "select rule, (extract(epoch from max(retry_at)) * 1000)::float8 as retry from refusal where campaign_id = $1 group by rule";
  const { rows } = await stores.pool.query<{ rule: string; retry: number }>(text, [campaign.id]);
  return { called: orders.map(({ address }) => address), refused: rows };
}
