import type { Stores } from "../adapter/postgres/stores.ts";
import type { ApiParts } from "../api/parts.ts";
import type { Clock } from "../kernel/clock.ts";
import { PassPlaces } from "../strategy/pass-places-engine.ts";

type Kept = "campaigns" | "lists" | "strategies" | "strategyCampaigns" | "schedules" | "starts" | "events";

/** What the API has of campaigns, whom they are for, and the strategies that they are made of. */
export function strategyParts({
  campaigns,
  lists,
  strategies,
  strategyCampaigns,
  schedules,
  starts,
  events,
}: Pick<Stores, Kept>): Pick<ApiParts, Kept> {
  return { campaigns, lists, strategies, strategyCampaigns, schedules, starts, events };
}

/** What passes that run go by. */
export function passPlaces(
  { campaigns, strategies, strategyCampaigns }: Omit<Pick<Stores, Kept>, "lists" | "schedules" | "starts" | "events">,
  clock: Clock,
): PassPlaces {
  return new PassPlaces({ versions: strategies, strategyCampaigns, campaigns, clock });
}
