import { type Clock, pause } from "../kernel/clock.ts";
import { allowed, freshRate, nextAt, plan, type RateState, spend } from "./rate.ts";

/** One limit of calls a second at work: a campaign's or a trunk's. The limit itself may change from call to call. */
export class Pace {
  readonly #clock: Clock;
  /** Moments given to calls. */
  rate: RateState = freshRate;
  /** Calls decided on that have no moment yet: they wait for a session or an order. */
  ahead = 0;
  #passed: RateState = freshRate;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when a call may leave: whatever has come between since it got its moment, there are never more than was agreed. */
  async turn(maxCps: number): Promise<void> {
    for (;;) {
      const now = this.#clock.now();
      if (allowed(this.#passed, now, maxCps) > 0) break;
      await pause(this.#clock, Math.max(1, nextAt(this.#passed, now, maxCps) - now));
    }
    this.#passed = spend(this.#passed, this.#clock.now(), 1, maxCps);
  }
}

/** Gives a call the first moment from `from` on that both limits allow. @returns that moment (epoch ms) */
export function takeMoment(from: number, limits: readonly { readonly pace: Pace; readonly maxCps: number }[]): number {
  const states = limits.map(({ pace, maxCps }) => ({ state: pace.rate, maxCps }));
  const [at = from] = plan(states, from, Number.POSITIVE_INFINITY, 1);
  for (const { pace, maxCps } of limits) pace.rate = spend(pace.rate, at, 1, maxCps);
  return at;
}

/** A call that leaves no later than this after its moment is within the slack of its rate (rate.ts). */
const lateMs = 20;
/** A process that is held up so badly that it misses so many moments of one call in a row lets it go all the same. */
const mostMoments = 5;

/** When a call may leave, among those of all nodes. */
export class Moment {
  #at: number;
  readonly #another: () => Promise<number>;
  readonly #clock: Clock;

  constructor(at: number, another: () => Promise<number>, clock: Clock) {
    this.#at = at;
    this.#another = another;
    this.#clock = clock;
  }

  /** Epoch ms. */
  get at(): number {
    return this.#at;
  }

  /**
   * Resolves so long before it. When it has gone by, because something took its time, there is another: else calls of several nodes that
   * were each in time when they were decided on would leave all at once.
   */
  async comes(beforeMs = 0): Promise<void> {
    const clock = this.#clock;
    for (let count = 1; count < mostMoments; count++) {
      await pause(clock, Math.max(0, this.#at - beforeMs - clock.now()));
      if (clock.now() - this.#at <= lateMs) return;
      this.#at = await this.#another().catch(() => clock.now());
    }
  }
}
