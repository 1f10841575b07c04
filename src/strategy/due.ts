import { DateTime, IANAZone } from "luxon";
import { isTimeZone } from "../compliance/calling-window.ts";
import { weekdayOf } from "../compliance/holiday.ts";
import type { OnClock, Onward } from "./follows.ts";
import type { AtTime, Pass, When } from "./strategy.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** When somebody is due who goes on so after an ending at `from`. Epoch ms. The function `onward_due` of the database says the same (a test compares). */
export function dueAfter({ s, at, t }: Pick<Onward, "s" | "at" | "t">, from: number): number {
  const base = from + s * 1000;
  if (at !== undefined) return onClock(base, at);
  return t === undefined ? base : Math.max(base, t);
}

/** @param zone the person's own, as far as it is one @param fieldTime see `fieldTimes`; what it does not know has been passed over before */
export function whenOf({ afterS, at }: When, zone: string, fieldTime: FieldTime): Pick<Onward, "s" | "at" | "t"> {
  if (at === undefined) return { s: afterS };
  if ("field" in at) return { s: afterS, t: fieldTime(at) ?? 0 };
  const { minute, weekday, tomorrow } = at;
  return { s: afterS, at: { z: zone, m: minute, ...(weekday !== undefined && { w: weekday }), ...(tomorrow && { d: 1 }) } };
}

export type FieldTime = (at: Extract<AtTime, { field: string }>) => number | undefined;

/**
 * Times that a person's fields have (epoch ms): ISO 8601, on the person's own clock where no offset is given, a day being its midnight. undefined when the field has none, or the time is over.
 * @param now epoch ms
 */
export function fieldTimes(fields: Readonly<Record<string, string>>, zone: string, now: number): FieldTime {
  return ({ field, beforeS }) => {
    const text = Object.hasOwn(fields, field) ? (fields[field] ?? "").trim() : "";
    const read = DateTime.fromISO(text.replace(" ", "T"), { zone });
    const at = read.isValid ? read.toMillis() - beforeS * 1000 : undefined;
    return at !== undefined && at >= now ? at : undefined;
  };
}

/** What is there between the beginning and the end of a pass; epoch ms. @param zone of its campaign */
export function daysOf({ begins, ends }: Pick<Pass, "begins" | "ends">, zone: string): { readonly from: number; readonly until: number } {
  const at = (text: string) => DateTime.fromISO(text, { zone }).toMillis();
  return { from: begins === undefined ? Number.NEGATIVE_INFINITY : at(begins), until: ends === undefined ? Number.POSITIVE_INFINITY : at(ends) };
}

/** Whose zone is none, or not known, is where the campaign says. */
export function zoneOf(timeZone: string | undefined, defaultTimeZone: string): string {
  return timeZone !== undefined && isTimeZone(timeZone) ? timeZone : defaultTimeZone;
}

/** The first time from `from` on (epoch ms). */
export function onClock(from: number, { z, m, w, d = 0 }: OnClock): number {
  const clock = IANAZone.create(z);
  const day = Math.floor((from + clock.offset(from) * minuteMs) / dayMs) + d;
  const first = w === undefined ? day : day + ((w - weekdayOf(day) + 7) % 7);
  const due = instantOf(clock, first * dayMs + m * minuteMs);
  return due >= from ? due : instantOf(clock, (first + (w === undefined ? 1 : 7)) * dayMs + m * minuteMs);
}

/** When the clock shows that: the second time where it does twice, and by the clock before the jump where it never does. As PostgreSQL has it. */
export function instantOf(clock: IANAZone, wall: number): number {
  const before = wall - clock.offset(wall - dayMs) * minuteMs;
  const after = wall - clock.offset(wall + dayMs) * minuteMs;
  return after + clock.offset(after) * minuteMs === wall ? after : before;
}
