/** A time of day: the first at which the clock in the zone `z` shows the minute `m` of the day, on the ISO weekday `w`, and not before the next day where `d` is 1. */
export interface OnClock {
  readonly z: string;
  readonly m: number;
  readonly w?: number;
  readonly d?: number;
}

/**
 * Where somebody goes on to: after `s` seconds, then at the first time `at`, or at `t` (epoch ms) if that is later, in the campaign `c` (a pass, as a rule), at the address `a`;
 * without one at the first that campaign can use. `dueAfter` says when that is, and the function `onward_due` of the database the same.
 */
export interface Onward {
  readonly s: number;
  readonly c: string;
  readonly a?: string;
  readonly at?: OnClock;
  readonly t?: number;
}

/** Agents of the campaign `k` call the person when `o` says; with `f` the one who spoke with them, and so many seconds later everybody. */
export interface CalledBack {
  readonly k: string;
  readonly o: Pick<Onward, "s" | "at" | "t">;
  readonly f?: number;
}

/** The webhook `w` is told that an attempt ended with `e`. */
export interface Told {
  readonly w: string;
  readonly e: string;
}

/**
 * What follows each ending that an attempt of a pass may have, as it is kept with the attempt before it leaves: so whatever ends it, and in whatever process, has only
 * to look it up. By result, `outcome:NAME` or `disposition:CODE`; what is said by the most particular of them holds. Where somebody goes on to as the treatment says stands first. Nowhere to go on to is an empty list; an ending that is
 * not here says nothing, which leaves what an earlier one of the same attempt (`sent` before `delivered`) has led to.
 */
export type Follows = Readonly<Partial<Record<string, readonly (Onward | CalledBack | Told)[]>>>;
