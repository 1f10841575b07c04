import type { Campaign, CampaignOrder, CampaignState } from "./campaign.ts";

/** A strategy that is carried out on a list: its passes are campaigns, named `CAMPAIGN/PASS`. */
export interface StrategyCampaign {
  readonly id: string;
  readonly name: string;
  readonly listId: string;
  /** Name of the strategy, and which version of it is carried out. */
  readonly strategy: string;
  readonly version: number;
  readonly strategyVersionId: string;
  readonly defaultTimeZone: string;
  readonly state: CampaignState;
}

/** Why a pass by itself cannot be told so, in words; undefined when it can. The whole begins and ends at once; to pause one pass is allowed. */
export function passOrderRefused(campaign: Campaign, order: CampaignOrder): string | undefined {
  if (campaign.pass === undefined || order === "pause" || order === "resume") return undefined;
  const whole = campaign.name.slice(0, -campaign.pass.name.length - 1);
  return `${campaign.name} is a pass: tell ${whole} to ${order}, and all its passes do. One pass can be told to pause and resume.`;
}
