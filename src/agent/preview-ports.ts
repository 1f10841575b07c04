import type { Order } from "../attempt/ports.ts";
import type { Result } from "../attempt/result.ts";
import type { DeskRules, SkipReason } from "./desk-rules.ts";
import type { KnownContact, PastEntry } from "./ports.ts";
import type { PreviewKind, PreviewPhase } from "./preview.ts";

/** What the agents of each campaign may do. */
export interface CampaignDesks {
  /** Its own rules, or the default ones. */
  rules(campaignId: string): Promise<DeskRules>;
  /** None: it has the default rules again. */
  setRules(campaignId: string, rules: DeskRules | undefined): Promise<void>;
  /** The group as whose member the agent works for the campaign: that with the best priority. Undefined when it is none of theirs. */
  groupFor(agentId: string, campaignId: string): Promise<string | undefined>;
  /** What became of a callback: it is done, and who had it is still known. Does nothing when somebody else has it. */
  callbackDone(callbackId: string, agentId: string): Promise<void>;
}

/** Why a person is not called. */
export interface NotCalled {
  /** A rule of the gate, `being-called`, `not-listed`, or `campaign STATE`. */
  readonly refused: string;
  /** Epoch ms. */
  readonly retryAt?: number;
}

/** An order that may be put back to where it came from. */
export interface PreviewOrder extends Order {
  /** When it would have been the person's turn (epoch ms); now, when left out. */
  readonly dueAt?: number;
}

/** Orders for one person at a time; the strategy room has them. */
export interface PreviewOrders {
  /** Whether it is worth asking for the next. Cheap: nobody is asked. */
  due(campaignId: string): boolean;
  /** Whose turn it is. */
  next(campaignId: string): Promise<Order | undefined>;
  one(
    campaignId: string,
    wish: { readonly contactId: string; readonly number?: string; readonly promised?: boolean },
  ): Promise<PreviewOrder | NotCalled>;
  /** Asks the gate once more; with a no the attempt is ended. */
  again(order: Order): Promise<NotCalled | undefined>;
}

/** What a call that an agent asked for came to. */
export type SingleEnd =
  /** The agent's telephone was not picked up, or could not be reached; nobody was called. */
  | { readonly end: "missed" | "unreachable" }
  /** It ended before anything left: no line, no media, withdrawn. */
  | { readonly end: "not-placed"; readonly reason: string }
  /** The attempt is in the log. */
  | { readonly end: "called"; readonly result: Result };

/** A call that an agent asked for. */
export interface SingleCall {
  /** Resolves when nothing of it is left. Never rejects. The attempt is ended in the log, unless nobody was called: then it is as it was reserved. */
  readonly over: Promise<SingleEnd>;
  /** Takes back whatever rings, or ends the conversation. */
  hangUp(): void;
}

/** Places calls for agents; voice does it. */
export interface SingleCalls {
  /** @param judged what the agent said the call was, by then */
  dial(order: Order, agentId: string, judged: () => Result | undefined): SingleCall;
}

/** What an agent has before them, as their program shows it. */
export interface PreviewCard {
  readonly attemptId: string;
  readonly kind: PreviewKind;
  readonly phase: PreviewPhase;
  readonly campaign: { readonly id: string; readonly name: string };
  readonly groupId: string;
  /** To be called (E.164). */
  readonly address: string;
  /** None while the database does not say. */
  readonly contact?: Omit<KnownContact, "campaignIds">;
  /** Newest first. */
  readonly history: readonly PastEntry[];
  readonly callbackId?: string;
  /** Until when they may look, while they do (epoch ms). */
  readonly until?: number;
  /** Whether the person is called then, instead of being put back. */
  readonly dialsItself: boolean;
  readonly skipReasons: readonly SkipReason[];
  /** Payment page for this person. */
  readonly paymentUrl?: string;
}

/** Why nothing is before the agent any more. */
export type ShownEnd =
  | { readonly why: "skipped" | "timed-out" | "withdrawn" | "not-placed" | "missed" | "unreachable"; readonly reason?: string }
  | { readonly why: "called"; readonly result: Result };
