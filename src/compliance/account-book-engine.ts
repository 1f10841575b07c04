import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import { inTurn } from "../kernel/in-turn.ts";
import type { Log } from "../kernel/log.ts";

/** A change on another node holds here after so long at the latest. */
const lookMs = 1000;

export interface AccountBookParts<Entry> {
  /** What the entries are called: `rules`. */
  readonly what: string;
  /** Changes whenever an entry does. */
  mark(): Promise<string>;
  /** By their names. */
  read(): Promise<ReadonlyMap<string, Entry>>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the account has said, as it is in the database, kept ready for the gate, which cannot wait. */
export class AccountBook<Entry> {
  readonly #parts: AccountBookParts<Entry>;
  #mark: string | undefined;
  #end: (() => Promise<void>) | undefined;
  entries: ReadonlyMap<string, Entry> = new Map();

  constructor(parts: AccountBookParts<Entry>) {
    this.#parts = parts;
  }

  /** Reads them, and follows every change from then on. Nobody may be asked about before. */
  async open(): Promise<void> {
    await this.look();
    const { what, clock, log } = this.#parts;
    this.#end = againDespite(
      clock,
      lookMs,
      () => this.look(),
      (error) => log.error({ err: error }, `cannot look for changes of the account's ${what}; those that were read hold, trying again`),
    );
  }

  /** Reads what has changed. */
  readonly look = inTurn(() => this.#look());

  async #look(): Promise<void> {
    const { what, log } = this.#parts;
    const mark = await this.#parts.mark();
    if (mark === this.#mark) return;
    this.entries = await this.#parts.read();
    if (this.#mark !== undefined) log.info({ [what]: [...this.entries.keys()] }, `the account's ${what} have changed`);
    this.#mark = mark;
  }

  async close(): Promise<void> {
    await this.#end?.();
  }
}
