import type { VoiceCampaign } from "./campaign.ts";
import type { Candidate, Verdict } from "./ports.ts";

/** Where somebody stands among those who wait in a campaign. */
export interface WaitingPlace {
  /** Epoch ms. */
  readonly dueAt: number;
  readonly contactId: string;
}

export interface PassOnAsked {
  readonly now: number;
  readonly node: string;
  /** Looks at so many who are due, at most. */
  readonly reach: number;
  /** Behind this one; absent: from the first. */
  readonly after?: WaitingPlace;
  /** A refusal for good, or undefined: they stay as they are. */
  readonly judge: (candidate: Candidate) => Verdict | undefined;
  readonly noAddress: Verdict;
}

/** The work table, for those who need no attempt to be done with a pass. */
export interface PassOnStore {
  /**
   * Looks at people who are due in a pass, in the order of claims, and refuses those of whom `judge` says so, who then go on to where the verdict says. Nobody is contacted, and all others
   * stay where they are. Rows that somebody else holds are left out.
   */
  passOn(campaign: VoiceCampaign, asked: PassOnAsked): Promise<{ readonly looked: number; readonly refused: number; readonly last?: WaitingPlace }>;
}
