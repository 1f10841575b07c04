import type { ContactOrder } from "./strategy.ts";

/** What ties a campaign to the strategy it is a pass of. */
export interface PassOf {
  readonly strategyCampaignId: string;
  /** Name of the pass in the strategy. */
  readonly name: string;
  /** The version of the strategy that is carried out now, by id. */
  readonly strategyVersionId: string;
  readonly order: ContactOrder;
}
