import { IANAZone } from "luxon";
import { weekdayOf } from "./holiday.ts";
import { holidayTest } from "./holiday-calendar.ts";

/** The hours in which a person may be called, on the clock of that person's own zone. */
export interface CallingWindow {
  /** Minutes of the day, 0..1439; included. */
  readonly startMinute: number;
  /** Minutes of the day, 1..1440, after `startMinute`; not included. */
  readonly endMinute: number;
  /** ISO weekdays on which it holds: 1 is Monday, 7 is Sunday. */
  readonly weekdays: readonly number[];
  /** Days on which it does not: names of calendars, and days (compliance/holiday-calendar.ts). */
  readonly holidays?: readonly string[];
}

/** Hours in general: what a clock on a wall must show. */
export interface WallHours {
  /** Hours with the same key are the same: what was found out about them is remembered by it. */
  readonly key: string;
  /** Minutes of a day, 0..1440, at which they may open or close, besides midnight. */
  readonly edges: readonly number[];
  /** @param day since 1970-01-01, on that clock @param minute of the day, 0..1439 */
  includes(day: number, minute: number): boolean;
}

/** Hours on the clock of a zone for which `isTimeZone` holds. */
export interface ZonedHours {
  readonly zone: string;
  readonly hours: WallHours;
}

/** Times are epoch ms. `opensAt` or `closesAt` is absent when it never will. */
export type WindowState = { readonly open: true; readonly closesAt?: number } | { readonly open: false; readonly opensAt?: number };

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** Open hours that do not close within these are asked about again then; for dates that a zone skipped (Samoa, 2011-12-30) it is more than a week. */
const horizonDays = 16;
/** Holidays may close for long at a time (the longest range is a year). To look so far ahead costs milliseconds, and is asked of closed hours alone. */
const closedHorizonDays = 400;
/** Of those days so much lies behind the instant asked about, wherever on its day that is. */
const lookedAtMs = (horizonDays - 3) * dayMs;

/**
 * Whether the text names a zone of the IANA database. Bare offsets are none: they know nothing of daylight saving, so
 * they would be wrong for half of the year.
 */
export function isTimeZone(name: string): boolean {
  const known = zoneNames.get(name);
  if (known !== undefined) return known;
  const valid = /^[A-Za-z]/.test(name) && IANAZone.isValidZone(name);
  remember(zoneNames, name, valid);
  return valid;
}

// Every contact is asked about, and there are few zones; to look one up in the database of zones costs some 0.3 ms.
const zoneNames = new Map<string, boolean>();
/** Lists come from strangers and may name anything. */
const mostRemembered = 2000;

function remember<T>(memory: Map<string, T>, key: string, value: T): void {
  if (memory.size >= mostRemembered) memory.clear();
  memory.set(key, value);
}

/**
 * Open exactly when the clock on the person's wall says so. An hour that a change of the clocks repeats is inside or outside both times, an hour that it skips never comes.
 * @param zoned its zone is a name for which `isTimeZone` holds
 */
function stateAt(at: number, zoned: ZonedHours): WindowState {
  const { open, change } = stretchAt(at, zoned);
  if (open) return change === undefined ? { open } : { open, closesAt: change };
  return change === undefined ? { open } : { open, opensAt: change };
}

/** The strictest of several hours and zones, as for a person of whom we know only that they live in one of them: open when all of them are. */
export function openInEvery(at: number, all: readonly ZonedHours[]): WindowState {
  let opensAt = at;
  // Every round moves to a later opening of some of them. Hours that never meet (zones half a day apart) give up.
  for (let round = 0; round < 4 * horizonDays; round++) {
    let closesAt: number | undefined;
    let later: number | undefined;
    for (const zoned of all) {
      const state = stateAt(opensAt, zoned);
      if (state.open) closesAt = Math.min(state.closesAt ?? Number.POSITIVE_INFINITY, closesAt ?? Number.POSITIVE_INFINITY);
      else if (state.opensAt === undefined) return { open: false };
      else later = Math.max(state.opensAt, later ?? 0);
    }
    if (later === undefined) {
      if (opensAt > at) return { open: false, opensAt };
      return closesAt === undefined || closesAt === Number.POSITIVE_INFINITY ? { open: true } : { open: true, closesAt };
    }
    opensAt = later;
  }
  return { open: false };
}

