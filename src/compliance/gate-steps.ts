import { hoursThere } from "./calendar.ts";
import { hoursOf, isTimeZone, openInEvery, type WallHours } from "./calling-window.ts";
import { destinationRefused } from "./destination.ts";
import { abandonedPauseMsOf, type GateCandidate, type GatePolicy, onTheLineMs, type Refusal } from "./gate-facts.ts";
import { type LegalHours, legalHours } from "./legal-hours.ts";
import { askLookups, sawLookups, stillToAsk } from "./lookup-gate.ts";
import { placesOf, zonesThere } from "./place.ts";
import { askRules, sawRules } from "./rule-gate.ts";

/** One question of the gate, and what it goes by. */
export interface GateStep {
  /** Lower case with hyphens, unique; what `explain` calls it. */
  readonly name: string;
  /** @returns the refusal, until when the yes is good (epoch ms), or undefined: nothing against it, and no end */
  ask(at: number, candidate: GateCandidate, policy: GatePolicy): Refusal | number | undefined;
  /** What it looked at, for people; never with an address. */
  saw(candidate: GateCandidate, policy: GatePolicy, at: number): string;
}

/** The questions in the order in which they are asked; the first no decides. What is for good comes before what passes with time. */
export const gateSteps: readonly GateStep[] = [
  {
    name: "suppression",
    ask: (_, { suppressed }) => (suppressed ? { rule: "suppressed" } : undefined),
    saw: ({ suppressed }) => (suppressed ? "a suppression covers the person or the address" : "no suppression covers the person or the address"),
  },
  {
    name: "consent",
    ask: (_, { noConsent }) => (noConsent ? { rule: "no-consent" } : undefined),
    saw: ({ noConsent }) =>
      noConsent
        ? "no consent to the campaign's purpose that still holds"
        : "no consent is needed, by the campaign or the law where the person is, or there is one",
  },
  {
    name: "trunk-destination",
    ask: (_, { address }, { destinationPrefixes = [] }) =>
      destinationPrefixes.length > 0 && !destinationPrefixes.some((prefix) => address.startsWith(prefix))
        ? { rule: "destination-not-allowed" }
        : undefined,
    saw: (_, { destinationPrefixes = [] }) =>
      destinationPrefixes.length > 0 ? `the trunk calls numbers that begin with ${destinationPrefixes.join(", ")}` : "the trunk calls every number",
  },
  {
    name: "account-destination",
    ask(_, { address }, { destinations }) {
      const rule = destinations && destinationRefused(address, destinations);
      return rule && { rule };
    },
    saw: (_, { destinations }) =>
      destinations
        ? `the account calls ${destinations.countries.join(", ")}, premium numbers ${destinations.premium ? "too" : "not"}`
        : "the account calls every country",
  },
  {
    name: "look-ups",
    ask: (at, { lookups = [] }, policy) => askLookups(at, lookups, policy.lookups),
    saw: ({ lookups = [] }, policy, at) => sawLookups(at, lookups, policy.lookups),
  },
  {
    name: "own-rules",
    ask: (at, candidate, policy) => policy.ownRules && askRules(at, candidate, policy.ownRules, zonesOf(candidate, policy), policy.places),
    saw: (candidate, policy, at) =>
      policy.ownRules
        ? sawRules(at, candidate, policy.ownRules, zonesOf(candidate, policy), policy.places)
        : "no rule of the account's own holds here",
  },
  {
    name: "abandoned-before",
    ask(at, { abandonedAt }, policy) {
      const until = abandonedAt === undefined ? 0 : abandonedAt + abandonedPauseMsOf(policy);
      return at < until ? { rule: "abandoned-before", retryAt: until } : undefined;
    },
    saw: ({ abandonedAt }, policy) =>
      abandonedPauseMsOf(policy) === 0
        ? "nobody can be abandoned here"
        : `abandoned last: ${abandonedAt === undefined ? "never" : new Date(abandonedAt).toISOString()}, pause ${abandonedPauseMsOf(policy) / 3_600_000} h`,
  },
  {
    name: "on-the-line",
    ask: (at, { onTheLine }) => (onTheLine ? { rule: "on-the-line", retryAt: at + onTheLineMs } : undefined),
    saw: ({ onTheLine }) => (onTheLine ? "the person has called and is on the line" : "the person is not on the line"),
  },
  {
    name: "frequency",
    ask(at, { caps = [] }) {
      // Of several the one that holds longest: asked again before it ends, the answer would be no.
      let last: Refusal | undefined;
      for (const { rule, retryAt } of caps) if (retryAt !== undefined && retryAt > at && retryAt > (last?.retryAt ?? 0)) last = { rule, retryAt };
      return last;
    },
    saw: ({ caps = [] }) =>
      caps.length === 0
        ? "no cap holds here"
        : caps.map(({ name, count, most, windowS }) => `${name}: ${count} of ${most} in ${windowS / 3600} h`).join("; "),
  },
  {
    name: "calling-window",
    ask(at, candidate, policy) {
      const zones = zonesOf(candidate, policy);
      // A zone that was given but is not known is no reason to fall back on the campaign's: it may be anywhere.
      if (!zones.every(isTimeZone)) return { rule: "unknown-time-zone" };
      const inEach = (hours: WallHours) => zones.map((zone) => ({ zone, hours }));
      const own = [hoursOf(policy.window), ...calendarsOf(candidate, policy)].flatMap(inEach);
      const laws = lawsOf(candidate, policy).flatMap(inEach);
      const state = openInEvery(at, [...own, ...laws]);
      if (state.open) return state.closesAt;
      const { opensAt } = state;
      if (opensAt === undefined) return { rule: "window-never-opens" };
      const byLaw = laws.length > 0 && openInEvery(at, own).open;
      const { holidays, ...everyDay } = policy.window;
      const ordinary = inEach(hoursOf(everyDay));
      // On its eve, too: what is waited for then is the end of the holiday.
      const byHoliday = !byLaw && holidays !== undefined && (openInEvery(at, ordinary).open || opensBefore(opensAt, at, [...ordinary, ...laws]));
      return { rule: byLaw ? "outside-legal-hours" : byHoliday ? "holiday" : "outside-calling-window", retryAt: opensAt };
    },
    saw: (candidate, policy) => {
      const laws = lawPlacesOf(candidate, policy).map(([place]) => place);
      const law = laws.length === 0 ? "" : `, and the hours by the law of ${laws.join(", ")}`;
      const named = policy.window.holidays ?? [];
      const holidays = named.length === 0 ? "" : `, its holidays ${named.map((text) => versioned(text, policy)).join(", ")}`;
      return `the campaign's hours in ${zonesOf(candidate, policy).join(", ")}${holidays}${law}`;
    },
  },
  {
    // The last: a question costs money, and is asked of those alone who would be contacted otherwise.
    name: "looked-up",
    ask: (at, { lookups = [] }, policy) => stillToAsk(at, lookups, policy.lookups),
    saw: ({ lookups = [] }, policy, at) =>
      stillToAsk(at, lookups, policy.lookups)
        ? "an answer is missing"
        : lookups.length > 0
          ? "everything that is wanted is known"
          : "the campaign wants no look-up",
  },
];

