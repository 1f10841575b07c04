import type { Clock } from "../kernel/clock.ts";
import { inTurn } from "../kernel/in-turn.ts";
import type { Log } from "../kernel/log.ts";
import { isPhoneNumber } from "../kernel/phone.ts";
import { afterCall, type CallerIdPool, chooseCallerId, dayOf, freshNumber, isFree, type NumberState } from "./caller-id.ts";
import type { KeptNumber, NumberStore } from "./caller-id-ports.ts";

/** Calls of a capped number taken from the database at once: a twentieth of the cap, so that little is lost with a process, and at most so many. */
const mostAtOnce = 20;

/** Chooses the number that a call shows, and learns from how calls end. */
export class CallerIds {
  readonly #store: NumberStore;
  readonly #clock: Clock;
  readonly #log: Log;
  #pools: ReadonlyMap<string, CallerIdPool>;
  readonly #states = new Map<string, NumberState>();
  /** Calls that were taken from the database and not made yet. */
  readonly #taken = new Map<string, { readonly day: number; left: number }>();
  /** By number, what is being written of it, one after the other. */
  readonly #keeping = new Map<string, Promise<void>>();
  /** Numbers of which more is known here than a read that is under way may bring. */
  #newer = new Set<string>();

  constructor(pools: readonly CallerIdPool[], store: NumberStore, clock: Clock, log: Log) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#pools = byName(pools);
  }

  /** Takes over changed pools; what is known of their numbers stays. */
  set(pools: readonly CallerIdPool[]): void {
    this.#pools = byName(pools);
  }

  /** Numbers that rest now. */
  get resting(): readonly string[] {
    const now = this.#clock.now();
    return [...this.#states].filter(([, { restsUntil }]) => restsUntil > now).map(([number]) => number);
  }

  /** Reads what is kept, also by other nodes. Rejects when the database is away. */
  readonly refresh = inTurn(() => this.#refresh());

  async #refresh(): Promise<void> {
    this.#newer = new Set(this.#keeping.keys());
    for (const { number, run, restsUntil } of await this.#store.read()) {
      if (this.#newer.has(number)) continue;
      const state = this.#stateOf(number);
      this.#states.set(number, { ...state, run: Math.max(state.run, run), restsUntil: Math.max(state.restsUntil, restsUntil) });
    }
  }

  /** Whether a call of this caller id, a number or a pool, could show something now. */
  available(callerId: string): boolean {
    const pool = this.#pools.get(callerId);
    if (!pool) return isPhoneNumber(callerId);
    return pool.numbers.some(({ number }) => isFree(this.#stateOf(number), this.#clock.now()));
  }

  /**
   * The number that a call to `to` shows: the caller id itself if it is one, else one of its pool.
   * @param suits whether a trunk may show it
   * @returns undefined when the pool is unknown, or has none for this call just now. Rejects when the database is away and a cap is to be kept
   */
  async choose(callerId: string, to: string, suits: (number: string) => boolean): Promise<string | undefined> {
    if (isPhoneNumber(callerId)) return callerId;
    const pool = this.#pools.get(callerId);
    if (!pool) return undefined;
    for (;;) {
      const now = this.#clock.now();
      const number = chooseCallerId(to, pool, (each) => this.#stateOf(each), now, suits);
      if (number === undefined) return undefined;
      // Counted before the database answers, so that calls made at the same time do not all choose the same one.
      this.#change(number, (state) => ({ ...state, shown: state.shown + 1 }));
      if (pool.dailyCap === undefined || (await this.#spend(number, dayOf(now), pool.dailyCap))) return number;
      this.#change(number, (state) => ({ ...state, spentDay: dayOf(now) }));
    }
  }

  /** A call that showed this number has ended with this final SIP status of the far side; 200 when it was answered. */
  ended(callerId: string, number: string, status: number): void {
    const pool = this.#pools.get(callerId);
    const before = this.#stateOf(number);
    const after = pool && afterCall(before, status, pool, this.#clock.now());
    if (!after || after === before) return;
    this.#states.set(number, after);
    if (after.restsUntil > before.restsUntil)
      this.#log.warn({ number, pool: callerId, hours: pool.quarantineHours }, "number rests after a run of 608");
    const { run, restsUntil } = after;
    this.#keep({ number, run, restsUntil });
  }

  #keep(kept: KeptNumber): void {
    const { number } = kept;
    this.#newer.add(number);
    const before = this.#keeping.get(number) ?? Promise.resolve();
    const keeping = before
      .then(() => this.#store.keep(kept))
      .catch((error: unknown) => this.#log.error({ err: error, number }, "what is known of a number is not kept"))
      .finally(() => {
        if (this.#keeping.get(number) === keeping) this.#keeping.delete(number);
      });
    this.#keeping.set(number, keeping);
  }

  async #spend(number: string, day: number, cap: number): Promise<boolean> {
    const has = () => {
      const taken = this.#taken.get(number);
      if (!taken || taken.day !== day || taken.left < 1) return false;
      taken.left -= 1;
      return true;
    };
    if (has()) return true;
    for (const count of new Set([Math.max(1, Math.min(mostAtOnce, Math.floor(cap / 20))), 1])) {
      if (!(await this.#store.take(number, day, count, cap))) continue;
      const before = this.#taken.get(number);
      this.#taken.set(number, { day, left: (before?.day === day ? before.left : 0) + count - 1 });
      return true;
    }
    // Others of this process may have taken some while we asked.
    return has();
  }

  #stateOf(number: string): NumberState {
    return this.#states.get(number) ?? freshNumber;
  }

  #change(number: string, change: (state: NumberState) => NumberState): void {
    this.#states.set(number, change(this.#stateOf(number)));
  }
}

function byName(pools: readonly CallerIdPool[]): ReadonlyMap<string, CallerIdPool> {
  return new Map(pools.map((pool) => [pool.name, pool]));
}
