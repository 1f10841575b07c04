import { Registry } from "prom-client";
import type { Test } from "tap";
import type { Stores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { rulesOf } from "../../src/contact/lookup/exchange.ts";
import type { LookupOptions } from "../../src/contact/lookup/options.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openLookups } from "../../src/start/lookups.ts";
import type { VoiceCampaign } from "../../src/strategy/campaign.ts";
import type { AccountPolicy } from "../../src/strategy/gate-policy.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import { until } from "../harness/far-side.ts";
import { makeCampaign, node, phone } from "./stores-kit.ts";

/* Campaigns that want look-ups, and the engines that ask and hand out, over real tables. */

const allDay = { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] };

/** A campaign that calls at any hour and wants these look-ups. */
export async function campaignOf(
  stores: Stores,
  name: string,
  people: number,
  lookups: readonly string[],
  more: { listId?: string } = {},
): Promise<VoiceCampaign> {
  const made = await makeCampaign(stores, { name, people, started: false, maxCps: 1000, ...more });
  await stores.campaigns.change(made.id, { window: allDay }, "test");
  await stores.safeguards.set(made.id, { requireConsent: false, suppressionLists: [], lookups }, "test");
  await stores.campaigns.move(made.id, "draft", "running");
  return { ...made, window: allDay, state: "running" };
}

/** Nodes as a server has them: who asks, and who hands people out. */
export async function openAsking(t: Test, stores: Stores, lookups: readonly LookupOptions[]) {
  const metrics = new Registry();
  const asking = openLookups({
    config: { lookups: [...lookups], webhookDelivery: {} as never },
    stores,
    metrics,
    clock: systemClock,
    log: silentLog,
  });
  const account: AccountPolicy = { lookups: rulesOf(lookups) };
  const pass = new PassEngine({
    ...{ work: stores.work, campaigns: stores.campaigns, account, mayWant: asking.mayWant },
    clock: systemClock,
    log: silentLog,
    node,
  });
  await asking.start();
  t.teardown(() => Promise.all([asking.close(), pass.close()]));
  return { account, pass, metrics, close: () => asking.close() };
}

/** Pulls until that many were given. @returns their contacts' numbers, in the order in which they were */
export async function pulled(pass: PassEngine, campaignId: string, count: number): Promise<readonly string[]> {
  const numbers: string[] = [];
  await until(async () => {
    numbers.push(...(await pass.pull(campaignId, 5)).map(({ address }) => address));
    return numbers.length >= count;
  }, `${count} orders of campaign ${campaignId}`);
  return numbers;
}

export const refusals = async (stores: Stores, campaignId: string) =>
  (
    await stores.pool.query<{ rule: string; people: number; final: boolean }>(
      "select rule, count(distinct contact_id)::int as people, bool_and(retry_at is null) as final from refusal where campaign_id = $1 group by rule order by rule",
      [campaignId],
    )
  ).rows;

export async function listOf(stores: Stores, name: string, from: number, people = 2): Promise<string> {
  const load = await stores.contacts.openLoad({ name, append: false });
  await load.add(
    Array.from({ length: people }, (_, index) => ({
      ...{ clientId: `${name}-${index}`, timeZone: undefined, fields: {} },
      addresses: [{ kind: "mobile" as const, number: phone(from + 1 + index) }],
    })),
  );
  return (await load.commit()).listId;
}
