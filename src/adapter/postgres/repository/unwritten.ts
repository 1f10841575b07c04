import type { Clock, Timer } from "../../../kernel/clock.ts";
import type { Log } from "../../../kernel/log.ts";
import { isRefusedForGood } from "../faults.ts";
import type { Spool } from "./spool.ts";
import type { Spooled } from "./spool-line.ts";

export interface UnwrittenParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Without one, what is not written is lost with the process. */
  readonly spool: Spool | undefined;
}

interface Waiting {
  readonly entry: Spooled;
  readonly since: number;
  readonly safe: PromiseWithResolvers<void>;
  /** Said once that it could not be kept. */
  warned: boolean;
}

/** What waits so long is kept on disk. Less than a person is let wait for it, and in a well database nothing waits so long. */
const keepAfterMs = 500;

/** Follows what has been said until the database has it, and keeps on disk what the database does not take. */
export class Unwritten {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #spool: Spool | undefined;
  readonly #waiting = new Map<string, Waiting>();
  #timer: Timer | undefined;

  constructor({ clock, log, spool }: UnwrittenParts) {
    this.#clock = clock;
    this.#log = log;
    this.#spool = spool;
  }

  /**
   * Resolves when it is written or on this machine's disk; rejects when it is refused for good, or can be neither.
   * @param writing rejects when it is given up
   */
  follow(key: string, entry: Spooled, writing: Promise<unknown>): Promise<void> {
    const safe = Promise.withResolvers<void>();
    safe.promise.catch(() => {});
    this.#waiting.set(key, { entry, since: this.#clock.now(), safe, warned: false });
    this.#lookLater();
    writing.then(
      () => {
        this.#settled(key);
        safe.resolve();
      },
      async (error: unknown) => {
        if (isRefusedForGood(error)) this.#settled(key);
        // On disk it waits for the next start.
        else if (await this.keep(key)) return;
        safe.reject(error);
      },
    );
    return safe.promise;
  }

  has(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** Resolves when everything that waits is on disk, or cannot be. */
  async keepAll(): Promise<void> {
    this.#timer?.cancel();
    await Promise.all([...this.#waiting.keys()].map((key) => this.keep(key)));
    if (this.#spool && this.#spool.size > 0)
      this.#log.error(
        { records: this.#spool.size, file: this.#spool.path },
        "the database did not take everything; the rest is written at the next start",
      );
  }

  /** @returns whether it is on disk now */
  async keep(key: string): Promise<boolean> {
    const waiting = this.#waiting.get(key);
    if (!waiting || !this.#spool) return false;
    try {
      await this.#spool.keep(key, waiting.entry);
      waiting.safe.resolve();
      return true;
    } catch (error) {
      // Somebody may have wished not to be called: a person must see it.
      if (!waiting.warned)
        this.#log.error({ err: error, ...waiting.entry }, "what the database does not take could not be kept on disk either; trying on");
      waiting.warned = true;
      return false;
    }
  }

  #settled(key: string): void {
    this.#waiting.delete(key);
    this.#spool?.forget(key);
  }

  #lookLater(): void {
    if (this.#timer || !this.#spool) return;
    this.#timer = this.#clock.after(keepAfterMs, () => {
      this.#timer = undefined;
      const late = this.#clock.now() - keepAfterMs;
      for (const [key, { since }] of this.#waiting) if (since <= late) this.keep(key);
      if (this.#waiting.size > 0) this.#lookLater();
    });
  }
}
