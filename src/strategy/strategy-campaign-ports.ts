import type { CampaignOrder, CampaignProgress, CampaignState } from "./campaign.ts";
import type { NewMessageCampaign, NewVoiceCampaign } from "./ports.ts";
import type { AddressChoice, ContactOrder } from "./strategy.ts";
import type { StrategyCampaign } from "./strategy-campaign.ts";

/** A pass, as its campaign is to be made. */
export interface NewPass {
  /** Its name is `CAMPAIGN/PASS`. */
  readonly campaign: NewVoiceCampaign | NewMessageCampaign;
  readonly pass: string;
  readonly addressKinds: AddressChoice;
  readonly order: ContactOrder;
  /** That the pass wants besides those of the campaign. */
  readonly lookups?: readonly string[];
  /** Places whose hours it keeps for everybody. */
  readonly laws?: readonly string[];
}

export interface NewStrategyCampaign {
  readonly name: string;
  readonly listId: string;
  readonly strategyVersionId: string;
  /** The pass in which everybody begins. */
  readonly first: string;
  readonly defaultTimeZone: string;
  readonly passes: readonly NewPass[];
}

/** How many people stand where in one pass. */
export interface PassProgress {
  readonly campaignId: string;
  readonly pass: string;
  readonly state: CampaignState;
  readonly progress: CampaignProgress;
}

/** A going over to another version. */
export interface VersionChange {
  /** Epoch ms. */
  readonly at: number;
  readonly by: string;
  readonly beforeVersionId: string;
  readonly afterVersionId: string;
}

export interface StrategyCampaignStore {
  /** All of it or nothing. Faults: `campaign-exists`, `campaign-invalid` when the list or a version does not exist. */
  create(campaign: NewStrategyCampaign): Promise<StrategyCampaign>;
  /** As that of a campaign: a draft with all that its passes have. @param passes their names @param listId without it the same list */
  copy(id: string, name: string, passes: readonly string[], listId?: string): Promise<StrategyCampaign | undefined>;
  find(id: string): Promise<StrategyCampaign | undefined>;
  findByName(name: string): Promise<StrategyCampaign | undefined>;
  list(page: { readonly limit: number; readonly afterId?: string }): Promise<readonly StrategyCampaign[]>;
  /** Campaigns of the passes by their names, those that are gone left out. */
  passes(id: string): Promise<Readonly<Record<string, string>>>;
  /**
   * Every pass that stands where the order fits. Starting fills the first pass from the list.
   * @returns how many passes it moved
   */
  order(id: string, order: CampaignOrder): Promise<number>;
  /**
   * Over to another version: passes of the same names take on what it says and keep who waits in them, those that are new begin in the state of the whole, those that are gone stop.
   * @param by for people
   */
  change(id: string, version: Pick<NewStrategyCampaign, "strategyVersionId" | "first" | "passes">, by: string): Promise<StrategyCampaign | undefined>;
  changes(id: string): Promise<readonly VersionChange[]>;
  progress(id: string): Promise<readonly PassProgress[]>;
}
