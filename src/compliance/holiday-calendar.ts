import callingHours from "./calling-hours.json" with { type: "json" };
import { type HolidayRules, holidaysOf } from "./holiday.ts";

/** Public holidays by country, dated and with their sources in calling-hours.json. */
const calendars: Readonly<Record<string, HolidayRules>> = callingHours.holidays;
export const calendarNames: readonly string[] = Object.keys(calendars);

const dayMs = 86_400_000;
const dateForm = /^\d{4}-\d\d-\d\d$/;

/** Why this is neither a calendar nor a day, in words; undefined when it is. */
export function holidayRefused(text: string): string | undefined {
  if (calendarNames.includes(text)) return undefined;
  if (dateForm.test(text)) return dayOfDate(text) === undefined ? `${text} is no day` : undefined;
  try {
    holidaysOf({ source: "", days: [text] }, 2026);
    return undefined;
  } catch {
    return `${text.slice(0, 40)} is neither a calendar (${calendarNames.join(", ")}) nor a day, such as 2026-12-24, 12-24, 11-thu-4, easter+1`;
  }
}

/**
 * Whether a day since 1970-01-01 is one of these holidays: names of calendars, days (`2026-12-24`), and days of every year (`12-24`, `11-thu-4`, `easter+1`).
 * What `holidayRefused` has something against is passed over.
 */
export function holidayTest(holidays: readonly string[]): (day: number) => boolean {
  const good = holidays.filter((text) => holidayRefused(text) === undefined);
  const dates = new Set(good.flatMap((text) => (dateForm.test(text) ? (dayOfDate(text) ?? []) : [])));
  const named = good.flatMap((text) => calendars[text] ?? []);
  const own = { source: "", days: good.filter((text) => !dateForm.test(text) && calendars[text] === undefined) };
  const years = new Map<number, ReadonlySet<number>>();
  return (day) => {
    if (dates.has(day)) return true;
    const year = new Date(day * dayMs).getUTCFullYear();
    // One that falls on New Year's Day may be kept on the last day of the year before.
    const known = years.get(year) ?? new Set([...named, own].flatMap((rules) => [...holidaysOf(rules, year), ...holidaysOf(rules, year + 1)]));
    years.set(year, known);
    return known.has(day);
  };
}

function dayOfDate(text: string): number | undefined {
  const at = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(text) ? at / dayMs : undefined;
}
