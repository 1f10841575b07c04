import type { Campaign } from "./campaign.ts";
import type { Candidate } from "./ports.ts";

/** What a claim would be given of somebody; `no-address`, `bad-number`: it would give nothing to ask about. */
export type Asked = Candidate | "no-address" | "bad-number";

/** Somebody whom a campaign means to contact. */
export interface Waiting {
  readonly contactId: string;
  /** Epoch ms. */
  readonly dueAt: number;
  readonly asked: Asked;
}

/** The facts of people as a claim would read them, without claiming anybody. */
export interface CandidateReader {
  /** @returns undefined when the contact is not on the campaign's list */
  candidate(campaign: Campaign, contactId: string, at: number): Promise<Asked | undefined>;
  /**
   * Those whom the campaign means to contact, in the order of claims: who waits in it; of a draft everybody on its list.
   * @param at for the facts (epoch ms)
   * @param after the last of the page before
   */
  page(campaign: Campaign, at: number, after: Waiting | undefined, limit: number): Promise<readonly Waiting[]>;
}
