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

/** How often lines are shared anew. */
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
    const wishes = trunks.known.flatMap(({ trunk, lines, share }) => share?.wish(trunk, lines) ?? []);
    if (wishes.length === 0) return;
    try {
      const granted = await ledger.lines(wishes);
      for (const { trunk, share } of trunks.known) if (share) share.lines = granted.get(trunk.name) ?? share.lines;
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) log.error({ err: error }, "lines of trunks cannot be shared; using what this node has");
      this.#failing = true;
    }
  }
}
