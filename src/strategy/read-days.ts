import { DateTime } from "luxon";
import { holidayRefused } from "../compliance/holiday-calendar.ts";
import { pointerTo } from "../kernel/pointer.ts";
import type { Reading, Values } from "./read-values.ts";
import type { Pass } from "./strategy.ts";

const mostHolidays = 200;

/** The days of a pass: its holidays, and when it begins and ends. */
export function readDays(reading: Reading, values: Values, place: (key: string) => string): Pick<Pass, "holidays" | "begins" | "ends"> {
  const begins = timeOf(reading, values["begins"], place("begins"));
  const ends = timeOf(reading, values["ends"], place("ends"));
  if (begins !== undefined && ends !== undefined && begins >= ends) reading.wrong(place("ends"), "It must end after it has begun.");
  return {
    ...holidaysOf(reading, values["holidays"], place("holidays")),
    ...(begins !== undefined && { begins }),
    ...(ends !== undefined && { ends }),
  };
}

function holidaysOf(reading: Reading, value: unknown, at: string): Pick<Pass, "holidays"> {
  if (value === undefined) return {};
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || list.length > mostHolidays) reading.wrong(at, `Name 1 to ${mostHolidays} holidays.`);
  const holidays = list.slice(0, mostHolidays).map(String);
  for (const [index, text] of holidays.entries()) {
    const refused = holidayRefused(text);
    if (refused !== undefined) reading.wrong(Array.isArray(value) ? pointerTo(at, index) : at, `${refused}.`);
  }
  return { holidays };
}

/** @returns as `2026-12-01T09:00`; a day is its midnight */
function timeOf(reading: Reading, value: unknown, at: string): string | undefined {
  if (value === undefined) return undefined;
  const [, day, time = "00:00"] = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d))?$/.exec(typeof value === "string" ? value.trim() : "") ?? [];
  const text = `${day}T${time}`;
  if (day !== undefined && DateTime.fromISO(text).isValid) return text;
  reading.wrong(at, "Write a day, or a time of a day, as in 2026-12-01 or 2026-12-01 09:00.");
  return undefined;
}
