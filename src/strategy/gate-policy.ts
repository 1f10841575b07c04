import { abandonedPauseMs } from "../attempt/calling-mode.ts";
import type { OwnCalendars } from "../compliance/calendar-ports.ts";
import type { DestinationPolicy } from "../compliance/destination.ts";
import type { GatePolicy, PlacePolicy } from "../compliance/gate.ts";
import type { OwnRules } from "../compliance/rule-ports.ts";
import type { LookupRule } from "../contact/lookup/lookup.ts";
import { type Campaign, isVoice } from "./campaign.ts";

/** What the account allows, whatever the campaign. */
export interface AccountPolicy {
  /** Destinations a trunk may call, by the trunk's name; a trunk that is not there may call every one. */
  readonly destinationPrefixes?: Readonly<Record<string, readonly string[]>>;
  /** Destinations the account pays for; absent allows every one. */
  readonly destinations?: DestinationPolicy;
  /** Where people are, and which law is kept there. Absent: where the campaign says. */
  readonly whereabouts?: PlacePolicy;
  /** Rules of its own, as they are now. */
  readonly ownRules?: OwnRules;
  /** Calendars of its own, as they are now. */
  readonly calendars?: OwnCalendars | undefined;
  /** Look-ups of the configuration, by their names. */
  readonly lookups?: Readonly<Record<string, LookupRule>>;
}

/** What the gate goes by in a campaign. */
export function gatePolicyOf(
  campaign: Campaign,
  { destinationPrefixes = {}, destinations, whereabouts, ownRules: book, calendars, lookups }: AccountPolicy = {},
): GatePolicy {
  const { window, defaultTimeZone, name, channel, laws } = campaign;
  const ownRules = book?.of(name, channel);
  const always = {
    window,
    defaultTimeZone,
    ...(ownRules && { ownRules }),
    ...(lookups && { lookups }),
    ...(calendars && window.holidays && { calendars }),
    ...(laws && { laws }),
  };
  const ofNumbers = { ...(destinations && { destinations }), ...(whereabouts && { places: whereabouts }) };
  if (!isVoice(campaign)) return { ...always, ...(channel === "sms" && ofNumbers) };
  const { mode, pacing, trunk } = campaign;
  return {
    ...always,
    destinationPrefixes: destinationPrefixes[trunk] ?? [],
    ...ofNumbers,
    abandonedPauseMs: abandonedPauseMs(mode, pacing),
  };
}
