import type { Clock, Timer } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Trunks } from "./trunk-engine.ts";
import type { TrunkLedger } from "./trunk-ports.ts";

export interface LineSharingParts {
  readonly trunks: Trunks;
  readonly ledger: TrunkLedger;
  readonly clock: Clock;
  readonly log: Log;
}

/** How often it is looked whether there is something to ask of the others, or to tell them. */
const shareMs = 250;

/** Shares the lines of trunks with the other nodes, as they are wanted. */
export class LineSharing {
  readonly #parts: LineSharingParts;
  #timer: Timer | undefined;
  #turn: Promise<void> = Promise.resolve();
  #closed = false;
  #failing = false;

  constructor(parts: LineSharingParts) {
    this.#parts = parts;
    this.#later();
  }

  /** Resolves when nothing is asked any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#turn;
  }

  #later(): void {
    this.#timer = this.#parts.clock.after(shareMs, () => {
      this.#turn = this.#share().finally(() => {
        if (!this.#closed) this.#later();
      });
    });
  }

  async #share(): Promise<void> {
    const { trunks, ledger, log } = this.#parts;
    const wishing = trunks.known.flatMap(({ trunk, lines, share }) => {
      const wish = share?.wish(trunk, lines);
      return share && wish ? [{ share, wish }] : [];
    });
    if (wishing.length === 0) return;
    try {
      const granted = await ledger.lines(wishing.map(({ wish }) => wish));
      for (const { share, wish } of wishing) {
        const grant = granted.get(wish.trunk);
        if (grant) share.take(wish, grant);
      }
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) log.error({ err: error }, "lines of trunks cannot be shared; using what this node has");
      this.#failing = true;
    }
  }
}
