import callingHours from "./calling-hours.json" with { type: "json" };
import type { WallHours } from "./calling-window.ts";
import { type HolidayRules, holidaysOf, weekdayOf } from "./holiday.ts";

/** Hours of one place from one day on, as calling-hours.json has them. */
export interface HoursRow {
  /** Country (ISO 3166-1), or a state of one (ISO 3166-2). */
  readonly place: string;
  /** First and last day, on the clock of the place; without a last it holds until further notice. */
  readonly from: string;
  readonly until?: string;
  /** By ISO weekdays (`"12345"`): stretches such as `08:00-21:00`. Days that are not here are closed. */
  readonly hours: Readonly<Record<string, readonly string[] | undefined>>;
  /** Closed on these. */
  readonly holidays?: string | undefined;
  /** The law. */
  readonly source: string;
}

export interface HoursBook {
  readonly rows: readonly HoursRow[];
  readonly holidays: Readonly<Record<string, HolidayRules>>;
}

/** Hours that the law leaves, by place. */
export interface LegalHours {
  /** Of which some are known. */
  readonly places: readonly string[];
  /** undefined where no law of the place is known. */
  hoursOf(place: string): WallHours | undefined;
}

interface Stretch {
  readonly start: number;
  readonly end: number;
}

interface Compiled {
  readonly fromDay: number;
  readonly untilDay: number;
  /** By ISO weekday. */
  readonly stretches: ReadonlyMap<number, readonly Stretch[]>;
  isHoliday(day: number): boolean;
}

const dayMs = 86_400_000;

/** @throws RangeError when the book has a fault, which says where */
export function readHours({ rows, holidays }: HoursBook): LegalHours {
  const byPlace = new Map<string, Compiled[]>();
  for (const row of rows) byPlace.set(row.place, [...(byPlace.get(row.place) ?? []), compile(row, holidays)]);
  const hours = new Map([...byPlace].map(([place, compiled]) => [place, wallHours(place, compiled)]));
  return { places: [...hours.keys()], hoursOf: (place) => hours.get(place) };
}

/** The law as far as Carillon knows it. */
export const legalHours: LegalHours = readHours(callingHours);

/** Why a place may not be named as one whose hours are kept; undefined when it may. */
export function noHoursOf(place: string): string | undefined {
  if (legalHours.hoursOf(place) !== undefined) return undefined;
  return `No hours by law are known of ${place.slice(0, 40)}; there are ${legalHours.places.join(", ")}.`;
}

/** Where several rows hold on a day, each must be open. */
function wallHours(place: string, rows: readonly Compiled[]): WallHours {
  const edges = new Set(rows.flatMap(({ stretches }) => [...stretches.values()].flat().flatMap(({ start, end }) => [start, end])));
  return {
    key: `law of ${place}`,
    edges: [...edges],
    includes: (day, minute) =>
      rows.every(({ fromDay, untilDay, stretches, isHoliday }) => {
        if (day < fromDay || day > untilDay) return true;
        if (isHoliday(day)) return false;
        return stretches.get(weekdayOf(day))?.some(({ start, end }) => minute >= start && minute < end) ?? false;
      }),
  };
}

function compile(row: HoursRow, holidays: HoursBook["holidays"]): Compiled {
  const rules = row.holidays === undefined ? undefined : holidays[row.holidays];
  if (row.holidays !== undefined && rules === undefined) throw new RangeError(`${row.place}: there are no holidays ${row.holidays}`);
  const years = new Map<number, ReadonlySet<number>>();
  return {
    fromDay: dayOf(row.from, row.place),
    untilDay: row.until === undefined ? Number.POSITIVE_INFINITY : dayOf(row.until, row.place),
    stretches: new Map(
      Object.entries(row.hours).flatMap(([days, texts = []]) => [...days].map((day) => [Number(day), texts.map(stretchOf)] as const)),
    ),
    isHoliday(day) {
      if (rules === undefined) return false;
      const year = new Date(day * dayMs).getUTCFullYear();
      const known = years.get(year) ?? holidaysOf(rules, year);
      years.set(year, known);
      return known.has(day);
    },
  };
}

function dayOf(text: string, place: string): number {
  const day = Date.parse(`${text}T00:00:00Z`) / dayMs;
  if (!Number.isInteger(day)) throw new RangeError(`${place}: ${text} is no day`);
  return day;
}

function stretchOf(text: string): Stretch {
  const [, startHour, startMinute, endHour, endMinute] = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(text) ?? [];
  if (startHour === undefined) throw new RangeError(`${text} is no stretch of a day`);
  return { start: Number(startHour) * 60 + Number(startMinute), end: Number(endHour) * 60 + Number(endMinute) };
}
