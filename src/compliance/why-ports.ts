import type { GateDecision } from "./gate.ts";

/** What the gate would say of one person in a campaign at one moment, question by question. Times in epoch ms. */
export interface Why {
  readonly at: number;
  /** Whom it would call or write to; undefined when there is no address that the campaign can use. */
  readonly address: string | undefined;
  readonly may: boolean;
  /** The first no, and when it is asked again; absent when it is for good. */
  readonly rule?: string;
  readonly retryAt?: number;
  /** Every question in its order, also behind the first no: of a strategy what its pass says, then the gate. Empty without an address. */
  readonly decisions: readonly WhyDecision[];
}

/** `rule` is one of the gate, or what the pass says. */
export type WhyDecision = Omit<GateDecision, "rule"> & { readonly rule?: string };

export interface WhyReader {
  /** @returns undefined when there is no such campaign, or the contact is not on its list */
  why(campaignId: string, contactId: string): Promise<Why | undefined>;
}
