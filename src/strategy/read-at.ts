import { pointerTo } from "../kernel/pointer.ts";
import { isValues, type Reading } from "./read-values.ts";
import type { AtTime } from "./strategy.ts";

const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const shape = /^(?:(tomorrow|mon|tue|wed|thu|fri|sat|sun)\s+)?([01]\d|2[0-3]):([0-5]\d)$/;

/** Reads a time of day as it is written: `09:00`, `tomorrow 09:00`, `mon 09:00`. @returns undefined when the text is none */
export function parseAtTime(text: string): Extract<AtTime, { minute: number }> | undefined {
  const [, day, hour, minute] = shape.exec(text.trim().toLowerCase()) ?? [];
  if (hour === undefined || minute === undefined) return undefined;
  const weekday = day === undefined ? -1 : weekdays.indexOf(day);
  return { minute: Number(hour) * 60 + Number(minute), ...(day === "tomorrow" && { tomorrow: true }), ...(weekday >= 0 && { weekday: weekday + 1 }) };
}

/** As it was written. */
export function atTimeText(at: AtTime): string {
  if ("field" in at) return `at ${at.field}`;
  const { minute, weekday, tomorrow } = at;
  const day = tomorrow ? "tomorrow " : weekday === undefined ? "" : `${weekdays[weekday - 1]} `;
  return `at ${day}${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

const beforeRange = { minS: 0, maxS: 92 * 86_400, words: "0 to 92 d" };

/** @param fields whether it may be the time of a field: where nothing is known of the person it cannot */
export function readAtTime(reading: Reading, value: unknown, at: string, fields: boolean): AtTime {
  if (isValues(value) && fields) {
    const { field, before } = reading.keys(value, at, ["field", "before"], "the time of a field");
    return {
      field: reading.text(field, pointerTo(at, "field"), "the name of a column of the list"),
      beforeS: before === undefined ? 0 : reading.duration(before, pointerTo(at, "before"), beforeRange),
    };
  }
  const read = typeof value === "string" ? parseAtTime(value) : undefined;
  if (read === undefined)
    reading.wrong(at, `Write a time of day, such as 09:00, tomorrow 09:00 or mon 09:00${fields ? ", or { field: appointment, before: 1 d }" : ""}.`);
  return read ?? { minute: 0 };
}
