import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Outbox } from "./ports.ts";

/** A part that Carillon depends on, as its health shows it. */
export interface Component {
  readonly name: string;
  readonly ready: boolean;
  /** By order, not by a fault. */
  readonly draining?: boolean;
  readonly note?: string;
}

export interface ComponentWatchParts {
  readonly outbox: Pick<Outbox, "tell" | "tellMissed">;
  readonly components: () => Promise<readonly Component[]>;
  readonly node: string;
  /** How late a callback is missed. */
  readonly missedAfterMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly lookMs?: number;
}

/** A part counts as away, or as there again, when two looks in a row found it so: connections are lost and made again all the time. */
const looks = 2;

/** Callbacks are looked at every so many looks. */
const lookForMissedEvery = 5;

/** Tells of what nobody writes down when it happens: parts that go away and come back, and callbacks that nobody takes in time. */
export class ComponentWatch {
  readonly #parts: ComponentWatchParts;
  /** Those that were told to be away. */
  readonly #down = new Set<string>();
  /** How many looks in a row found it otherwise than told. */
  readonly #otherwise = new Map<string, number>();
  #looked = 0;
  readonly #end: () => Promise<void>;

  constructor(parts: ComponentWatchParts) {
    this.#parts = parts;
    const { clock, log, lookMs = 2000 } = parts;
    this.#end = againDespite(
      clock,
      lookMs,
      () => this.#look(),
      (error) => log.error({ err: error }, "nobody can be told which parts are away; trying on"),
    );
  }

  close(): Promise<void> {
    return this.#end();
  }

  async #look(): Promise<void> {
    const { components, outbox, missedAfterMs } = this.#parts;
    for (const component of await components()) await this.#compare(component);
    this.#looked += 1;
    if (this.#looked % lookForMissedEvery === 1) await outbox.tellMissed(missedAfterMs);
  }

  /** The database is left out: where it is away nothing can be written down. */
  async #compare({ name, ready, draining = false, note }: Component): Promise<void> {
    if (name === "database" || draining) return;
    if (ready === !this.#down.has(name)) return void this.#otherwise.delete(name);
    const found = (this.#otherwise.get(name) ?? 0) + 1;
    this.#otherwise.set(name, found);
    if (found < looks) return;
    await this.#parts.outbox.tell(ready ? "component.up" : "component.down", { name, node: this.#parts.node, ...(note !== undefined && { note }) });
    if (ready) this.#down.delete(name);
    else this.#down.add(name);
    this.#otherwise.delete(name);
  }
}
