import { IANAZone } from "luxon";
import { instantOf, onClock } from "./due.ts";
import { parseWeekdays } from "./read-window.ts";

/** When a campaign starts again and again: at a minute of the day (0..1439), on ISO weekdays or on a day of the month (1..31; where the month is shorter, on its last). */
export type Recurrence = { readonly minute: number; readonly weekdays: readonly number[] } | { readonly minute: number; readonly monthDay: number };

/** When a campaign starts and stops by itself. Times are epoch ms. */
export interface Schedule {
  readonly startAt?: number;
  readonly stopAt?: number;
  /** As its author wrote it. Each time a copy of the campaign is started; the campaign itself never is. */
  readonly every?: string;
  /** Copies are stopped after so many seconds. */
  readonly runForS?: number;
  /** Whether it goes on when nobody waits any more, for those who come to its list later, until it is told to stop. */
  readonly staysOpen: boolean;
}

export type ScheduleStep = "start" | "stop" | "run";

const minuteMs = 60_000;
const dayMs = 86_400_000;
const lastDay = 31;
const shape = /^(?:(daily)|monthly\s+(\d{1,2}|last)|([a-z,\s-]+?))\s+([01]\d|2[0-3]):([0-5]\d)$/;

/** Reads when it starts again: `daily 09:00`, `mon-fri 09:00`, `monthly 15 09:00`, `monthly last 09:00`. @returns undefined when the text is none */
export function parseRecurrence(text: string): Recurrence | undefined {
  const [, daily, monthDay, days, hour = "", minutes = ""] = shape.exec(text.trim().toLowerCase()) ?? [];
  const minute = Number(hour) * 60 + Number(minutes);
  if (daily !== undefined) return { minute, weekdays: [1, 2, 3, 4, 5, 6, 7] };
  if (monthDay !== undefined) {
    const day = monthDay === "last" ? lastDay : Number(monthDay);
    return day >= 1 && day <= lastDay ? { minute, monthDay: day } : undefined;
  }
  const weekdays = days === undefined ? undefined : parseWeekdays(days);
  return weekdays && { minute, weekdays };
}

/** The first time after `after` (epoch ms). @param zone IANA */
export function nextRun(every: Recurrence, zone: string, after: number): number {
  if ("weekdays" in every) return Math.min(...every.weekdays.map((w) => onClock(after + 1, { z: zone, m: every.minute, w })));
  const clock = IANAZone.create(zone);
  const today = Math.floor((after + clock.offset(after) * minuteMs) / dayMs);
  for (let day = today; ; day++) {
    const at = instantOf(clock, day * dayMs + every.minute * minuteMs);
    if (isMonthDay(day, every.monthDay) && at > after) return at;
  }
}

/** @param day since 1970-01-01 */
function isMonthDay(day: number, wanted: number): boolean {
  const date = new Date(day * dayMs);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.getUTCDate() === Math.min(wanted, last);
}

/** What is to be done next, and when; undefined for nothing any more. @param after epoch ms: what was due by then is done */
export function nextStep(
  { startAt, stopAt, every }: Schedule,
  zone: string,
  after: number,
): { readonly step: ScheduleStep; readonly at: number } | undefined {
  if (every !== undefined) {
    const recurrence = parseRecurrence(every);
    const at = recurrence && nextRun(recurrence, zone, Math.max(after, (startAt ?? 0) - 1));
    return at === undefined || (stopAt !== undefined && at >= stopAt) ? undefined : { step: "run", at };
  }
  if (startAt !== undefined && startAt > after) return { step: "start", at: startAt };
  return stopAt !== undefined && stopAt > after ? { step: "stop", at: stopAt } : undefined;
}

const longestRunS = 31 * 86_400;

/** Why a campaign cannot have this schedule, in words; undefined when it can. @param now epoch ms */
export function scheduleRefused({ startAt, stopAt, every, runForS, staysOpen }: Schedule, state: string, now: number): string | undefined {
  const fresh = state === "draft" || state === "ready";
  if (state === "stopping" || state === "stopped" || state === "finished") return "it has ended";
  if (startAt !== undefined && startAt <= now && every === undefined) return "startAt is over: start it now, or give a later time";
  if (startAt !== undefined && !fresh) return "it has been started already";
  if (stopAt !== undefined && stopAt <= Math.max(now, startAt ?? 0)) return "stopAt must be later than now, and than startAt";
  if (every !== undefined && parseRecurrence(every) === undefined)
    return "every must be as daily 09:00, mon-fri 09:00, monthly 15 09:00 or monthly last 09:00";
  if (every !== undefined && !fresh) return "it has been started already: what starts again and again is a campaign that is never started itself";
  if (runForS !== undefined && every === undefined) return "runForS goes with every: how long each run may take";
  if (runForS !== undefined && !(Number.isInteger(runForS) && runForS >= 60 && runForS <= longestRunS))
    return "runForS must be from 60 to 2678400 (31 d)";
  if (every !== undefined && staysOpen) return "staysOpen does not go with every: each run would go on for ever";
  return undefined;
}
