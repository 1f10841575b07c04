import { Fault } from "../kernel/fault.ts";
import type { CampaignOrder } from "../strategy/campaign.ts";
import { namedByTreatments } from "../strategy/named-treatments.ts";
import type { CampaignStore } from "../strategy/ports.ts";
import type { StrategyCampaign } from "../strategy/strategy-campaign.ts";
import type { StrategyCampaignStore } from "../strategy/strategy-campaign-ports.ts";
import type { StrategyStore, StrategyVersion } from "../strategy/strategy-ports.ts";
import type { WebhookStore } from "../webhook/ports.ts";
import { type ProblemPlace, placedFault } from "./problem.ts";
import { type PassParts, passesOf } from "./strategy-passes.ts";

export interface StrategyCampaignParts extends PassParts {
  readonly strategies: StrategyStore;
  readonly strategyCampaigns: StrategyCampaignStore;
  readonly campaigns: Pick<CampaignStore, "findByName">;
  /** Those that treatments tell. */
  readonly webhooks: Pick<WebhookStore, "findByName">;
}

/** A strategy campaign, as somebody wants it. */
export interface StrategyCampaignWish {
  readonly name: string;
  readonly listId: string;
  /** Name of a published strategy, and which version of it; without one the current. */
  readonly strategy: string;
  readonly version?: number;
  readonly defaultTimeZone: string;
}

/** Faults: `strategy-unknown`, `campaign-exists`, `campaign-invalid` with its places. */
export async function makeStrategyCampaign(wish: StrategyCampaignWish, parts: StrategyCampaignParts): Promise<StrategyCampaign> {
  const version = await versionFor(wish, parts);
  const { strategyCampaigns, campaigns } = parts;
  if ((await strategyCampaigns.findByName(wish.name)) ?? (await campaigns.findByName(wish.name)))
    throw new Fault("campaign-exists", `A campaign named ${wish.name} exists already.`);
  const passes = await preparedPasses(wish, version, parts);
  const { name, listId, defaultTimeZone } = wish;
  return await strategyCampaigns.create({ name, listId, defaultTimeZone, strategyVersionId: version.id, first: version.strategy.first, passes });
}

/**
 * All its passes at once. Faults: `campaign-unknown`, `campaign-state`.
 * @param mayRun asked of the campaign of each pass before they start or resume; what it throws is the answer
 */
export async function orderStrategyCampaign(
  id: string,
  order: CampaignOrder,
  { strategyCampaigns }: Pick<StrategyCampaignParts, "strategyCampaigns">,
  mayRun?: (passCampaignId: string) => Promise<void>,
): Promise<StrategyCampaign> {
  const before = await found(id, strategyCampaigns);
  if (order === "start" || order === "resume") for (const pass of Object.values(await strategyCampaigns.passes(id))) await mayRun?.(pass);
  if ((await strategyCampaigns.order(id, order)) === 0)
    throw new Fault("campaign-state", `Campaign ${before.name} is ${before.state}; it cannot be told to ${order}.`, {
      detail: { campaign: id, state: before.state, order },
    });
  return await found(id, strategyCampaigns);
}

/**
 * Over to another version of its strategy, also while it runs. Faults: `campaign-unknown`, `strategy-unknown`, `campaign-state` when it has ended, `campaign-invalid` with its places.
 * @param number without one the current version
 */
export async function changeStrategyCampaign(
  id: string,
  number: number | undefined,
  by: string,
  parts: StrategyCampaignParts,
): Promise<StrategyCampaign> {
  const { strategyCampaigns, strategies } = parts;
  const campaign = await found(id, strategyCampaigns);
  const { name, state } = campaign;
  if (state === "stopping" || state === "stopped" || state === "finished")
    throw new Fault("campaign-state", `Campaign ${name} is ${state}; its strategy cannot be changed any more.`, { detail: { campaign: id, state } });
  const version = await versionFor({ strategy: campaign.strategy, ...(number !== undefined && { version: number }) }, { strategies });
  const passes = await preparedPasses(campaign, version, parts, await strategies.version(campaign.strategyVersionId));
  const changed = await strategyCampaigns.change(id, { strategyVersionId: version.id, first: version.strategy.first, passes }, by);
  return changed ?? campaign;
}

async function found(id: string, strategyCampaigns: StrategyCampaignStore): Promise<StrategyCampaign> {
  const campaign = await strategyCampaigns.find(id);
  if (campaign === undefined) throw new Fault("campaign-unknown", `There is no strategy campaign ${id}.`, { detail: { campaign: id } });
  return campaign;
}

async function versionFor(
  { strategy, version }: Pick<StrategyCampaignWish, "strategy" | "version">,
  { strategies }: Pick<StrategyCampaignParts, "strategies">,
): Promise<StrategyVersion> {
  const known = await strategies.find(strategy, version);
  if (known) return known;
  const which = version === undefined ? `strategy ${strategy}` : `version ${version} of strategy ${strategy}`;
  throw new Fault("strategy-unknown", `There is no ${which}; carillon strategy list and GET /api/v1/strategies have them.`);
}

/** @param before the version it comes from: what a pass is by cannot change under those who wait in it */
async function preparedPasses(
  wish: Pick<StrategyCampaignWish, "name" | "listId" | "defaultTimeZone">,
  { strategy, source }: StrategyVersion,
  parts: StrategyCampaignParts,
  before?: StrategyVersion,
) {
  const { passes, faults } = await passesOf(wish, strategy, parts);
  const errors: ProblemPlace[] = [...faults];
  for (const { name, channel } of strategy.passes) {
    const was = before?.strategy.passes.find((pass) => pass.name === name);
    if (was && was.channel !== channel)
      errors.push({ pointer: `/passes/${name}/channel`, message: `was ${was.channel} before; give a pass by ${channel} another name` });
  }
  for (const { name, pointer } of namedByTreatments(source, "webhook"))
    if ((await parts.webhooks.findByName(name)) === undefined)
      errors.push({ pointer, message: `there is no webhook ${name}; carillon webhook add and POST /api/v1/webhooks make one` });
  if (errors.length === 0) return passes;
  throw placedFault("campaign-invalid", errors.map(({ pointer, message }) => `${pointer}: ${message}`).join("; "), errors);
}
