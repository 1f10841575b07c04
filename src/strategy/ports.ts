import type { Order } from "../attempt/ports.ts";
import type { PhoneNumber } from "../kernel/phone.ts";
import type { Campaign, CampaignProgress, CampaignState } from "./campaign.ts";

/** A contact whose turn it is, locked by the claim that reads it. */
export interface Candidate {
  readonly contactId: string;
  readonly addressId: string;
  readonly address: PhoneNumber;
  readonly timeZone: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
  /** Whether a suppression covers this address or person on this campaign's channel. */
  readonly suppressed: boolean;
}

/** What is done with a candidate. `retryAt` (epoch ms) puts it back for later; without it the refusal is final. */
export type Verdict = { readonly go: true; readonly untilMs: number } | { readonly go: false; readonly rule: string; readonly retryAt?: number };

export interface WorkStore {
  /**
   * Locks the next `count` contacts that are due (FOR UPDATE SKIP LOCKED), asks `judge` about each, and in the same
   * transaction writes a `reserved` attempt for every yes and the refusal with its rule for every no. Committed when it
   * resolves. `judge` must be quick and pure. Orders are leased to `node`.
   * @param reach looks at up to so many contacts (at least, and by default, `count`) and stops after the `count`-th yes;
   * those behind it stay as they were. For stretches of a list in which nearly everybody is refused.
   */
  claim(
    campaign: Campaign,
    count: number,
    now: number,
    node: string,
    judge: (candidate: Candidate) => Verdict,
    reach?: number,
  ): Promise<{ readonly orders: readonly Order[]; readonly refused: number; readonly nextDueAt: number | undefined }>;
  /** Contacts with something left to do, or on the line. Zero means that the campaign is finished. */
  unfinished(campaignId: string): Promise<number>;
}

export interface NewCampaign extends Omit<Campaign, "id" | "state" | "script" | "scriptPinned"> {
  /** Whether it stays on that version; by default it follows the script of that version. */
  readonly scriptPinned?: boolean;
}

export interface CampaignStore {
  create(campaign: NewCampaign): Promise<Campaign>;
  find(id: string): Promise<Campaign | undefined>;
  findByName(name: string): Promise<Campaign | undefined>;
  list(page: { readonly limit: number; readonly afterId?: string }): Promise<readonly Campaign[]>;
  /** Moves from one state to another; false when it was no longer in `from`. Starting fills the work table from the list. */
  move(id: string, from: CampaignState, to: CampaignState): Promise<boolean>;
  inState(states: readonly CampaignState[]): Promise<readonly Campaign[]>;
  progress(id: string): Promise<CampaignProgress>;
}
