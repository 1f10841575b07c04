import { type Clock, pause } from "../kernel/clock.ts";
import { Moment } from "./pace-engine.ts";
import type { Trunk } from "./trunk.ts";
import type { LineWish, TrunkLedger } from "./trunk-ports.ts";

/** What was looked at within that time is to be dialled over. */
const demandMs = 2000;
/** So far ahead a call's moment on its trunk is asked for, at most. */
const mostAheadMs = 100;
/** Calls that come so close together are asked for together. They come before their moment (call-engine.ts, headStartMs). */
const gatherMs = 5;

/** A node's part of what a trunk allows over all nodes. */
export class TrunkShare {
  readonly #ledger: TrunkLedger;
  readonly #clock: Clock;
  /** Lines that this node may use. */
  lines = 0;
  /** The last moment that was given: a call decided on now leaves after it (epoch ms). */
  takenUntil = 0;
  #lookedAt = 0;
  #waiting: { readonly notBefore: number; readonly resolve: (at: number) => void }[] = [];
  #asking = false;

  constructor(ledger: TrunkLedger, clock: Clock) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  /** Somebody would place calls on it. */
  look(): void {
    this.#lookedAt = this.#clock.now();
  }

  /**
   * What is asked of the others; until they have answered no more is used than what is kept.
   * @param used lines in use
   */
  wish({ name, maxChannels, maxCps }: Trunk, used: number): LineWish | undefined {
    // Who is on the line may be transferred at any time, and must not be told then that there is no line.
    const more = used > 0 || this.#clock.now() - this.#lookedAt < demandMs;
    const wanted = more ? Math.min(maxChannels, used + Math.max(2, Math.ceil(maxCps))) : used;
    if (wanted === 0 && this.lines === 0) return undefined;
    // Enough for the calls that begin while the question is on its way.
    const kept = Math.max(used, Math.min(this.lines, more ? used + 1 + Math.ceil(maxCps / 4) : used));
    this.lines = kept;
    return { trunk: name, maxChannels, kept, wanted: Math.max(wanted, kept) };
  }

  /** A call's moment on the trunk, not before that time. Without the database there is none but now: no call that it must be told of leaves then anyway. */
  async moment(trunk: Trunk, notBefore: number): Promise<Moment> {
    const take = (from: number) =>
      new Promise<number>((resolve) => {
        this.#waiting.push({ notBefore: from, resolve });
        if (!this.#asking) this.#ask(trunk);
      });
    return new Moment(await take(notBefore), () => take(0), this.#clock);
  }

  /** Those that come while one question is on its way are asked for together. Never rejects. */
  async #ask(trunk: Trunk): Promise<void> {
    const clock = this.#clock;
    this.#asking = true;
    await pause(clock, gatherMs);
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      const from = Math.max(0, ...batch.map(({ notBefore }) => notBefore - clock.now()));
      const starts = await this.#ledger.starts(trunk.name, trunk.maxCps, batch.length, Math.min(mostAheadMs, from)).catch(() => undefined);
      const now = clock.now();
      const moments = batch.map((_, index) => now + (starts ? starts.firstInMs + index * starts.stepMs : 0));
      this.takenUntil = moments.at(-1) ?? this.takenUntil;
      for (const [index, { resolve }] of batch.entries()) resolve(moments[index] ?? now);
    }
    this.#asking = false;
  }
}
