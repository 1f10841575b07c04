import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Campaign } from "./campaign.ts";
import type { PassPlace } from "./pass-judge.ts";
import type { PassOf } from "./pass-of.ts";
import type { CampaignStore } from "./ports.ts";
import type { StrategyCampaignStore } from "./strategy-campaign-ports.ts";
import type { StrategySource } from "./strategy-ports.ts";

export interface PassPlacesParts {
  readonly versions: StrategySource;
  readonly strategyCampaigns: Pick<StrategyCampaignStore, "passes">;
  readonly campaigns: Pick<CampaignStore, "findByName">;
  readonly clock: Clock;
}

interface Kept {
  readonly place: Promise<PassPlace>;
  readonly until: number;
}

/** Campaigns that treatments name may be made later than the strategy is started. */
const keptMs = 30_000;

/** What the passes that run go by. Read once for each version, since every claim asks. */
export class PassPlaces {
  readonly #parts: PassPlacesParts;
  readonly #kept = new Map<string, Kept>();

  constructor(parts: PassPlacesParts) {
    this.#parts = parts;
  }

  /** Undefined for a campaign by itself. @throws Fault `strategy-unknown` */
  async of(campaign: Campaign): Promise<PassPlace | undefined> {
    const { pass } = campaign;
    if (pass === undefined) return undefined;
    const now = this.#parts.clock.now();
    const key = `${campaign.id} ${pass.strategyVersionId}`;
    const known = this.#kept.get(key);
    if (known && now < known.until) return await known.place;
    for (const [other, { until }] of this.#kept) if (until <= now) this.#kept.delete(other);
    const place = this.#read(campaign, pass);
    this.#kept.set(key, { place, until: now + keptMs });
    // What could not be read is read again by the next who asks.
    place.catch(() => this.#kept.delete(key));
    return await place;
  }

  async #read({ id: campaignId, defaultTimeZone }: Campaign, { strategyCampaignId, strategyVersionId, name }: PassOf): Promise<PassPlace> {
    const { versions, strategyCampaigns, campaigns } = this.#parts;
    const version = await versions.version(strategyVersionId);
    const pass = version?.strategy.passes.find((each) => each.name === name);
    if (version === undefined || pass === undefined)
      throw new Fault("strategy-unknown", `Version ${strategyVersionId} of its strategy has no pass ${name}.`, { detail: { campaign: campaignId } });
    const { strategy } = version;
    const passes = await strategyCampaigns.passes(strategyCampaignId);
    const others: Record<string, string> = {};
    for (const other of othersOf(strategy.passes)) {
      const id = (await campaigns.findByName(other))?.id;
      if (id !== undefined) others[other] = id;
    }
    return { strategy, pass, campaignId, defaultTimeZone, passes, others };
  }
}

/** Other campaigns that treatments name. */
function othersOf(passes: PassPlace["strategy"]["passes"]): ReadonlySet<string> {
  const all = passes.flatMap(({ whoElse, after }) => [
    whoElse,
    ...Object.values(after).flatMap((following) => [...(following?.treatments ?? []), ...(following?.besides ?? [])]),
  ]);
  return new Set(all.flatMap((treatment) => ("campaign" in treatment ? [treatment.campaign] : [])));
}
