/** What people were told or asked before they are recorded, the weakest first. */
export const recordingConsents = ["none", "told", "agreed"] as const;
export type RecordingConsent = (typeof recordingConsents)[number];

/** What a country wants. */
export interface ConsentNeeds {
  readonly consent: RecordingConsent;
  readonly countries: readonly { readonly country: string; readonly consent: RecordingConsent }[];
}

/** What must have been said before somebody there is recorded. @param country ISO 3166, undefined where a number has none: the strictest of all that is known */
export function neededConsent(country: string | undefined, { consent, countries }: ConsentNeeds): RecordingConsent {
  if (country !== undefined) return countries.find((each) => each.country === country)?.consent ?? consent;
  return [consent, ...countries.map((each) => each.consent)].reduce((one, other) => (rank(other) > rank(one) ? other : one));
}

/** Whether it is enough. @param had what the campaign sees to */
export function isEnough(had: RecordingConsent, needed: RecordingConsent): boolean {
  return rank(had) >= rank(needed);
}

function rank(consent: RecordingConsent): number {
  return recordingConsents.indexOf(consent);
}
