import type { LookupFact, LookupRule } from "../contact/lookup/lookup.ts";
import type { OwnCalendars } from "./calendar-ports.ts";
import type { CallingWindow } from "./calling-window.ts";
import type { DestinationPolicy } from "./destination.ts";
import type { CapFact } from "./frequency.ts";
import type { GateRule } from "./gate-rules.ts";
import type { LegalHours } from "./legal-hours.ts";
import type { PlaceFields } from "./place.ts";
import type { CampaignRules } from "./rule.ts";

/** What the gate wants to know of a person's address. */
export interface GateCandidate {
  /** E.164, or a mailbox. */
  readonly address: string;
  /** The contact's own zone, if the list says so. */
  readonly timeZone: string | undefined;
  /** What the list says of the contact. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Whether a suppression covers this person or address on this channel. */
  readonly suppressed: boolean;
  /** Whether the campaign contacts only people who agreed to its purpose, or the law where they are wants that, and this one has not. */
  readonly noConsent?: boolean;
  /** Whether the person has called us and is on the line. */
  readonly onTheLine?: boolean;
  /** When the person was abandoned last, in any campaign (epoch ms); undefined for never, or when it does not matter. */
  readonly abandonedAt?: number | undefined;
  /** How the person and the address stand with each cap that holds here; absent when none does. */
  readonly caps?: readonly CapFact[];
  /** How the look-ups stand that the campaign wants; absent when it wants none. */
  readonly lookups?: readonly LookupFact[];
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
  /** Of numbers: where people are is learnt from theirs. Absent: whose zone is not known is where the campaign says. */
  readonly places?: PlacePolicy;
  /** Places whose hours by law hold for everybody, wherever they are, and whether or not the account keeps those of where they are. */
  readonly laws?: readonly string[];
  /** Rules of the account's own that hold here; absent when none does. */
  readonly ownRules?: CampaignRules;
  /** Calendars of the account's own, that the window's holidays name. Absent when they name none. */
  readonly calendars?: OwnCalendars;
  /** Look-ups of the configuration, by their names. */
  readonly lookups?: Readonly<Record<string, LookupRule>>;
}

export interface PlacePolicy extends PlaceFields {
  /** The hours that the law leaves where the person is; absent where the account waives them. */
  readonly hours?: LegalHours;
}

export interface Refusal {
  readonly rule: GateRule;
  /** Epoch ms of the next opening; absent when the refusal is final. */
  readonly retryAt?: number;
}

/** Who is on the line is asked about again after so long. */
export const onTheLineMs = 60_000;

export function abandonedPauseMsOf({ abandonedPauseMs = 0 }: GatePolicy): number {
  return abandonedPauseMs;
}
