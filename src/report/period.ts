import { DateTime, IANAZone } from "luxon";
import { Fault } from "../kernel/fault.ts";

/** Reports are kept in quarters of an hour. */
const quarterMs = 900_000;
/** The clocks of the zone are asked about each day: of millennia that would take half a minute, and calls wait meanwhile. */
const longestYears = 10;

/** What somebody writes about the stretch of time they want. */
export interface PeriodText {
  /** A day of the zone (2026-11-22), a month (2026-11), or an instant (2026-11-22T15:00:00Z); included. */
  readonly from?: string;
  /** The same; a day or a month is included as a whole, an instant is not. */
  readonly to?: string;
  /** IANA zone. */
  readonly zone?: string;
}

/** A stretch [from, to) in epoch ms. */
export interface Period {
  readonly from: number;
  readonly to: number;
  readonly zone: string;
}

/**
 * Reads it: without anything the day so far; without an end, up to now, and at least to the end of the quarter of an hour.
 * @throws Fault `request-invalid`
 */
export function readPeriod({ from, to, zone = "UTC" }: PeriodText, now: number): Period {
  if (!IANAZone.isValidZone(zone)) throw wrong(`zone: "${zone.slice(0, 64)}" is no time zone; write it as Europe/Berlin.`);
  const begin = from === undefined ? dayStart(now, zone) : read(from, zone, "from").start;
  const end = to === undefined ? now : read(to, zone, "to").end;
  const period = { from: floor(begin), to: Math.max(-floor(-end), floor(begin) + quarterMs), zone };
  if (end < begin) throw wrong("to: must not be before from.");
  if (end > DateTime.fromMillis(begin, { zone }).plus({ years: longestYears }).toMillis())
    throw wrong(`to: a report is about ${longestYears} years at most; ask for less at once.`);
  return period;
}

/** When the day of an instant began. */
export function dayStart(at: number, zone: string): number {
  return DateTime.fromMillis(at, { zone }).startOf("day").toMillis();
}

function read(text: string, zone: string, where: string): { readonly start: number; readonly end: number } {
  const unit = /^\d{4}-\d{2}-\d{2}$/.test(text) ? "day" : /^\d{4}-\d{2}$/.test(text) ? "month" : undefined;
  const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const at = unit === undefined && !instant ? undefined : DateTime.fromISO(text, { zone });
  if (!at?.isValid || at.year < 1970 || at.year > 9000)
    throw wrong(`${where}: "${text.slice(0, 64)}" is no time; write a day (2026-11-22), a month (2026-11) or an instant (2026-11-22T15:00:00Z).`);
  if (unit === undefined) return { start: at.toMillis(), end: at.toMillis() };
  // The first instant that the clocks of the zone call that day: on some days it is not midnight.
  return { start: at.startOf(unit).toMillis(), end: at.endOf(unit).toMillis() + 1 };
}

function floor(at: number): number {
  return Math.floor(at / quarterMs) * quarterMs;
}

function wrong(message: string): Fault {
  return new Fault("request-invalid", message);
}
