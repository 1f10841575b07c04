import type { Stores } from "../adapter/postgres/stores.ts";
import { copyCampaign, copyStrategyCampaign } from "../api/campaign-copy.ts";
import type { ApiParts } from "../api/parts.ts";
import { orderStrategyCampaign } from "../api/strategy-campaign-control.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { PassEngine } from "../strategy/pass-engine.ts";
import { type ScheduledCampaigns, ScheduleEngine } from "../strategy/schedule-engine.ts";
import { LeftStarts } from "../strategy/start-engine.ts";

export interface SchedulesParts {
  readonly stores: Pick<Stores, "campaigns" | "strategyCampaigns" | "strategies" | "schedules">;
  readonly pass: Pick<PassEngine, "order">;
  readonly hindrances: Pick<ApiParts["safeguards"]["hindrances"], "mayStart">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Campaigns of either kind, for those who start and stop them by themselves. */
export function scheduledCampaigns({ stores, pass, hindrances }: Pick<SchedulesParts, "stores" | "pass" | "hindrances">): ScheduledCampaigns {
  const { campaigns, strategyCampaigns } = stores;
  const mayRun = async (id: string) => {
    const found = await campaigns.find(id);
    if (found) await hindrances.mayStart(found);
  };
  return {
    async order(of, order) {
      if ("campaignId" in of) await pass.order(of.campaignId, order);
      else await orderStrategyCampaign(of.strategyCampaignId, order, stores, mayRun);
    },
    async copy(of, name) {
      if ("campaignId" in of) return { campaignId: (await copyCampaign(of.campaignId, { name }, stores)).id };
      return { strategyCampaignId: (await copyStrategyCampaign(of.strategyCampaignId, { name }, stores)).id };
    },
    async named(name) {
      const whole = await strategyCampaigns.findByName(name);
      if (whole) return { of: { strategyCampaignId: whole.id }, state: whole.state };
      const one = await campaigns.findByName(name);
      return one && { of: { campaignId: one.id }, state: one.state };
    },
  };
}

/** Campaigns start and stop when their schedules say so. */
export function openSchedules({ clock, log, ...parts }: SchedulesParts): ScheduleEngine {
  return new ScheduleEngine({ schedules: parts.stores.schedules, campaigns: scheduledCampaigns(parts), clock, log });
}

/** Starts that were promised are carried out, whatever becomes of the server that began them. */
export function openLeftStarts({
  stores,
  clock,
  log,
  ...parts
}: Omit<SchedulesParts, "stores"> & { readonly stores: SchedulesParts["stores"] & Pick<Stores, "starts"> }): LeftStarts {
  return new LeftStarts({ starts: stores.starts, campaigns: scheduledCampaigns({ stores, ...parts }), clock, log });
}
