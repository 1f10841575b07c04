import type { CallingWindow } from "../compliance/calling-window.ts";

const names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const day = "[a-z]{3}(?:-[a-z]{3})?";
const shape = new RegExp(`^(?:(${day}(?:\\s*,\\s*${day})*)(?:\\s+|$))?(?:(\\d\\d):(\\d\\d)\\s*-\\s*(\\d\\d):(\\d\\d))?$`);

/**
 * Reads hours as they are written: weekdays (`mon-fri`, `sat,sun`), a time (`09:00-18:00`, up to `24:00`), or both. Days alone are the whole of them, a time alone is every day's.
 * @returns undefined when the text is none, or goes past midnight
 */
export function parseWindow(text: string): CallingWindow | undefined {
  const said = parseWindowPart(text);
  return said && { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7], ...said };
}

/** The same, of which only what is written. */
export function parseWindowPart(text: string): Partial<CallingWindow> | undefined {
  const [whole, days, startHour, startMinutes, endHour, endMinutes] = shape.exec(text.trim().toLowerCase()) ?? [];
  if (!whole) return undefined;
  const weekdays = days === undefined ? undefined : parseWeekdays(days);
  if (days !== undefined && weekdays === undefined) return undefined;
  const on = weekdays && { weekdays };
  if (startHour === undefined) return { ...on };
  const startMinute = minuteOf(startHour, startMinutes);
  const endMinute = minuteOf(endHour, endMinutes);
  return startMinute !== undefined && endMinute !== undefined && startMinute < endMinute ? { startMinute, endMinute, ...on } : undefined;
}

function minuteOf(hour = "", minute = ""): number | undefined {
  const total = Number(hour) * 60 + Number(minute);
  return Number(minute) > 59 || total > 1440 ? undefined : total;
}

/** `mon-fri`, `sat,sun`. @returns ISO weekdays, ascending; undefined when the text names none */
export function parseWeekdays(text: string): number[] | undefined {
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const [from = -1, to = from] = part
      .trim()
      .split("-")
      .map((name) => names.indexOf(name));
    if (from < 0 || to < 0) return undefined;
    for (let at = from; ; at = (at + 1) % 7) {
      found.add(at + 1);
      if (at === to) break;
    }
  }
  return [...found].sort((a, b) => a - b);
}

/** As it may be written: `mon,tue,wed 09:00-18:00`. */
export function windowText({ startMinute, endMinute, weekdays }: CallingWindow): string {
  const clock = (minute: number) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  return `${weekdays.map((weekday) => names[weekday - 1]).join(",")} ${clock(startMinute)}-${clock(endMinute)}`;
}
