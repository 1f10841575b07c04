import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { AccountBook } from "./account-book-engine.ts";
import { type CalendarReady, readyCalendar } from "./calendar.ts";
import type { CalendarStore, OwnCalendars } from "./calendar-ports.ts";

export interface CalendarBookParts {
  readonly calendars: Pick<CalendarStore, "newest" | "mark">;
  readonly clock: Clock;
  readonly log: Log;
}

/** The account's calendars, kept ready for the gate. */
export class CalendarBook extends AccountBook<CalendarReady> implements OwnCalendars {
  constructor({ calendars, clock, log }: CalendarBookParts) {
    const read = async () => new Map((await calendars.newest()).map((one) => [one.name, readyCalendar(one, one.version)]));
    super({ what: "calendars", mark: () => calendars.mark(), read, clock, log });
  }

  of(name: string): CalendarReady | undefined {
    return this.entries.get(name);
  }
}
