import { type Clock, pause } from "../kernel/clock.ts";
import { Moment } from "./pace-engine.ts";
import type { Trunk } from "./trunk.ts";
import type { TrunkLedger } from "./trunk-ports.ts";

/** So far ahead a call's moment on its trunk is asked for, at most. */
const mostAheadMs = 100;
/** Calls that come so close together are asked for together. They come before their moment (call-engine.ts, headStartMs). */
const gatherMs = 5;
/** A node that is alone on a trunk asks for the moments of so long a stretch at once: another one that comes waits no longer than that. */
const stretchMs = 250;

/** Calls are not decided on so long before their moment. */
const farthestMs = 10_000;
/** Ends of stretches are told to the microsecond. */
const exactMs = 0.01;

interface Waiting {
  readonly notBefore: number;
  readonly resolve: (at: number) => void;
}

/** Time on a trunk that is this node's own: calls that are a step apart in it keep the trunk's limit over all nodes (epoch ms). */
interface Stretch {
  readonly from: number;
  readonly until: number;
  readonly stepMs: number;
  readonly maxCps: number;
  /** The same as `until` by the ledger's clock. */
  readonly endsAt: number;
}

/** The moments of a node's calls on a trunk, among those of all nodes. */
export class TrunkMoments {
  readonly #ledger: TrunkLedger;
  readonly #clock: Clock;
  /** The last moment that was given: a call decided on now leaves after it (epoch ms). */
  takenUntil = 0;
  #left: Stretch | undefined;
  #waiting: Waiting[] = [];
  #asking = false;

  constructor(ledger: TrunkLedger, clock: Clock) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  /**
   * A call's moment on the trunk, not before that time. Without the database there is none but now: no call that it must be told of leaves then anyway.
   * @param alone no other node is known to call there
   */
  async next(trunk: Trunk, notBefore: number, alone: () => boolean): Promise<Moment> {
    const take = (from: number) =>
      new Promise<number>((resolve) => {
        const at = this.#asking ? undefined : this.#takeOwn(trunk, from);
        if (at !== undefined) return resolve(at);
        this.#waiting.push({ notBefore: from, resolve });
        if (!this.#asking) this.#ask(trunk, alone);
      });
    return new Moment(await take(notBefore), () => take(0), this.#clock);
  }

  /** A moment of the stretch that is left. */
  #takeOwn({ maxCps }: Trunk, notBefore: number): number | undefined {
    const left = this.#left;
    const now = this.#clock.now();
    // Neither by an older limit, nor one that a clock which was set back has put far away.
    if (left?.maxCps !== maxCps || left.from > now + farthestMs) return undefined;
    const at = Math.max(left.from, notBefore, now);
    if (at + left.stepMs > left.until) return undefined;
    this.#left = { ...left, from: at + left.stepMs };
    this.takenUntil = at;
    return at;
  }

  /** Those that come while one question is on its way are asked for together. Never rejects. */
  async #ask(trunk: Trunk, alone: () => boolean): Promise<void> {
    this.#asking = true;
    await pause(this.#clock, gatherMs);
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0).sort((a, b) => a.notBefore - b.notBefore);
      const others = batch.filter(({ notBefore, resolve }) => {
        const at = this.#takeOwn(trunk, notBefore);
        if (at !== undefined) resolve(at);
        return at === undefined;
      });
      if (others.length > 0) await this.#askFor(others, trunk, alone());
    }
    this.#asking = false;
  }

  async #askFor(batch: readonly Waiting[], { name, maxCps }: Trunk, alone: boolean): Promise<void> {
    const clock = this.#clock;
    const more = alone ? Math.floor((stretchMs * maxCps) / 1000) : 0;
    const count = batch.length + more;
    // What is asked for these calls only begins with the last of them; in a stretch each has its own time.
    const first = (more > 0 ? batch[0] : batch.at(-1))?.notBefore ?? 0;
    const inMs = Math.min(mostAheadMs, Math.max(0, first - clock.now()));
    const starts = await this.#ledger.starts(name, maxCps, count, inMs).catch(() => undefined);
    const now = clock.now();
    const { firstInMs, stepMs, endsAt } = starts ?? { firstInMs: 0, stepMs: 0, endsAt: 0 };
    const until = now + firstInMs + count * stepMs;
    const left = this.#left;
    // Nobody has come in between: what is left of the last stretch is not lost.
    const goesOn = left?.maxCps === maxCps && Math.abs(endsAt - count * stepMs - left.endsAt) < exactMs;
    let from = goesOn ? Math.max(left.from, now) : now + firstInMs;
    for (const [index, { notBefore, resolve }] of batch.entries()) {
      // There is one for each, however far ahead it would be wanted.
      const at = Math.min(Math.max(from, starts ? notBefore : now), until - (batch.length - index) * stepMs);
      from = at + stepMs;
      this.takenUntil = at;
      resolve(at);
    }
    this.#left = starts && { from, until, stepMs, maxCps, endsAt };
  }
}
