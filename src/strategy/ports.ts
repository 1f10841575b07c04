import type { Answering } from "../attempt/answering.ts";
import type { CallingMode, PacingWishes } from "../attempt/calling-mode.ts";
import type { MessageOrder } from "../attempt/message-ports.ts";
import type { Order } from "../attempt/ports.ts";
import type { PutBack } from "../attempt/treatment.ts";
import type { CallingWindow } from "../compliance/calling-window.ts";
import type { CapFact } from "../compliance/frequency.ts";
import type { LookupFact } from "../contact/lookup/lookup.ts";
import type { Campaign, CampaignProgress, CampaignState, MessageCampaign, VoiceCampaign } from "./campaign.ts";
import type { Follows, Onward } from "./follows.ts";
import type { Past } from "./past.ts";

/** A contact whose turn it is, locked by the claim that reads it. */
export interface Candidate {
  readonly contactId: string;
  readonly addressId: string;
  /** E.164, or a mailbox on e-mail. */
  readonly address: string;
  readonly timeZone: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
  /** Whether a suppression covers this address or person on this campaign's channel. */
  readonly suppressed: boolean;
  /** Whether the campaign contacts only people who agreed, and this one has not. */
  readonly noConsent?: boolean;
  /** Whether the person has called us and is on the line. */
  readonly onTheLine?: boolean;
  /** What has happened to the person in the strategy campaign; of passes alone. */
  readonly past?: Past;
  /** When the person was abandoned last, in any campaign (epoch ms); undefined for never, and where nobody can be. */
  readonly abandonedAt?: number | undefined;
  /** How the person and the address stand with each cap that holds in the campaign; absent when none does. */
  readonly caps?: readonly CapFact[];
  /** How the look-ups stand that the campaign wants; absent when it wants none. */
  readonly lookups?: readonly LookupFact[];
}

/**
 * What is done with a candidate. With a yes goes what follows each ending, if anything does. `retryAt` (epoch ms) puts it back for later, to be tried at `retryAddressId` if there is one;
 * without it the refusal is final, and the person goes on to `onward`, if that is anywhere. `wanted` is asked about the person meanwhile, and calls them back. `leave`: there is no word on this one, who stays
 * as they were with all behind them.
 */
export type Verdict =
  | { readonly go: true; readonly untilMs: number; readonly follows?: Follows }
  | {
      readonly go: false;
      readonly rule: string;
      readonly retryAt?: number;
      readonly retryAddressId?: string;
      readonly onward?: readonly Onward[];
      readonly wanted?: readonly LookupFact[];
      readonly leave?: boolean;
    };

/** What a claim came to. */
export interface Claimed<One = Order> {
  readonly orders: readonly One[];
  /** For each order, how often its contact was put back in this campaign. */
  readonly putBack: readonly PutBack[];
  readonly refused: number;
  /** Contacts that may be contacted and for whom the campaign's limits had no room. */
  readonly held: number;
  /** When the next waiting contact is due; undefined when none waits. Epoch ms. */
  readonly nextDueAt: number | undefined;
}

/** Calls that are to be placed each at its own moment. */
export interface ClaimedCalls extends Claimed {
  /** For each order, how many ms after the claim it may leave, at the earliest. */
  readonly startInMs: readonly number[];
}

export interface WorkStore {
  /**
   * Locks the next `count` contacts that are due (FOR UPDATE SKIP LOCKED), asks `judge` about each, and in the same
   * transaction writes a `reserved` attempt for every yes and the refusal with its rule for every no. Committed when it
   * resolves. `judge` must be quick and pure. Orders are leased to `node`.
   *
   * The campaign's lines and calls per second hold here, over all nodes: no more are reserved than there are lines free, and each
   * order has a moment of its own before which it must not leave. `held` of those with a yes found no room and stay as they were.
   * @param reach looks at up to so many contacts (at least, and by default, `count`) and stops after the `count`-th yes;
   * those behind it stay as they were. For stretches of a list in which nearly everybody is refused.
   * @param noAddress the verdict on whoever has no address that the campaign uses; by default refused for good
   */
  claim(
    campaign: VoiceCampaign,
    count: number,
    now: number,
    node: string,
    judge: (candidate: Candidate) => Verdict,
    reach?: number,
    noAddress?: Verdict,
  ): Promise<ClaimedCalls>;
  /**
   * The same of messages: each of those reserved may leave at once. The campaign's messages per second hold over all nodes and on the whole: what was left unused is
   * made up for as far as `catchUpMs`, so that batches may be as large as that. A contact without an address of the channel is refused for good (`no-address`).
   */
  claimMessages(
    campaign: MessageCampaign,
    count: number,
    now: number,
    node: string,
    judge: (candidate: Candidate) => Verdict,
    reach?: number,
    noAddress?: Verdict,
  ): Promise<Claimed<MessageOrder>>;
  /** Another moment within the campaign's calls per second, for a call that has missed its own: in how many ms it may leave. */
  moment(campaignId: string): Promise<number>;
  /**
   * Contacts with something left to do, or on the line. Zero means that the campaign is finished. Of a pass: passes of its strategy campaign in which anything is left, since each may
   * send people to the others. Of many only so many are counted that it is sure there are.
   */
  unfinished(campaign: Campaign): Promise<number>;
  /** Attempts of a campaign that are on their way, counted likewise. */
  onTheirWay(campaignId: string): Promise<number>;
}

