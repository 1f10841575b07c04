import type { Calendar, CalendarReady, CalendarVersion } from "./calendar.ts";

/** The account's own calendars, in versions. */
export interface CalendarStore {
  /** Those that campaigns may name, by name. */
  list(): Promise<readonly CalendarVersion[]>;
  /** The newest version of every one, also of those that were taken away. */
  newest(): Promise<readonly CalendarVersion[]>;
  /** Every version of one, the newest first; none when there never was one of that name. */
  history(name: string): Promise<readonly CalendarVersion[]>;
  /**
   * Makes it, or a new version of it. Whom the hours of a campaign that names it hold back is asked about again.
   * @param by who did, for people
   * @returns `fresh` is false when it says the same already, and nothing was written
   */
  put(calendar: Calendar, by: string): Promise<{ readonly calendar: CalendarVersion; readonly fresh: boolean }>;
  /** @returns false when there is none of that name. @throws Fault `calendar-in-use` while a campaign that has not ended names it */
  remove(name: string, by: string): Promise<boolean>;
  /** Another one after every change. */
  mark(): Promise<string>;
}

/** The calendars as they are now, for the gate; never waits. */
export interface OwnCalendars {
  /** Undefined where there never was one of that name. One that was taken away still has its days for whoever named it before. */
  of(name: string): CalendarReady | undefined;
}
