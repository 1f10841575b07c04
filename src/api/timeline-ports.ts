import type { AttemptState } from "../attempt/attempt.ts";
import type { ChannelName, Result } from "../attempt/result.ts";

/** Where something stands on a timeline. */
export interface TimelinePlace {
  /** Epoch ms. */
  readonly at: number;
  readonly kind: "refused" | "attempt" | "suppressed";
  readonly id: string;
}

/** The gate said no. */
export interface RefusedEntry extends TimelinePlace {
  readonly kind: "refused";
  readonly campaignId: string;
  readonly rule: string;
  /** Epoch ms; without it the refusal is for good. */
  readonly retryAt?: number;
}

/** A try, or a call of theirs; `at` is when it was reserved. */
export interface AttemptEntry extends TimelinePlace {
  readonly kind: "attempt";
  readonly campaignId?: string;
  /** They called: this number of ours. */
  readonly calledNumber?: string;
  readonly channel: ChannelName;
  readonly address: string;
  readonly state: AttemptState;
  readonly result?: Result;
  readonly outcome?: string;
  readonly reason?: string;
  readonly answeredAt?: number;
  readonly endedAt?: number;
}

/** From here on the person, or one of the numbers, must not be contacted. */
export interface SuppressedEntry extends TimelinePlace {
  readonly kind: "suppressed";
  /** None: on every campaign. */
  readonly campaignId?: string;
  /** None: on every channel. */
  readonly channel?: ChannelName;
  /** None: the person, by client id. */
  readonly address?: string;
  readonly reason: string;
  readonly source: string;
  /** Name of the suppression list that the entry is on. */
  readonly list?: string;
  readonly expiresAt?: number;
}

export type TimelineEntry = RefusedEntry | AttemptEntry | SuppressedEntry;

/** A campaign that still means to contact the person. */
export interface WaitingView {
  readonly campaignId: string;
  /** Epoch ms. */
  readonly dueAt: number;
}

/** Why a contact was called, or was not. */
export interface TimelineReader {
  /** In order, at most `limit` of those behind `after`. Nothing for a contact that is unknown. */
  timeline(contactId: string, limit: number, after?: TimelinePlace): Promise<readonly TimelineEntry[]>;
  waiting(contactId: string): Promise<readonly WaitingView[]>;
  /** Contacts of a list that somebody means by a client id, else by a number (E.164), else by an id. */
  named(listId: string, word: string): Promise<readonly string[]>;
}
