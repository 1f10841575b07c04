/** What somebody has done in their window. */
export interface Counted {
  /** How often, with this time. */
  times: number;
  /** Epoch ms: when it counts anew. */
  endsAt: number;
}

/** Of so many something is counted at once, by far more than ask within a minute; of more those are forgotten who asked longest ago. */
const mostCounted = 5000;

/** How often each of many does something, in windows that begin with their first time. */
export class Rate {
  readonly most: number;
  readonly #windowMs: number;
  /** Who asked longest ago first. */
  readonly #counted = new Map<string, Counted>();

  /** @param most times within a window */
  constructor(most: number, windowMs = 60_000) {
    this.most = most;
    this.#windowMs = windowMs;
  }

  /** Counts one time more. It was one too many when `times` is above `most`. @param now epoch ms */
  count(who: string, now: number): Readonly<Counted> {
    const known = this.#counted.get(who);
    // A clock that is set back prolongs nothing.
    const open = known !== undefined && now < known.endsAt && known.endsAt - now <= this.#windowMs;
    const counted = open ? known : { times: 0, endsAt: now + this.#windowMs };
    counted.times += 1;
    if (known !== undefined) this.#counted.delete(who);
    this.#counted.set(who, counted);
    if (this.#counted.size > mostCounted) {
      const [longestAgo] = this.#counted.keys();
      if (longestAgo !== undefined) this.#counted.delete(longestAgo);
    }
    return counted;
  }
}
