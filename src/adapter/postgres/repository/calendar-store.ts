import type pg from "pg";
import type { Calendar, CalendarVersion } from "../../../compliance/calendar.ts";
import type { CalendarStore } from "../../../compliance/calendar-ports.ts";
import { isOwnCalendar } from "../../../compliance/holiday-calendar.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { databaseFault } from "../faults.ts";
import { type Database, keepNow } from "./change.ts";
import { releaseHeld } from "./release-sql.ts";
import { timeSql } from "./suppressed.ts";
import { inTransaction } from "./transaction.ts";

const columns = "name, version, meaning, days, removed, changed_at, changed_by";
const newestSql = `select distinct on (name) ${columns} from account_calendar`;
const allSql = `${newestSql} order by name, version desc`;
const oneSql = `${newestSql} where name = $1 order by name, version desc`;
const historySql = `select ${columns} from account_calendar where name = $1 order by version desc`;
const addSql = `
insert into account_calendar (name, version, meaning, days, removed, changed_at, changed_by) values ($1, $2, $3, $4, $5, ${timeSql("$6")}, $7) returning ${columns}`;
/** Of those who change a calendar of one name, and those who name it in a campaign, one comes after the other. */
const lockSql = "select pg_advisory_xact_lock(hashtextextended('account calendar ' || $1, 0))";
const usedSql = `
select name from campaign where window_holidays @> array[$1::text] and state not in ('stopped', 'finished') order by id limit 6`;

interface Row {
  readonly name: string;
  readonly version: number;
  readonly meaning: string;
  readonly days: readonly string[];
  readonly removed: boolean;
  readonly changed_at: Date;
  readonly changed_by: string;
}

/** In the table `account_calendar`. */
export class PostgresCalendarStore implements CalendarStore {
  readonly #pool: Database;
  readonly #clock: Clock;

  constructor(pool: Database, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  async list(): Promise<readonly CalendarVersion[]> {
    return (await this.newest()).filter(({ removed }) => !removed);
  }

  async newest(): Promise<readonly CalendarVersion[]> {
    return (await this.#rows<Row>(allSql, [])).map(versionOf);
  }

  async history(name: string): Promise<readonly CalendarVersion[]> {
    return (await this.#rows<Row>(historySql, [name])).map(versionOf);
  }

  async mark(): Promise<string> {
    const [row] = await this.#rows<{ mark: string }>("select coalesce(max(id), 0)::text as mark from account_calendar", []);
    return row?.mark ?? "0";
  }

  async put(calendar: Calendar, by: string): Promise<{ readonly calendar: CalendarVersion; readonly fresh: boolean }> {
    const kept = await inTransaction(this.#pool, "keep a calendar", async (client) => {
      const last = await newest(client, calendar.name);
      if (last !== undefined && !last.removed && keyOf(last) === keyOf(calendar)) return { calendar: last, fresh: false };
      const made = await this.#add(client, calendar, { version: (last?.version ?? 0) + 1, removed: false, by });
      if (last !== undefined) await releaseHeld(client, { calendar: calendar.name }, this.#clock.now());
      return { calendar: made, fresh: true };
    });
    // The books of the nodes read it in the next moment.
    await keepNow(this.#pool, kept.calendar);
    return kept;
  }

  async remove(name: string, by: string): Promise<boolean> {
    const removed = await inTransaction(this.#pool, "take a calendar away", async (client) => {
      const last = await newest(client, name);
      if (last === undefined || last.removed) return false;
      const { rows } = await client.query<{ name: string }>(usedSql, [name]);
      if (rows.length > 0) throw inUse(name, rows);
      await this.#add(client, last, { version: last.version + 1, removed: true, by });
      return true;
    });
    if (removed) await keepNow(this.#pool);
    return removed;
  }

  async #add(
    client: pg.PoolClient,
    { name, meaning, days }: Calendar,
    { version, removed, by }: { version: number; removed: boolean; by: string },
  ): Promise<CalendarVersion> {
    const { rows } = await client.query<Row>(addSql, [name, version, meaning, days, removed, this.#clock.now(), by]);
    const [row] = rows;
    if (row === undefined) throw new Fault("database-fault", "A calendar was written and is not there.");
    return versionOf(row);
  }

  async #rows<T extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<readonly T[]> {
    try {
      return (await this.#pool.query<T>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, "read the account's calendars");
    }
  }
}

/**
 * That the calendars of the account's own are there which campaigns name; they cannot be taken away until this transaction has ended.
 * @throws Fault `calendar-unknown`
 */
export async function knownCalendars(client: pg.PoolClient, windows: readonly { readonly holidays?: readonly string[] }[]): Promise<void> {
  const named = new Set(windows.flatMap(({ holidays = [] }) => holidays).filter(isOwnCalendar));
  for (const name of [...named].sort()) {
    const last = await newest(client, name);
    if (last === undefined || last.removed)
      throw new Fault(
        "calendar-unknown",
        `holidays: there is no calendar ${name}; carillon calendar set and PUT /api/v1/calendars/${name} make one.`,
      );
  }
}

async function newest(client: pg.PoolClient, name: string): Promise<CalendarVersion | undefined> {
  await client.query(lockSql, [name]);
  const { rows } = await client.query<Row>(oneSql, [name]);
  return rows[0] && versionOf(rows[0]);
}

function inUse(name: string, campaigns: readonly { readonly name: string }[]): Fault {
  const names = campaigns.slice(0, 5).map((campaign) => campaign.name);
  return new Fault(
    "calendar-in-use",
    `Calendar ${name} is among the holidays of ${names.join(", ")}${campaigns.length > 5 ? " and others" : ""}: change those first (carillon campaign change NAME holidays=…, or another version of the strategy).`,
  );
}

function keyOf({ meaning, days }: Calendar): string {
  return JSON.stringify([meaning, days]);
}

function versionOf({ name, version, meaning, days, removed, changed_at, changed_by }: Row): CalendarVersion {
  return { name, version, meaning, days, removed, changedAt: changed_at.getTime(), changedBy: changed_by };
}
