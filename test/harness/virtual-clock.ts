import type { Clock, Timer } from "../../src/kernel/clock.ts";

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
}

/** A clock that only moves when told to. Timers fire in order of time, then of setting. */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #entries = new Set<Entry>();

  constructor(startMs = Date.UTC(2026, 0, 5, 15, 0, 0)) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  /** Somebody sets it back, as clocks of machines are; timers go on. */
  setBack(ms: number): void {
    this.#now -= ms;
    for (const entry of [...this.#entries]) {
      this.#entries.delete(entry);
      this.#entries.add({ ...entry, at: entry.at - ms });
    }
  }

  /** Timers that are set and have not fired: what a leak check looks at. */
  get pending(): number {
    return this.#entries.size;
  }

  after(delayMs: number, fire: () => void): Timer {
    const entry = { at: this.#now + Math.max(0, delayMs), order: this.#order++, fire };
    this.#entries.add(entry);
    return { cancel: () => this.#entries.delete(entry) };
  }

  /** Moves on by `ms`, firing what falls due, and lets promises settle in between. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settled();
    for (;;) {
      const due = [...this.#entries].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (!due) break;
      this.#entries.delete(due);
      this.#now = due.at;
      due.fire();
      await settled();
    }
    this.#now = until;
  }
}

/** Lets everything that is only waiting for promises run. */
async function settled(): Promise<void> {
  for (let round = 0; round < 20; round += 1) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
}