const knownHours = new WeakMap<CallingWindow, WallHours>();

export function hoursOf(window: CallingWindow): WallHours {
  const known = knownHours.get(window);
  if (known !== undefined) return known;
  const { startMinute, endMinute, weekdays, holidays = [] } = window;
  const isHoliday = holidays.length === 0 ? () => false : holidayTest(holidays);
  const hours: WallHours = {
    key: `${startMinute} ${endMinute} ${weekdays} ${holidays}`,
    edges: [startMinute, endMinute],
    includes: (day, minute) => weekdays.includes(weekdayOf(day)) && minute >= startMinute && minute < endMinute && !isHoliday(day),
  };
  knownHours.set(window, hours);
  return hours;
}

/** From an instant to the next change the answer is the same. */
interface Stretch {
  readonly from: number;
  readonly open: boolean;
  readonly change: number | undefined;
  /** Where no change was found one may lie behind what was looked at: hours may begin to hold on a day. */
  readonly knownUntil: number;
}

// Contacts of one campaign ask about few zones, many times a second; to find the next change costs some 50 µs, to look it up nothing.
const lastStretch = new Map<string, Stretch>();

function stretchAt(at: number, { zone, hours }: ZonedHours): Stretch {
  const key = `${zone} ${hours.key}`;
  const last = lastStretch.get(key);
  if (last !== undefined && at >= last.from && at < last.knownUntil) return last;
  const clock = IANAZone.create(zone);
  const open = isOpen(clock, hours, at);
  const change = nextChange(clock, hours, at, open);
  const stretch = { from: at, open, change, knownUntil: change ?? at + lookedAtMs };
  remember(lastStretch, key, stretch);
  return stretch;
}

function isOpen(clock: IANAZone, hours: WallHours, at: number): boolean {
  const wall = at + clock.offset(at) * minuteMs;
  const day = Math.floor(wall / dayMs);
  const minute = Math.floor((wall - day * dayMs) / minuteMs);
  return hours.includes(day, minute);
}

/** The first instant after `at` at which the window is not `open` any more, or not closed any more. */
function nextChange(clock: IANAZone, hours: WallHours, at: number, open: boolean): number | undefined {
  const today = Math.floor((at + clock.offset(at) * minuteMs) / dayMs);
  for (let day = today - 1; day < today + (open ? horizonDays : closedHorizonDays); day++) {
    // With the two days after it: a jump of the clocks looked for around a day may lie behind the first change of the next ones.
    const instants = [day, day + 1, day + 2].flatMap((each) => changesAround(clock, hours, each)).filter((instant) => instant > at);
    const change = instants.sort((a, b) => a - b).find((instant) => isOpen(clock, hours, instant) !== open);
    if (change !== undefined) return change;
  }
  return undefined;
}

/** Every instant of a local day at which something can change: its midnight, start and end, by the offset before and after, and a jump of the clocks itself. */
function changesAround(clock: IANAZone, hours: WallHours, day: number): number[] {
  const found: number[] = [];
  for (const minute of [0, ...hours.edges]) {
    const wall = day * dayMs + minute * minuteMs;
    for (const near of [wall - dayMs, wall + dayMs]) found.push(wall - clock.offset(near) * minuteMs);
  }
  // A local day lies within these bounds whatever the offset (-12 h to +14 h).
  let low = day * dayMs - 14 * 60 * minuteMs;
  let high = (day + 1) * dayMs + 12 * 60 * minuteMs;
  const before = clock.offset(low);
  if (before !== clock.offset(high)) {
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (clock.offset(middle) === before) low = middle;
      else high = middle;
    }
    found.push(high);
  }
  return found;
}
