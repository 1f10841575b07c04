import type { Safeguards } from "./safeguard.ts";

/** What campaigns want of consents and lists. */
export interface SafeguardStore {
  /** Of a campaign that has none, `noSafeguards`. */
  find(campaignId: string): Promise<Safeguards>;
  /**
   * Holds at once, also for what rings.
   * Faults: `consent-invalid`, `subject-invalid`, `suppression-invalid`, `suppression-list-unknown`, `lookup-invalid`, `lookup-unknown`, `law-unknown`, `campaign-unknown`.
   */
  set(campaignId: string, safeguards: Safeguards, by: string): Promise<Safeguards>;
  /**
   * Numbers of a contact list, in its order.
   * @param prefix E.164: how they begin
   * @param after of the page before; undefined for the first
   */
  numbers(listId: string, prefix: string, limit: number, after?: string): Promise<{ readonly numbers: readonly string[]; readonly next?: string }>;
}

/** Campaigns that start again and again. */
export interface Recurrences {
  /** The campaign's schedule, or that of the whole that it is a pass of: whose it is by name, and when copies start, as its author wrote it. Undefined when none do. */
  recurrenceOf(campaignId: string): Promise<{ readonly name: string; readonly every: string } | undefined>;
}
