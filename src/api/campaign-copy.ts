import { Fault } from "../kernel/fault.ts";
import type { Campaign } from "../strategy/campaign.ts";
import type { CampaignStore } from "../strategy/ports.ts";
import type { StrategyCampaign } from "../strategy/strategy-campaign.ts";
import type { StrategyCampaignStore } from "../strategy/strategy-campaign-ports.ts";
import type { StrategySource } from "../strategy/strategy-ports.ts";

export interface CopyParts {
  readonly campaigns: Pick<CampaignStore, "copy" | "find" | "findByName">;
  readonly strategyCampaigns: Pick<StrategyCampaignStore, "copy" | "find" | "findByName">;
  readonly strategies: StrategySource;
}

export interface CopyWish {
  readonly name: string;
  /** Without it the same list. */
  readonly listId?: string;
}

/** A draft like a campaign by itself, and nothing of its people. Faults: `campaign-unknown`, `campaign-invalid`, `campaign-exists`. */
export async function copyCampaign(id: string, { name, listId }: CopyWish, parts: CopyParts): Promise<Campaign> {
  const { campaigns } = parts;
  const campaign = await campaigns.find(id);
  if (campaign === undefined) throw new Fault("campaign-unknown", `There is no campaign ${id}.`, { detail: { campaign: id } });
  if (campaign.pass !== undefined)
    throw new Fault("campaign-invalid", `${campaign.name} is a pass: copy the whole, ${campaign.name.slice(0, -campaign.pass.name.length - 1)}.`);
  await checkFree(name, parts);
  return (await campaigns.copy(id, name, listId)) ?? campaign;
}

/** The same of a strategy that is carried out: with the version that is carried out now, and what was set for its passes. */
export async function copyStrategyCampaign(id: string, { name, listId }: CopyWish, parts: CopyParts): Promise<StrategyCampaign> {
  const { strategyCampaigns, strategies } = parts;
  const campaign = await strategyCampaigns.find(id);
  const version = campaign && (await strategies.version(campaign.strategyVersionId));
  if (!campaign || !version) throw new Fault("campaign-unknown", `There is no strategy campaign ${id}.`, { detail: { campaign: id } });
  await checkFree(name, parts);
  const passes = version.strategy.passes.map((pass) => pass.name);
  return (await strategyCampaigns.copy(id, name, passes, listId)) ?? campaign;
}

async function checkFree(name: string, { campaigns, strategyCampaigns }: CopyParts): Promise<void> {
  if ((await campaigns.findByName(name)) ?? (await strategyCampaigns.findByName(name)))
    throw new Fault("campaign-exists", `A campaign named ${name} exists already.`);
}
