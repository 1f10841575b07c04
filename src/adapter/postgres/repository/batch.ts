import type { Clock, Timer } from "../../../kernel/clock.ts";
import { databaseFault, isPassing } from "../faults.ts";
import type { Patience } from "./patience.ts";

export interface BatchOptions<In, Out> {
  readonly clock: Clock;
  /** How long an item waits for company, unless it says otherwise itself. */
  readonly windowMs: number;
  /** How long a batch is tried again. */
  readonly patience: Patience;
  /** For faults: what it does. */
  readonly doing: string;
  /** Told when its time has come and it is being written. */
  readonly due?: () => void;
  /** False for what had better wait a little longer, though others are written now. It is asked about again after `windowMs`, and must come to be true. */
  readonly ripe?: (item: In) => boolean;
  /** Writes all of them in one transaction and says what came of each, in their order; an Error is that one's own. */
  readonly write: (items: readonly In[]) => Promise<readonly (Out | Error)[]>;
}

/** What is due within this goes with a batch that is due now. */
const soonMs = 10;

interface Entry<In, Out> {
  readonly item: In;
  readonly resolve: (value: Out) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects calls made within a few milliseconds into one statement. A statement costs the client about as much CPU as
 * ten rows in it, and the server one flush to disk. One write is under way at a time, so the order of calls is kept.
 */
export class Batch<In, Out> {
  readonly #options: BatchOptions<In, Out>;
  #waiting: Entry<In, Out>[] = [];
  /** When the most urgent of those that wait wants to be written. */
  #dueAt = Number.POSITIVE_INFINITY;
  #timer: { readonly at: number; readonly timer: Timer } | undefined;
  #busy: Promise<void> | undefined;

  constructor(options: BatchOptions<In, Out>) {
    this.#options = options;
  }

  /** Resolves when it is committed. Whatever waits is written with the most urgent. */
  add(item: In, windowMs = this.#options.windowMs): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#dueAt = Math.min(this.#dueAt, this.#options.clock.now() + windowMs);
      this.#schedule();
    });
  }

  /**
   * Writes what is due soon now. A process that wakes up for one statement pays most for the waking: so a batch is written
   * together with another one that is due.
   */
  hurry(): void {
    if (this.#dueAt <= this.#options.clock.now() + soonMs) this.#flush();
  }

  /** Writes what waits, and resolves when nothing is left. */
  async drain(): Promise<void> {
    while (this.#busy || this.#waiting.length > 0) {
      this.#flush(true);
      await this.#busy;
    }
  }

  #schedule(): void {
    const at = this.#dueAt;
    if (this.#busy || this.#waiting.length === 0 || (this.#timer && this.#timer.at <= at)) return;
    this.#timer?.timer.cancel();
    const { clock, due, windowMs } = this.#options;
    const fire = () => {
      this.#timer = undefined;
      this.#flush();
      due?.();
    };
    // The clock may have been set back meanwhile: then nothing waits for its own time again.
    const delayMs = Math.min(Math.max(0, at - clock.now()), windowMs);
    this.#timer = { at, timer: clock.after(delayMs, fire) };
  }

  #flush(all = false): void {
    if (this.#busy || this.#waiting.length === 0) return;
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    this.#dueAt = Number.POSITIVE_INFINITY;
    const { clock, windowMs } = this.#options;
    const entries = this.#takeRipe(all);
    if (this.#waiting.length > 0) this.#dueAt = clock.now() + windowMs;
    if (entries.length === 0) {
      this.#schedule();
      return;
    }
    this.#busy = this.#write(entries).finally(() => {
      this.#busy = undefined;
      this.#schedule();
    });
  }

  #takeRipe(all: boolean): readonly Entry<In, Out>[] {
    const { ripe } = this.#options;
    const waiting = this.#waiting;
    this.#waiting = [];
    if (all || !ripe) return waiting;
    return waiting.filter((entry) => {
      const taken = ripe(entry.item);
      if (!taken) this.#waiting.push(entry);
      return taken;
    });
  }

  async #write(entries: readonly Entry<In, Out>[]): Promise<void> {
    const { patience, write, doing } = this.#options;
    const items = entries.map(({ item }) => item);
    try {
      const ends = await patience.run(() => write(items));
      for (const [index, entry] of entries.entries()) {
        const end = ends[index];
        if (end instanceof Error) entry.reject(end);
        else entry.resolve(end as Out);
      }
    } catch (error) {
      if (entries.length === 1 || isPassing(error)) {
        for (const { reject } of entries) reject(databaseFault(error, doing));
        return;
      }
      // One of them is bad: each on its own, so that only that one fails.
      for (const entry of entries) await this.#write([entry]);
    }
  }
}
