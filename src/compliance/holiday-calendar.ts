import callingHours from "./calling-hours.json" with { type: "json" };
import { type HolidayRules, holidaysOf } from "./holiday.ts";

/** Public holidays by country, dated and with their sources in calling-hours.json. */
const calendars: Readonly<Record<string, HolidayRules>> = callingHours.holidays;
export const calendarNames: readonly string[] = Object.keys(calendars);

/** Of a calendar of the account's own: calendar.ts. Countries' are capital letters, so that neither is ever taken for the other. */
export const calendarNameForm = /^[a-z][a-z0-9-]{0,63}$/;

const dayMs = 86_400_000;
const dateForm = /^\d{4}-\d\d-\d\d$/;
const yearlyForm = /^\d\d-\d\d$/;
const easterForm = /^easter[+-]\d+$/;
/** Years are leap years every so often: a day of every year is one of this. */
const leapYear = 2028;
const longestRange = 366;

/** Whether a holiday is the name of a calendar of the account's own, whether there is one or not. */
export function isOwnCalendar(text: string): boolean {
  return calendarNameForm.test(text) && !easterForm.test(text);
}

/** Why this is neither a calendar nor a day, in words; undefined when it is. Whether a calendar of the account's own is there is not asked. */
export function holidayRefused(text: string): string | undefined {
  if (calendarNames.includes(text) || isOwnCalendar(text)) return undefined;
  if (text.includes("..")) return rangeRefused(text);
  if (dateForm.test(text)) return dayOfDate(text) === undefined ? `${text} is no day` : undefined;
  if (yearlyForm.test(text)) return dayOfDate(`${leapYear}-${text}`) === undefined ? `${text} is no day` : undefined;
  try {
    holidaysOf({ source: "", days: [text] }, 2026);
    return undefined;
  } catch {
    return `${text.slice(0, 40)} is neither a calendar (${calendarNames.join(", ")}, or one of your own) nor a day, such as 2026-12-24, 12-24, 12-24..01-02, 11-thu-4, easter+1`;
  }
}

function rangeRefused(text: string): string | undefined {
  const [from = "", to = "", ...more] = text.split("..");
  const wrong = [from, to].find((day) => holidayRefused(day) !== undefined);
  const alike = [dateForm, yearlyForm].some((form) => form.test(from) && form.test(to));
  if (more.length > 0 || !alike || wrong !== undefined)
    return `${text.slice(0, 40)} is no range of days: write 2026-12-24..2027-01-02, or 12-24..01-02 for every year`;
  const days = dateForm.test(from) ? (dayOfDate(to) ?? 0) - (dayOfDate(from) ?? 0) + 1 : 1;
  return days < 1 || days > longestRange ? `${text} must end on its first day or later, and have ${longestRange} days at most` : undefined;
}

/**
 * Whether a day since 1970-01-01 is one of these holidays: names of countries' calendars, days (`2026-12-24`) and days of every year (`12-24`, `11-thu-4`, `easter+1`), and ranges of either.
 * What `holidayRefused` has something against is passed over, and so are calendars of the account's own.
 */
export function holidayTest(holidays: readonly string[]): (day: number) => boolean {
  const good = holidays.filter((text) => holidayRefused(text) === undefined && !isOwnCalendar(text));
  const dates = new Set(good.flatMap((text) => (dateForm.test(text) ? (dayOfDate(text) ?? []) : [])));
  const named = good.flatMap((text) => calendars[text] ?? []);
  const inRange = good.filter((text) => text.includes("..")).map(rangeTest);
  const own = { source: "", days: good.filter((text) => !dateForm.test(text) && !text.includes("..") && calendars[text] === undefined) };
  const years = new Map<number, ReadonlySet<number>>();
  return (day) => {
    if (dates.has(day) || inRange.some((test) => test(day))) return true;
    const year = new Date(day * dayMs).getUTCFullYear();
    // One that falls on New Year's Day may be kept on the last day of the year before.
    const known = years.get(year) ?? new Set([...named, own].flatMap((rules) => [...holidaysOf(rules, year), ...holidaysOf(rules, year + 1)]));
    years.set(year, known);
    return known.has(day);
  };
}

/** A range of every year may go over its end. */
function rangeTest(text: string): (day: number) => boolean {
  const [from = "", to = ""] = text.split("..");
  const [first, last] = [dayOfDate(from), dayOfDate(to)];
  if (first !== undefined && last !== undefined) return (day) => day >= first && day <= last;
  return (day) => {
    const ofYear = new Date(day * dayMs).toISOString().slice(5, 10);
    return from <= to ? ofYear >= from && ofYear <= to : ofYear >= from || ofYear <= to;
  };
}

function dayOfDate(text: string): number | undefined {
  const at = dateForm.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(text) ? at / dayMs : undefined;
}
