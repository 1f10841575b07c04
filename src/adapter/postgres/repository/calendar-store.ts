import type pg from "pg";
import type { Calendar, CalendarVersion } from "../../../compliance/calendar.ts";
import type { CalendarStore } from "../../../compliance/calendar-ports.ts";
import { isOwnCalendar } from "../../../compliance/holiday-calendar.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { type AccountKind, AccountVersions, lastVersion } from "./account-versions.ts";
import type { Database } from "./change.ts";
import { releaseHeld } from "./release-sql.ts";

const usedSql = `
select name from campaign where window_holidays @> array[$1::text] and state not in ('stopped', 'finished') order by id limit 6`;

const calendars: AccountKind<Calendar, Calendar> = {
  noun: "calendar",
  columns: ["meaning", "days"],
  values: ({ meaning, days }) => [meaning, days],
  read: ({ name, meaning, days }) => ({ name, meaning, days }),
  key: ({ meaning, days }) => JSON.stringify([meaning, days]),
};

/** In the table `account_calendar`. */
export class PostgresCalendarStore implements CalendarStore {
  readonly #versions: AccountVersions<Calendar, Calendar>;
  readonly #clock: Clock;

  constructor(pool: Database, clock: Clock) {
    this.#versions = new AccountVersions(pool, clock, calendars);
    this.#clock = clock;
  }

  async list(): Promise<readonly CalendarVersion[]> {
    return await this.#versions.list();
  }

  async newest(): Promise<readonly CalendarVersion[]> {
    return await this.#versions.newest();
  }

  async history(name: string): Promise<readonly CalendarVersion[]> {
    return await this.#versions.history(name);
  }

  async mark(): Promise<string> {
    return await this.#versions.mark();
  }

  async put(calendar: Calendar, by: string): Promise<{ readonly calendar: CalendarVersion; readonly fresh: boolean }> {
    const { version, fresh } = await this.#versions.put(calendar, by, async (client, last) => {
      if (last !== undefined) await releaseHeld(client, { calendar: calendar.name }, this.#clock.now());
    });
    return { calendar: version, fresh };
  }

  async remove(name: string, by: string): Promise<boolean> {
    return await this.#versions.remove(name, by, async (client) => {
      const { rows } = await client.query<{ name: string }>(usedSql, [name]);
      if (rows.length > 0) throw inUse(name, rows);
    });
  }
}

/**
 * That the calendars of the account's own are there which campaigns name; they cannot be taken away until this transaction has ended.
 * @throws Fault `calendar-unknown`
 */
export async function knownCalendars(client: pg.PoolClient, windows: readonly { readonly holidays?: readonly string[] }[]): Promise<void> {
  const named = new Set(windows.flatMap(({ holidays = [] }) => holidays).filter(isOwnCalendar));
  for (const name of [...named].sort()) {
    const last = await lastVersion(client, calendars, name);
    if (last === undefined || last.removed)
      throw new Fault(
        "calendar-unknown",
        `holidays: there is no calendar ${name}; carillon calendar set and PUT /api/v1/calendars/${name} make one.`,
      );
  }
}

function inUse(name: string, campaigns: readonly { readonly name: string }[]): Fault {
  const names = campaigns.slice(0, 5).map((campaign) => campaign.name);
  return new Fault(
    "calendar-in-use",
    `Calendar ${name} is among the holidays of ${names.join(", ")}${campaigns.length > 5 ? " and others" : ""}: change those first (carillon campaign change NAME holidays=…, or another version of the strategy).`,
  );
}
