import { copyCampaign as copyOne, copyStrategyCampaign } from "../api/campaign-copy.ts";
import { Fault } from "../kernel/fault.ts";
import type { Campaign } from "../strategy/campaign.ts";
import type { StrategyCampaign } from "../strategy/strategy-campaign.ts";
import { findCampaign } from "./campaign-settings.ts";
import { type CommonOptions, withStores } from "./context.ts";

/** `carillon campaign copy A B [--list L]`: of a campaign by itself, or of one that carries out a strategy. */
export function copyCampaign(of: string, name: string, options: CommonOptions & { readonly list?: string }): Promise<Campaign | StrategyCampaign> {
  return withStores(options, async (stores) => {
    const list = options.list === undefined ? undefined : await stores.lists.listByName(options.list);
    if (options.list !== undefined && !list) throw new Fault("list-unknown", `There is no list "${options.list}"; carillon lists shows them.`);
    const wish = { name, ...(list && { listId: list.id }) };
    const whole = await stores.strategyCampaigns.findByName(of);
    return whole ? await copyStrategyCampaign(whole.id, wish, stores) : await copyOne((await findCampaign(stores, of)).id, wish, stores);
  });
}
