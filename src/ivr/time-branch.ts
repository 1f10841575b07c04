/** Hours of the week, on the clock of some zone. */
export interface Hours {
  /** ISO weekdays on which it begins: 1 is Monday, 7 is Sunday. */
  readonly weekdays: readonly number[];
  /** Minutes of the day, 0..1439; included. */
  readonly startMinute: number;
  /** Minutes of the day, 1..1440; not included. Before `startMinute`: on the next day. */
  readonly endMinute: number;
}

const names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const shape = /^(?:([a-z]{3}(?:-[a-z]{3})?(?:,[a-z]{3}(?:-[a-z]{3})?)*)(?:\s+|$))?(?:(\d\d):(\d\d)-(\d\d):(\d\d))?$/;
const everyDay = [1, 2, 3, 4, 5, 6, 7];

/**
 * Reads hours as they are written: weekdays (`mon-fri`, `sat,sun`, `fri-mon`), a time (`09:00-17:00`, `22:00-06:00` past
 * midnight, `00:00-24:00`), or both. Days alone are the whole of them.
 * @returns undefined when the text is none
 */
export function parseHours(text: string): Hours | undefined {
  const [whole, days, startHour, startMinute, endHour, endMinute] = shape.exec(text.trim().toLowerCase()) ?? [];
  if (!whole) return undefined;
  const weekdays = days === undefined ? everyDay : parseDays(days);
  if (!weekdays) return undefined;
  if (startHour === undefined) return { weekdays, startMinute: 0, endMinute: 1440 };
  const start = minuteOf(startHour, startMinute);
  const end = minuteOf(endHour, endMinute);
  if (start === undefined || end === undefined || start === 1440 || end === 0 || start === end) return undefined;
  return { weekdays, startMinute: start, endMinute: end };
}

function minuteOf(hour = "", minute = ""): number | undefined {
  const total = Number(hour) * 60 + Number(minute);
  return Number(minute) > 59 || total > 1440 ? undefined : total;
}

function parseDays(text: string): number[] | undefined {
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const [from, to] = part.split("-").map((name) => names.indexOf(name));
    if (from === undefined || from < 0 || (to !== undefined && to < 0)) return undefined;
    for (let day = from; ; day = (day + 1) % 7) {
      found.add(day + 1);
      if (day === (to ?? from)) break;
    }
  }
  return [...found].sort((a, b) => a - b);
}

/** Whether the hours hold at this weekday (ISO) and minute of the day. What goes past midnight belongs to the day on which it began. */
export function holdsAt(hours: Hours, weekday: number, minute: number): boolean {
  const { weekdays, startMinute, endMinute } = hours;
  if (endMinute > startMinute) return weekdays.includes(weekday) && minute >= startMinute && minute < endMinute;
  const dayBefore = weekday === 1 ? 7 : weekday - 1;
  return (weekdays.includes(weekday) && minute >= startMinute) || (weekdays.includes(dayBefore) && minute < endMinute);
}
