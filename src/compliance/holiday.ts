/** Public holidays by rule: `12-25`, `11-thu-4` (the fourth Thursday of November), `05-mon-last`, `05-mon-before-25` (the Monday before 25 May), `easter+1`, `easter-2`. */
export interface HolidayRules {
  readonly source: string;
  readonly days: readonly string[];
  /** One that falls on a Saturday is kept on the Friday too, one that falls on a Sunday on the Monday. */
  readonly kept?: boolean | undefined;
}

const dayMs = 86_400_000;
const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** ISO weekday of a day since 1970-01-01, which was a Thursday. */
export function weekdayOf(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

/** Days since 1970-01-01 of a year's holidays. @throws RangeError for a rule that is none */
export function holidaysOf({ days, kept = false }: HolidayRules, year: number): ReadonlySet<number> {
  const found = days.map((rule) => dayOf(rule, year));
  const moved = found.flatMap((day) => (weekdayOf(day) === 6 ? [day - 1] : weekdayOf(day) === 7 ? [day + 1] : []));
  return new Set(kept ? [...found, ...moved] : found);
}

function dayOf(rule: string, year: number): number {
  const [, fixedMonth, fixedDay] = /^(\d\d)-(\d\d)$/.exec(rule) ?? [];
  if (fixedMonth !== undefined) return utcDay(year, Number(fixedMonth), Number(fixedDay));
  const [, shift] = /^easter([+-]\d+)$/.exec(rule) ?? [];
  if (shift !== undefined) return easterOf(year) + Number(shift);
  const [, month = "", name = "", which = "", day = ""] = /^(\d\d)-([a-z]{3})-(?:([1-5]|last)|before-(\d\d))$/.exec(rule) ?? [];
  const weekday = weekdays.indexOf(name) + 1;
  if (weekday === 0) throw new RangeError(`${rule} is no rule of a holiday`);
  if (day !== "") {
    const before = utcDay(year, Number(month), Number(day)) - 1;
    return before - ((weekdayOf(before) - weekday + 7) % 7);
  }
  if (which === "last") {
    const last = utcDay(year, Number(month) + 1, 1) - 1;
    return last - ((weekdayOf(last) - weekday + 7) % 7);
  }
  const first = utcDay(year, Number(month), 1);
  return first + ((weekday - weekdayOf(first) + 7) % 7) + 7 * (Number(which) - 1);
}

function utcDay(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) / dayMs;
}

/** Easter Sunday of the Gregorian calendar (J. Meeus, Astronomical Algorithms, chapter 8). */
function easterOf(year: number): number {
  const a = year % 19;
  const century = Math.floor(year / 100);
  const ofCentury = year % 100;
  const f = Math.floor((century + 8) / 25);
  const g = Math.floor((century - f + 1) / 3);
  const h = (19 * a + century - Math.floor(century / 4) - g + 15) % 30;
  const l = (32 + 2 * (century % 4) + 2 * Math.floor(ofCentury / 4) - h - (ofCentury % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const sum = h + l - 7 * m + 114;
  return utcDay(year, Math.floor(sum / 31), (sum % 31) + 1);
}
