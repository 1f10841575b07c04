import { addressKinds, type NewContact, type Reach, reaches, serves } from "./contact.ts";
import type { LoadSummary } from "./ports.ts";

/** What is known of the people of a file as a whole. */
export interface Tally {
  /** People who have an address for it; a number whose kind nobody knows counts for both calls and SMS. */
  readonly reachable: Readonly<Record<Reach, number>>;
  /** People by the zone that the file gives; "" for those of whom it says none. */
  readonly zones: Readonly<Record<string, number>>;
}

/** Most people have one address, and lists have millions of people. */
const reachesOf = new Map(addressKinds.map((kind) => [kind, reaches.filter((reach) => serves(reach, kind))]));

/** Counts people one by one. */
export class Tallier {
  readonly #reachable: Record<Reach, number> = { voice: 0, sms: 0, email: 0 };
  readonly #zones = new Map<string, number>();

  add({ addresses, timeZone = "" }: NewContact): void {
    const [first] = addresses;
    if (addresses.length === 1 && first) for (const reach of reachesOf.get(first.kind) ?? []) this.#reachable[reach] += 1;
    else for (const reach of reaches) if (addresses.some(({ kind }) => serves(reach, kind))) this.#reachable[reach] += 1;
    this.#zones.set(timeZone, (this.#zones.get(timeZone) ?? 0) + 1);
  }

  get tally(): Tally {
    return { reachable: { ...this.#reachable }, zones: Object.fromEntries([...this.#zones].sort(([, one], [, other]) => other - one)) };
  }
}

/** Several lists as one. */
export function addedUp(lists: readonly (Tally & LoadSummary)[]): Tally & LoadSummary {
  const [first] = lists;
  if (first && lists.length === 1) {
    const { reachable, zones, updated, left, suppressed } = first;
    return { reachable, zones, updated, left, suppressed };
  }
  const zones = new Map<string, number>();
  for (const each of lists) for (const [zone, people] of Object.entries(each.zones)) zones.set(zone, (zones.get(zone) ?? 0) + people);
  const sum = (of: (each: Tally & LoadSummary) => number) => lists.reduce((total, each) => total + of(each), 0);
  const byReach = (of: (each: Tally & LoadSummary) => Readonly<Record<Reach, number>>): Record<Reach, number> => ({
    voice: sum((each) => of(each).voice),
    sms: sum((each) => of(each).sms),
    email: sum((each) => of(each).email),
  });
  return {
    reachable: byReach(({ reachable }) => reachable),
    zones: Object.fromEntries([...zones].sort(([, one], [, other]) => other - one)),
    updated: sum(({ updated }) => updated),
    left: sum(({ left }) => left),
    suppressed: byReach(({ suppressed }) => suppressed),
  };
}
