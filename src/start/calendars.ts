import { CalendarBook } from "../compliance/calendar-book-engine.ts";
import type { CalendarStore, OwnCalendars } from "../compliance/calendar-ports.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";

/** The account's own calendars, followed as they change. */
export async function openCalendars(calendars: CalendarStore, clock: Clock, log: Log): Promise<CalendarBook> {
  const book = new CalendarBook({ calendars, clock, log });
  await book.open();
  return book;
}

/** As they are now, for a command that is soon done. */
export async function readCalendars(calendars: CalendarStore, clock: Clock, log: Log): Promise<OwnCalendars> {
  const book = new CalendarBook({ calendars, clock, log });
  await book.look();
  return book;
}
