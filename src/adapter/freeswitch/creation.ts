import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";

/** How long FreeSWITCH may take to make a channel; it takes 14–40 ms when it is well. */
const openTimeoutMs = 5000;

/** The channels that one FreeSWITCH is making for us. */
export class Creations {
  readonly #mediaServer: string;
  readonly #clock: Clock;
  /** Not a promise of the connection's end: what hangs on one stays with it, and a connection outlives every call over it. */
  readonly #giveUps = new Set<(fault: Fault) => void>();

  constructor(mediaServer: string, clock: Clock) {
    this.#mediaServer = mediaServer;
    this.#clock = clock;
  }

  /** The channel, or a Fault when it takes too long or the connection is lost; one that comes later is let go again. */
  of<T extends { dialog: { destroy(): Promise<unknown> } }>(making: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const settled = () => {
        timer.cancel();
        return this.#giveUps.delete(giveUp);
      };
      const giveUp = (fault: Fault) => {
        settled();
        reject(fault);
      };
      const timer = this.#clock.after(openTimeoutMs, () =>
        giveUp(new Fault("freeswitch-timeout", `FreeSWITCH ${this.#mediaServer} did not answer within ${openTimeoutMs} ms`, { retryable: true })),
      );
      this.#giveUps.add(giveUp);
      making.then(
        (value) => {
          if (settled()) resolve(value);
          else value.dialog.destroy().catch(() => {});
        },
        (error) => {
          settled();
          reject(error);
        },
      );
    });
  }

  /** The connection is lost: nobody waits for them any more. */
  lose(): void {
    const fault = new Fault("freeswitch-unreachable", `the connection to FreeSWITCH ${this.#mediaServer} was lost`, { retryable: true });
    for (const giveUp of [...this.#giveUps]) giveUp(fault);
  }
}
