import type { ChannelName, Result } from "../attempt/result.ts";

/** Something that happened outside, which the customer's system tells of: a payment, a confirmation. */
export interface OutsideEvent {
  /** As strategies name it: `payment-received`. */
  readonly name: string;
  /** The sender's own. Said again, it is the same event, and does nothing more. */
  readonly key?: string;
  /** Whom it is about: the person of that client id, on every list, or whoever has the address (E.164, or a mailbox). At least one of the two. */
  readonly clientId?: string;
  readonly address?: string;
  readonly amount?: number;
  /** ISO 4217. */
  readonly currency?: string;
  /** By which channel of ours it came about, as far as the sender knows. */
  readonly channel?: ChannelName;
  /** Epoch ms. */
  readonly occurredAt: number;
}

/** What an event did to one contact. */
export interface EventDeed {
  readonly contactId: string;
  /** Absent: no strategy that runs on the contact's list has a treatment for it. */
  readonly strategyCampaignId?: string;
  /** The pass the person was moved to; absent: it ended the strategy for them. */
  readonly campaignId?: string;
  /** The attempt that it is put down to. */
  readonly attemptId?: string;
}

/** An event as it is kept. */
export interface KeptEvent extends OutsideEvent {
  readonly id: string;
  /** Epoch ms. */
  readonly receivedAt: number;
}

export interface RecordedEvent {
  readonly id: string;
  /** False when it had been told before. */
  readonly fresh: boolean;
  readonly deeds: readonly EventDeed[];
}

/**
 * An event is put down to the last attempt that reached the person and began at most so long before it: by the channel that the event names, or by any when it names none.
 * Two weeks: what people do about a reminder they mostly do within days.
 */
export const attributionMs = 14 * 86_400_000;

/** Attempts that reached somebody: they heard or got what there was to say. */
export const reachingResults: readonly Result[] = ["human", "machine-message", "dropped", "sent", "delivered"];

export interface EventStore {
  /**
   * Keeps it, and ends or moves its people in every strategy campaign that has a treatment for it, in one transaction: who waits does so no more, what is reserved is taken back, what
   * rings is withdrawn, and nothing follows from what has left already. Faults: `event-key-reused` when the key belongs to another event, `event-too-wide`.
   */
  record(event: OutsideEvent): Promise<RecordedEvent>;
  /** What was told, in the order in which it came. */
  page(page: { readonly limit: number; readonly afterId?: string }): Promise<readonly KeptEvent[]>;
  find(id: string): Promise<(KeptEvent & { readonly deeds: readonly EventDeed[] }) | undefined>;
}
