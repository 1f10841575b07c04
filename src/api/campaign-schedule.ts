import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { CampaignStore } from "../strategy/ports.ts";
import { nextStep, type Schedule, scheduleRefused } from "../strategy/schedule.ts";
import type { Scheduled, ScheduleStore, ScheduleView } from "../strategy/schedule-ports.ts";
import type { StrategyCampaignStore } from "../strategy/strategy-campaign-ports.ts";

export interface CampaignScheduleParts {
  readonly campaigns: Pick<CampaignStore, "find">;
  readonly strategyCampaigns: Pick<StrategyCampaignStore, "find">;
  readonly schedules: ScheduleStore;
  readonly clock: Clock;
}

/** Faults: `campaign-unknown`, `campaign-invalid`. @param by for people */
export async function setSchedule(of: Scheduled, schedule: Schedule, by: string, parts: CampaignScheduleParts): Promise<ScheduleView> {
  const { defaultTimeZone, state } = await scheduledCampaign(of, parts);
  const now = parts.clock.now();
  const refused = scheduleRefused(schedule, state, now);
  if (refused !== undefined) throw new Fault("campaign-invalid", `The schedule cannot be like this: ${refused}.`);
  return await parts.schedules.set(of, schedule, nextStep(schedule, defaultTimeZone, now), by);
}

/** The campaign of that id that may have a schedule: a pass has that of the whole. */
export async function scheduledCampaign(
  of: Scheduled,
  { campaigns, strategyCampaigns }: Pick<CampaignScheduleParts, "campaigns" | "strategyCampaigns">,
) {
  if ("strategyCampaignId" in of) {
    const whole = await strategyCampaigns.find(of.strategyCampaignId);
    if (whole) return whole;
    throw new Fault("campaign-unknown", `There is no strategy campaign ${of.strategyCampaignId}.`);
  }
  const campaign = await campaigns.find(of.campaignId);
  if (campaign === undefined) throw new Fault("campaign-unknown", `There is no campaign ${of.campaignId}.`);
  if (campaign.pass === undefined) return campaign;
  const whole = campaign.name.slice(0, -campaign.pass.name.length - 1);
  throw new Fault(
    "campaign-invalid",
    `${campaign.name} is a pass: it starts and stops with ${whole}, whose schedule it has. Its own hours and days stand in the strategy.`,
  );
}
