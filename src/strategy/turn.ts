import type { CampaignState } from "./campaign.ts";

/**
 * What the pass engine remembers of a campaign between two pulls, so that nobody asks the database while nothing is due.
 * Times are epoch ms.
 */
export interface PullMemory {
  /** Not before then is there anything to claim. */
  readonly lookAt: number;
  /** The last claim found nothing waiting, now or later. */
  readonly exhausted: boolean;
}

/** What a claim said. */
export interface ClaimReport {
  readonly orders: number;
  readonly refused: number;
  /** Contacts for whom the campaign's limits had no room, because of other nodes. */
  readonly held: number;
  /** When the next waiting contact is due; undefined when none waits. */
  readonly nextDueAt: number | undefined;
}

export const freshMemory: PullMemory = { lookAt: 0, exhausted: false };

/**
 * Nothing told us, but another node may have put a contact back (a crash before its call left), so even an idle campaign
 * is looked at this often.
 */
export const idleLookMs = 5_000;

export function afterClaim(now: number, report: ClaimReport): PullMemory {
  const { nextDueAt } = report;
  if (nextDueAt !== undefined && nextDueAt <= now) return { lookAt: now, exhausted: false };
  return { lookAt: Math.min(nextDueAt ?? Number.POSITIVE_INFINITY, now + idleLookMs), exhausted: nextDueAt === undefined };
}

/** Contacts looked at in one claim, at most: some 20 ms of the database's time. */
const maxReach = 1000;

/**
 * How many contacts the next claim looks at to find `missing` that may be called. Where everybody was refused (a time zone
 * that still sleeps, in the middle of a list) it grows fast, so that the people behind them need not wait.
 */
export function nextReach(report: ClaimReport, reach: number, missing: number): number {
  if (report.orders > 0 || report.refused === 0) return missing;
  return Math.max(missing, Math.min(maxReach, Math.max(reach, 10) * 4));
}

/**
 * Whether to claim once more within the same pull: the gate refused contacts, so that there is still room, and more are
 * due. A claim that gave nothing at all found every due row locked by another node; hammering would not free them. Nor would it
 * make room where the campaign's limits are reached.
 */
export function claimAgain(now: number, report: ClaimReport, missing: number): boolean {
  return missing > 0 && report.held === 0 && report.refused > 0 && report.nextDueAt !== undefined && report.nextDueAt <= now;
}

/**
 * A campaign's messages per second that were not used may be made up for as far as this, ms: so much is pulled together, and batches carry many. In any second it sends
 * at most a quarter more than its rate, and on the whole never more.
 */
export const catchUpMs = 250;
/** In one claim: what PostgreSQL does in some 50 ms. */
const mostInBatch = 1000;

/** How many messages of a campaign can have room at once; at least one. */
export function mostMessages(maxCps: number): number {
  return Math.max(1, Math.min(mostInBatch, Math.floor((maxCps * catchUpMs) / 1000) + 1));
}

/** When it is worth asking again for whoever found no room: when the next message has some, and not for each one where they are many. Epoch ms. */
export function nextRoomAt(now: number, maxCps: number): number {
  return now + Math.max(catchUpMs / 5, Math.min(1000 / maxCps, idleLookMs));
}

/** Where a campaign goes by itself, unless it stays open. `unfinished`: contacts with something left to do or on the line; `inFlight`: on the line. */
export function stateByItself(state: CampaignState, counts: { readonly unfinished: number; readonly inFlight: number }): CampaignState | undefined {
  if (state === "running" && counts.unfinished === 0) return "finished";
  if (state === "stopping" && counts.inFlight === 0) return "stopped";
  return undefined;
}
