import { Fault } from "../kernel/fault.ts";
import { checkPurpose } from "./consent.ts";
import { noHoursOf } from "./legal-hours.ts";
import { checkReason } from "./suppression.ts";

/** What a campaign wants besides what holds for every one. */
export interface Safeguards {
  /** What it contacts people for: consents are to a purpose. Absent: nothing that anybody could agree to. */
  readonly purpose?: string;
  /** What it is about, where laws allow so many contacts on one subject. Absent: it may be about the same as any other. */
  readonly subject?: string;
  /** Whether it contacts only people who agreed to the purpose. */
  readonly requireConsent: boolean;
  /** Why national do-not-call lists, and laws that want consent to calls that sell, are not for it; absent: they are. */
  readonly doNotCallExempt?: string;
  /** Names of the suppression lists it heeds beside those that are mandatory. */
  readonly suppressionLists: readonly string[];
  /** Names of the look-ups that are asked before anybody is contacted; absent: none. */
  readonly lookups?: readonly string[];
  /** Places whose hours it keeps for everybody, besides those of the places where people are; absent: none. */
  readonly laws?: readonly string[];
}

export const noSafeguards: Safeguards = { requireConsent: false, suppressionLists: [] };

const mostLookups = 5;

/** @throws Fault `consent-invalid`, `subject-invalid`, `suppression-invalid`, `lookup-invalid`, `law-unknown` */
export function checkSafeguards({ purpose, subject, requireConsent, doNotCallExempt, lookups = [], laws = [] }: Safeguards): void {
  if (purpose !== undefined) checkPurpose(purpose);
  if (subject !== undefined && !/^[a-z0-9][a-z0-9-]{0,59}$/.test(subject))
    throw new Fault("subject-invalid", "A subject is a word of small letters, digits and hyphens, of at most 60, such as account-upgrade.");
  if (requireConsent && purpose === undefined)
    throw new Fault("consent-invalid", "Say to what people must have agreed: give a purpose, such as marketing.");
  if (doNotCallExempt !== undefined) checkReason(doNotCallExempt);
  if (lookups.length > mostLookups || new Set(lookups).size < lookups.length)
    throw new Fault("lookup-invalid", `Name each look-up once, and at most ${mostLookups}.`);
  for (const refused of laws.flatMap((place) => noHoursOf(place) ?? [])) throw new Fault("law-unknown", refused);
}
