import type { Permit } from "../attempt/ports.ts";
import { type CallingWindow, isTimeZone, windowInEvery } from "./calling-window.ts";
import { type DestinationPolicy, destinationRefused } from "./destination.ts";

/** What the gate wants to know of a person's address. */
export interface GateCandidate {
  /** E.164, or a mailbox. */
  readonly address: string;
  /** The contact's own zone, if the list says so. */
  readonly timeZone: string | undefined;
  /** Whether a suppression covers this person or address on this channel. */
  readonly suppressed: boolean;
  /** Whether the person has called us and is on the line. */
  readonly onTheLine?: boolean;
  /** When the person was abandoned last, in any campaign (epoch ms); undefined for never, or when it does not matter. */
  readonly abandonedAt?: number | undefined;
}

/** What a campaign allows. */
export interface GatePolicy {
  readonly window: CallingWindow;
  /** For contacts whose zone is not known. */
  readonly defaultTimeZone: string;
  /** Numbers the trunk may call begin with one of these (E.164 with its +); empty or absent allows every one. */
  readonly destinationPrefixes?: readonly string[];
  /** Of numbers. Absent allows every destination. */
  readonly destinations?: DestinationPolicy;
  /** Where people may be abandoned: who was is not called for so long. Absent: it does not matter. */
  readonly abandonedPauseMs?: number | undefined;
}

/** Every rule by which the gate refuses, and what it means. `final`: asking again later would not help. */
export const gateRules = {
  "no-address": { final: true, meaning: "nothing is known by which the person can be reached on this channel" },
  suppressed: { final: true, meaning: "the person, or this number, must not be contacted on this channel" },
  "destination-not-allowed": { final: true, meaning: "the trunk may not call numbers that begin like this one" },
  "country-not-allowed": { final: true, meaning: "the number is not in a country that the account calls" },
  "premium-number": { final: true, meaning: "a call to this number costs more than an ordinary one" },
  "unknown-time-zone": {
    final: true,
    meaning: "the time zone given for the person is not in the IANA database, so the time of day there is not known",
  },
  "window-never-opens": { final: true, meaning: "no time of the week lies within the calling hours" },
  "abandoned-before": { final: false, meaning: "the person was abandoned lately, and is not called by a campaign in which that may happen again" },
  "on-the-line": { final: false, meaning: "the person has called and is on the line" },
  "outside-calling-window": { final: false, meaning: "outside the calling hours where the person is" },
} as const;

export type GateRule = keyof typeof gateRules;

export interface Refusal {
  readonly rule: GateRule;
  /** Epoch ms of the next opening; absent when the refusal is final. */
  readonly retryAt?: number;
}

/**
 * A permit never outlives this, however long the window stays open: an order that waited longer is asked about anew,
 * so that what was learnt meanwhile (an opt-out, a stop) is heard.
 */
export const permitMs = 10 * 60_000;

/** Who is on the line is asked about again after so long. */
export const onTheLineMs = 60_000;

/**
 * The gate: whether this person may be contacted at this address now. Where it is in doubt the answer is no.
 * @param at epoch ms
 */
export function mayContact(at: number, candidate: GateCandidate, policy: GatePolicy): Permit | Refusal {
  if (candidate.suppressed) return { rule: "suppressed" };
  const { destinationPrefixes = [] } = policy;
  if (destinationPrefixes.length > 0 && !destinationPrefixes.some((prefix) => candidate.address.startsWith(prefix)))
    return { rule: "destination-not-allowed" };
  const refused = policy.destinations && destinationRefused(candidate.address, policy.destinations);
  if (refused) return { rule: refused };

  const { abandonedPauseMs = 0 } = policy;
  const { abandonedAt } = candidate;
  if (abandonedAt !== undefined && at < abandonedAt + abandonedPauseMs) return { rule: "abandoned-before", retryAt: abandonedAt + abandonedPauseMs };
  if (candidate.onTheLine) return { rule: "on-the-line", retryAt: at + onTheLineMs };
  const zones = zonesOf(candidate, policy);
  // A zone that was given but is not known is no reason to fall back on the campaign's: it may be anywhere.
  if (!zones.every(isTimeZone)) return { rule: "unknown-time-zone" };
  const state = windowInEvery(at, zones, policy.window);
  if (state.open) return { at, untilMs: Math.min(at + permitMs, state.closesAt ?? Number.POSITIVE_INFINITY) };
  return state.opensAt === undefined ? { rule: "window-never-opens" } : { rule: "outside-calling-window", retryAt: state.opensAt };
}

export function isPermit(decision: Permit | Refusal): decision is Permit {
  return "untilMs" in decision;
}

/**
 * The zones the person may be in; the window must be open in each of them. The contact's own zone is certain. Postal and
 * area codes, of which several zones can come, belong here.
 */
function zonesOf(candidate: GateCandidate, policy: GatePolicy): readonly string[] {
  return [candidate.timeZone ?? policy.defaultTimeZone];
}
