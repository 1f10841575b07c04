import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { type CalendarReady, readyCalendar } from "./calendar.ts";
import type { CalendarStore, OwnCalendars } from "./calendar-ports.ts";

/** A change on another node holds here after so long at the latest. */
const lookMs = 1000;

export interface CalendarBookParts {
  readonly calendars: Pick<CalendarStore, "newest" | "mark">;
  readonly clock: Clock;
  readonly log: Log;
}

/** The account's calendars as they are in the database, kept ready for the gate, which cannot wait. */
export class CalendarBook implements OwnCalendars {
  readonly #parts: CalendarBookParts;
  #mark: string | undefined;
  #calendars: ReadonlyMap<string, CalendarReady> = new Map();
  #end: (() => Promise<void>) | undefined;

  constructor(parts: CalendarBookParts) {
    this.#parts = parts;
  }

  /** Reads them, and follows every change from then on. Nobody may be asked about before. */
  async open(): Promise<void> {
    await this.look();
    const { clock, log } = this.#parts;
    this.#end = againDespite(
      clock,
      lookMs,
      () => this.look(),
      (error) => log.error({ err: error }, "cannot look for changes of the account's calendars; those that were read hold, trying again"),
    );
  }

  /** Reads what has changed. */
  async look(): Promise<void> {
    const { calendars, log } = this.#parts;
    const mark = await calendars.mark();
    if (mark === this.#mark) return;
    this.#calendars = new Map((await calendars.newest()).map((one) => [one.name, readyCalendar(one, one.version)]));
    if (this.#mark !== undefined) log.info({ calendars: [...this.#calendars.keys()] }, "the account's calendars have changed");
    this.#mark = mark;
  }

  of(name: string): CalendarReady | undefined {
    return this.#calendars.get(name);
  }

  async close(): Promise<void> {
    await this.#end?.();
  }
}
