import { readFileSync } from "node:fs";
import { type CalendarVersion, checkedCalendar } from "../compliance/calendar.ts";
import { Fault } from "../kernel/fault.ts";
import { fileTrouble } from "../kernel/file-error.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { tableText, timeCell } from "./table.ts";
import { counted } from "./terminal.ts";
import { byUser } from "./user.ts";

export interface CalendarWish extends CommonOptions {
  readonly meaning?: string;
  /** A file with a day on each line, besides those of the command line. */
  readonly file?: string;
}

/** `carillon calendar set NAME DAY… --meaning TEXT`, `carillon calendar set NAME --file FILE` */
export function setCalendar(name: string, days: readonly string[], { meaning, file, ...options }: CalendarWish): Promise<string> {
  const wanted = [...days, ...(file === undefined ? [] : daysIn(file))];
  return withStores(options, async ({ calendars }) => {
    const before = meaning === undefined ? (await calendars.history(name))[0] : undefined;
    const calendar = checkedCalendar({ name, meaning: meaning ?? before?.meaning ?? "", days: wanted });
    const { calendar: kept, fresh } = await calendars.put(calendar, byUser());
    if (!fresh) return `${name} says that already, in version ${kept.version}.`;
    return `${name} is kept as version ${kept.version}, with ${counted(kept.days.length, "line")} of days. Campaigns that have holidays=${name} go by it within two seconds.`;
  });
}

/** One on each line; what is behind a # is for people. @throws Fault `calendar-file` */
function daysIn(file: string): readonly string[] {
  try {
    return readFileSync(file, "utf8")
      .split(/\r?\n/)
      .map((line) => line.replace(/#.*$/, "").trim())
      .filter((line) => line !== "");
  } catch (error) {
    throw new Fault("calendar-file", `${file} cannot be read: ${fileTrouble(error)}. Check its name and its permissions.`, { cause: error });
  }
}

/** `carillon calendar list` */
export function listCalendars(options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withStores(options, async ({ calendars }) => {
    const all = await calendars.list();
    if (options.json) return JSON.stringify(all, null, 2);
    if (all.length === 0) return "There are no calendars of your own: carillon calendar set makes one.";
    return tableText(
      ["NAME", "VERSION", "DAYS", "MEANING"],
      all.map((one) => [one.name, String(one.version), daysText(one), one.meaning]),
    );
  });
}

/** `carillon calendar show NAME`: its days, and every version. */
export function showCalendar(name: string, options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withStores(options, async ({ calendars }) => {
    const history = await calendars.history(name);
    const [newest] = history;
    if (newest === undefined) throw unknown(name);
    if (options.json) return JSON.stringify(history, null, 2);
    const versions = history.map((one) => [
      String(one.version),
      timeCell(one.changedAt),
      one.changedBy,
      one.removed ? "(taken away)" : daysText(one),
    ]);
    return [...newest.days, "", tableText(["VERSION", "SINCE", "BY", "DAYS"], versions)].join("\n");
  });
}

/** `carillon calendar remove NAME` */
export function removeCalendar(name: string, options: CommonOptions): Promise<string> {
  return withStores(options, async ({ calendars }) => {
    if (!(await calendars.remove(name, byUser()))) throw unknown(name);
    return `Removed ${name}: no campaign can name it any more.`;
  });
}

const mostShown = 4;

function daysText({ days }: CalendarVersion): string {
  return `${days.slice(0, mostShown).join(" ")}${days.length > mostShown ? ` and ${days.length - mostShown} more` : ""}`;
}

function unknown(name: string): Fault {
  return new Fault("calendar-unknown", `There is no calendar ${name}; carillon calendar list shows them.`);
}
