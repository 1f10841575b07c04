import { Fault } from "../kernel/fault.ts";
import type { WallHours } from "./calling-window.ts";
import { calendarNameForm, holidayRefused, holidayTest, isOwnCalendar } from "./holiday-calendar.ts";

/** Days on which nobody is contacted, under a name of the account's own that campaigns and passes give among their holidays. */
export interface Calendar {
  /** Lower case with hyphens, unique. */
  readonly name: string;
  /** What it is for, for people. */
  readonly meaning: string;
  /** As they are written: `2026-12-24`, `12-24..01-02`, `11-thu-4`, `US`; with regions before it one holds there alone: `US-NY,US-CT: 02-12`. */
  readonly days: readonly string[];
}

/** A calendar as it is kept: every change makes a new version. */
export interface CalendarVersion extends Calendar {
  readonly version: number;
  /** Of the last version of one that was taken away. */
  readonly removed: boolean;
  /** Epoch ms. */
  readonly changedAt: number;
  readonly changedBy: string;
}

/** A calendar that the gate can ask. */
export interface CalendarReady {
  readonly name: string;
  readonly version: number;
  /** Open on every other day: those that hold everywhere, and those of regions. */
  readonly parts: readonly { readonly regions: readonly string[]; readonly hours: WallHours }[];
}

export const mostDays = 1000;
export const longestDay = 100;
export const longestPurpose = 300;
const regionForm = "[A-Z]{2}(?:-[A-Z0-9]{1,3})?";
const regional = new RegExp(`^(${regionForm}(?:\\s*,\\s*${regionForm}){0,19})\\s*:\\s*(\\S+)$`);

/** As it is kept: without blanks at the ends of days and days that are named twice. @throws Fault `calendar-invalid` with what is wrong, and with which day */
export function checkedCalendar({ name, meaning, days }: Calendar): Calendar {
  if (!calendarNameForm.test(name) || !isOwnCalendar(name))
    throw invalid(
      "A calendar's name is lower-case letters, digits and hyphens, begins with a letter, has 64 characters at most and is no day (easter-2 is one).",
    );
  if (meaning.trim() === "" || meaning.length > longestPurpose || /\p{Cc}/u.test(meaning))
    throw invalid(`Say what the calendar is for, in 1 to ${longestPurpose} characters on one line.`);
  const kept = [...new Set(days.map((day) => day.trim()))];
  if (kept.length === 0 || kept.length > mostDays) throw invalid(`A calendar has 1 to ${mostDays} days; ${name} would have ${kept.length}.`);
  const refused = kept.flatMap((day, index) => (dayRefused(day) === undefined ? [] : [`day ${index + 1}: ${dayRefused(day)}`]));
  if (refused.length > 0) throw invalid(`${refused.slice(0, 10).join("; ")}${refused.length > 10 ? `; and ${refused.length - 10} more` : ""}.`);
  return { name, meaning, days: kept };
}

/** Why a calendar cannot have this day, in words; undefined when it can. */
function dayRefused(text: string): string | undefined {
  const { day } = partsOf(text);
  if (text.length > longestDay) return `it is longer than ${longestDay} characters`;
  if (isOwnCalendar(day)) return `${day.slice(0, 40)} is no day; a calendar does not name another one of the account's own`;
  const refused = holidayRefused(day);
  return refused === undefined || day !== text || !text.includes(":") ? refused : `${refused}; with regions as in US-NY,US-CT: 02-12`;
}

/** @param version of it, that is part of what the hours are remembered by */
export function readyCalendar({ name, days }: Calendar, version: number): CalendarReady {
  const byRegions = new Map<string, string[]>();
  for (const { regions, day } of days.map(partsOf)) {
    const key = regions.join(",");
    byRegions.set(key, [...(byRegions.get(key) ?? []), day]);
  }
  const parts = [...byRegions].map(([key, some]) => {
    const isHoliday = holidayTest(some);
    const hours: WallHours = { key: `calendar ${name} ${version} ${key}`, edges: [], includes: (day) => !isHoliday(day) };
    return { regions: key === "" ? [] : key.split(","), hours };
  });
  return { name, version, parts };
}

/**
 * The hours of a calendar for somebody. Days of a region hold for whoever may be there: who is known to be in a country and not in which part of it, and who may be anywhere.
 * @param places where the person is or may be, as `placesOf` gives them
 */
export function hoursThere({ parts }: CalendarReady, places: readonly string[]): readonly WallHours[] {
  return parts.flatMap(({ regions, hours }) => (regions.length === 0 || regions.some((region) => mayBeIn(region, places)) ? [hours] : []));
}

function mayBeIn(region: string, places: readonly string[]): boolean {
  const [country = region] = region.split("-");
  if (places.length === 0 || places.includes(region)) return true;
  return region !== country && places.includes(country) && !places.some((place) => place.startsWith(`${country}-`));
}

function partsOf(text: string): { readonly regions: readonly string[]; readonly day: string } {
  const [, regions, day] = regional.exec(text) ?? [];
  return regions === undefined || day === undefined ? { regions: [], day: text } : { regions: regions.split(/\s*,\s*/).sort(), day };
}

function invalid(message: string): Fault {
  return new Fault("calendar-invalid", message);
}