/** A campaign that calls, as somebody wants it. */
export interface NewVoiceCampaign
  extends Omit<VoiceCampaign, "id" | "state" | "staysOpen" | "script" | "scriptPinned" | "mode" | "channel" | "pass"> {
  readonly channel?: "voice";
  /** Whether it stays on that version; by default it follows the script of that version. */
  readonly scriptPinned?: boolean;
  /** Default `ivr`. */
  readonly mode?: CallingMode;
}

/** A campaign that writes, as somebody wants it. */
export interface NewMessageCampaign extends Omit<MessageCampaign, "id" | "state" | "staysOpen" | "template" | "templatePinned" | "pass"> {
  /** Whether it stays on that version; by default it follows the template of that version. */
  readonly templatePinned?: boolean;
}

/** What may be changed of a campaign, also while it runs. */
export interface CampaignChange {
  readonly mode?: CallingMode;
  /** Goes over what it has; null takes an option back to its default. */
  readonly pacing?: { readonly [Option in keyof PacingWishes]?: PacingWishes[Option] | null };
  readonly maxCps?: number;
  readonly maxLines?: number;
  /** Whole, with its holidays. */
  readonly window?: CallingWindow;
  readonly callerId?: string;
  /** Name of a configured trunk or route. */
  readonly trunk?: string;
  readonly ringTimeoutMs?: number;
  /** Whole; null turns the detection off. */
  readonly amd?: Answering | null;
  /** Of a campaign that writes. */
  readonly sender?: string;
}

/** What a campaign is made of and may be changed, besides how fast and in which way it goes. */
export const changeableParts = ["window", "callerId", "trunk", "ringTimeoutMs", "amd", "sender"] as const satisfies readonly (keyof CampaignChange)[];
export type ChangedParts = Pick<CampaignChange, (typeof changeableParts)[number]>;

/** The settings that may be changed. What is absent was not noted when it was changed, or the campaign has none. */
export type ChangeableSettings = Pick<VoiceCampaign, "maxCps"> &
  Partial<Pick<VoiceCampaign, "mode" | "pacing" | "maxLines" | "window" | "callerId" | "trunk" | "ringTimeoutMs">> &
  Pick<CampaignChange, "amd" | "sender">;

/** A change as it was made. */
export interface PastChange {
  /** Epoch ms. */
  readonly at: number;
  readonly by: string;
  readonly before: ChangeableSettings;
  readonly after: ChangeableSettings;
}

export interface CampaignStore {
  create(campaign: NewVoiceCampaign): Promise<VoiceCampaign>;
  create(campaign: NewMessageCampaign): Promise<MessageCampaign>;
  find(id: string): Promise<Campaign | undefined>;
  findByName(name: string): Promise<Campaign | undefined>;
  list(page: { readonly limit: number; readonly afterId?: string }): Promise<readonly Campaign[]>;
  /**
   * A draft with all that a campaign has (settings, safeguards, caps, rules of agents and messages, groups), and nothing of its people.
   * @param listId without it the same list
   * @returns undefined when there is no such campaign by itself. Faults: `campaign-exists`, `campaign-invalid` when the list does not exist.
   */
  copy(id: string, name: string, listId?: string): Promise<Campaign | undefined>;
  /** Moves from one state to another; false when it was no longer in `from`. Starting fills the work table from the list. */
  move(id: string, from: CampaignState, to: CampaignState): Promise<boolean>;
  /**
   * Changes it, and keeps what it was before, with who changed it.
   * @param by for people
   * @returns undefined when there is no such campaign
   */
  change(id: string, change: CampaignChange, by: string): Promise<Campaign | undefined>;
  /** What was changed of it, oldest first, at most the last 500. */
  changes(id: string): Promise<readonly PastChange[]>;
  inState(states: readonly CampaignState[]): Promise<readonly Campaign[]>;
  progress(id: string): Promise<CampaignProgress>;
}
