import type { Order } from "../attempt/ports.ts";
import type { PutBack } from "../attempt/treatment.ts";
import type { LookupFact } from "../contact/lookup/lookup.ts";
import type { VoiceCampaign } from "./campaign.ts";
import type { Candidate, Verdict } from "./ports.ts";

/** One person that somebody wants to call now, whether or not it is their turn. */
export interface SingleWish {
  readonly contactId: string;
  /** Typed by hand (E.164); left out: the contact's first. */
  readonly number?: string;
  /** The person asked for it: the campaign need not run. */
  readonly promised?: boolean;
}

/** Why somebody is not called: a rule of the gate, or a word of our own. `retryAt` (epoch ms) when it may be tried again. */
export interface SingleRefusal {
  readonly refused: string;
  readonly retryAt?: number;
  /** What is being asked about the person. */
  readonly wanted?: readonly LookupFact[];
}

/** `dueAt`: when their turn would have been, if they waited for it (epoch ms). */
export type SingleOrder = { readonly order: Order; readonly putBack: PutBack; readonly dueAt?: number } | SingleRefusal;

/** Orders for certain people, one at a time. */
export interface SingleStore {
  /**
   * Locks the person and asks `judge` about them; a yes is committed as a `reserved` attempt of this node when it resolves, and whoever waited for
   * their turn does so no more; a no is written down with its rule. Nobody gets two attempts at once. Beside `judge` it refuses `campaign STATE`, `being-called`, `not-listed`.
   */
  reserve(campaign: VoiceCampaign, wish: SingleWish, now: number, judge: (candidate: Candidate) => Verdict): Promise<SingleOrder>;
  /**
   * Asks again about an attempt that is reserved: a yes makes its permit last as long as the verdict says. With a no it is ended, and the person
   * waits again until then, if they waited before and it is not for good. Beside `judge` it refuses `campaign STATE`, and `address-gone` when the person has other addresses by now.
   */
  renew(attemptId: string, now: number, judge: (candidate: Candidate) => Verdict): Promise<{ readonly untilMs: number } | SingleRefusal>;
}
