import { addressKinds, type NewContact, type Reach, reaches, serves } from "./contact.ts";

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
