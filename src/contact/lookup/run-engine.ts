import { againDespite } from "../../kernel/again.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { LookupOptions } from "./options.ts";
import type { LookupRunHold, LookupRunStore } from "./ports.ts";

export interface LookupRunsParts {
  readonly store: LookupRunStore;
  readonly lookups: readonly LookupOptions[];
  readonly clock: Clock;
  readonly log: Log;
  /** How often it looks. */
  readonly lookMs?: number;
}

/** A node that says nothing for so long is gone, and another one goes on. */
const leaseMs = 60_000;
const leastPage = 50;
/** So many seconds of questions are wanted together: what is left of a run that is interrupted is little. */
const pageS = 5;
const mostPage = 1000;
/** So many at once: they ask different look-ups, each in its own pace. */
const mostRuns = 8;

/**
 * Has whole lists looked up, page by page, in the pace of whoever is asked: no more is wanted than is being asked. Runs that ask different look-ups go on side by side; of those that ask the same one
 * the first goes on, so that it has the whole pace.
 */
export class LookupRuns {
  readonly #parts: LookupRunsParts;
  #end: () => Promise<void> = async () => {};

  constructor(parts: LookupRunsParts) {
    this.#parts = parts;
  }

  start(): void {
    const { clock, log, lookups, lookMs = 500 } = this.#parts;
    if (lookups.length === 0) return;
    this.#end = againDespite(
      clock,
      lookMs,
      () => this.#look(),
      (error) => log.error({ err: error }, "lists cannot be looked up; trying on"),
    );
  }

  /** Another node, or this one later, goes on where it is left. */
  async close(): Promise<void> {
    await this.#end();
  }

  /** Each of its runs, as far as it gets without waiting. */
  async #look(): Promise<void> {
    const { store, lookups } = this.#parts;
    const names = lookups.map(({ name }) => name);
    const faults: unknown[] = [];
    // One after the other, so that they take no more than one connection; what is wrong with one keeps none of the others.
    for (const run of await store.hold(leaseMs, names, mostRuns)) await this.#go(run).catch((error: unknown) => faults.push(error));
    if (faults.length > 0) throw faults[0];
  }

  async #go(run: LookupRunHold): Promise<void> {
    const { store, lookups, log } = this.#parts;
    if (run.pageEnd !== undefined && !(await store.pageDone(run))) return;
    const slowest = Math.min(...lookups.filter(({ name }) => run.lookups.includes(name)).map(({ maxPerSecond }) => maxPerSecond));
    const contacts = Math.min(mostPage, Math.max(leastPage, Math.ceil(slowest * pageS)));
    if (await store.nextPage(run, contacts)) return;
    await store.end(run.id);
    log.info({ run: run.id, list: run.listId }, "a list has been looked up");
  }
}
