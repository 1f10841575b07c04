import type { Order } from "../attempt/ports.ts";
import type { Result } from "../attempt/result.ts";
import type { DeskRules } from "./desk-rules.ts";
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

/** Orders for one person at a time; the strategy room has them. */
export interface PreviewOrders {
  /** Whose turn it is. */
  next(campaignId: string): Promise<Order | undefined>;
  one(campaignId: string, wish: { readonly contactId: string; readonly number?: string; readonly promised?: boolean }): Promise<Order | NotCalled>;
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

export interface SingleWatcher {
  /** The person's telephone rings. */
  ringing(): void;
  /** The person is there, and is being connected. */
  answered(): void;
  /** What the agent said the call was, by then. */
  judged(): Result | undefined;
}

/** A call that an agent asked for. */
export interface SingleCall {
  /** Resolves when nothing of it is left. Never rejects. The attempt is ended in the log, unless nobody was called: then it is as it was reserved. */
  readonly over: Promise<SingleEnd>;
  /** Takes back whatever rings, or ends the conversation. */
  hangUp(): void;
}

/** Places calls for agents; voice does it. */
export interface SingleCalls {
  dial(order: Order, agentId: string, watcher: SingleWatcher): SingleCall;
}

/** What an agent has before them. */
export interface Shown {
  readonly order: Order;
  readonly kind: PreviewKind;
  readonly phase: PreviewPhase;
  readonly callbackId?: string;
  /** Until when they may look, while they do (epoch ms). */
  readonly until: number;
  readonly rules: DeskRules;
}

/** Why nothing is before the agent any more. */
export type ShownEnd =
  | { readonly why: "skipped" | "timed-out" | "withdrawn" | "not-placed" | "missed" | "unreachable"; readonly reason?: string }
  | { readonly why: "called"; readonly result: Result };