function opensBefore(time: number, at: number, hours: Parameters<typeof openInEvery>[1]): boolean {
  const state = openInEvery(at, hours);
  return !state.open && state.opensAt !== undefined && state.opensAt < time;
}

/** The zones the person may be in; the hours must be open in each of them. The contact's own zone is certain, then go its postal code and what the number says. */
export function zonesOf(
  candidate: Pick<GateCandidate, "timeZone" | "address" | "fields">,
  { defaultTimeZone, places }: Pick<GatePolicy, "defaultTimeZone" | "places">,
): readonly string[] {
  if (candidate.timeZone !== undefined) return [candidate.timeZone];
  return (places && zonesThere(candidate, places)) ?? [defaultTimeZone];
}

/** What the calendars of the account's own leave of the days where the person may be. */
function calendarsOf(candidate: GateCandidate, { window: { holidays = [] }, calendars, places }: GatePolicy): readonly WallHours[] {
  const named = calendars === undefined ? [] : holidays.flatMap((name) => calendars.of(name) ?? []);
  if (named.length === 0) return [];
  const where = placesOf(candidate, places);
  return named.flatMap((calendar) => hoursThere(calendar, where));
}

function versioned(holiday: string, { calendars }: GatePolicy): string {
  const own = calendars?.of(holiday);
  return own === undefined ? holiday : `${holiday} (version ${own.version})`;
}

/** The hours of the law where the person is or may be, and of the places that the campaign names. */
function lawsOf(candidate: GateCandidate, policy: GatePolicy): readonly WallHours[] {
  return lawPlacesOf(candidate, policy).flatMap(([place, hours]) => hours.hoursOf(place) ?? []);
}

function lawPlacesOf(candidate: GateCandidate, { places, laws = [] }: GatePolicy): readonly (readonly [place: string, hours: LegalHours])[] {
  const hours = places?.hours;
  const there = hours === undefined ? [] : placesOf(candidate, places).filter((place) => hours.hoursOf(place) !== undefined);
  return [
    ...(hours === undefined ? [] : there.map((place) => [place, hours] as const)),
    ...laws.filter((place) => !there.includes(place)).map((place) => [place, legalHours] as const),
  ];
}
