import { Type } from "typebox";
import { type CalendarVersion, longestDay, longestPurpose, mostDays } from "../../compliance/calendar.ts";
import { calendarNameForm } from "../../compliance/holiday-calendar.ts";
import { timeSchema, timeText } from "./common.ts";

const nameSchema = Type.String({ pattern: calendarNameForm.source, description: "Name of a calendar, unique.", examples: ["our-office"] });
export const calendarParams = Type.Object({ name: nameSchema }, { additionalProperties: false });

const fields = {
  meaning: Type.String({ minLength: 1, maxLength: longestPurpose, pattern: "^\\P{Cc}*$", description: "What it is for, for people." }),
  days: Type.Array(Type.String({ minLength: 2, maxLength: longestDay }), {
    minItems: 1,
    maxItems: mostDays,
    description:
      "Days on which nobody is contacted, where the person is: one (2026-12-24), one of every year (12-24, 11-thu-4, easter+1), a range of either (2026-12-24..2027-01-02, 12-24..01-02), or all of a country's (US). With regions before it a day holds for people who may be there: US-NY,US-CT: 02-12.",
    examples: [["US", "12-24..01-02", "US-NY,US-CT: 02-12"]],
  }),
};

export const calendarBody = Type.Object(fields, { additionalProperties: false });

const versionFields = {
  name: nameSchema,
  version: Type.Integer({ minimum: 1 }),
  ...fields,
  changedAt: timeSchema,
  changedBy: Type.String({ description: "`key NAME` of an API key, `user NAME` of the command line." }),
};

export const calendarSchema = Type.Object(versionFields, { description: "A holiday calendar of the account's own, as it is." });
export const calendarDetailSchema = Type.Object({
  ...versionFields,
  history: Type.Array(Type.Object({ ...versionFields, removed: Type.Boolean() }), { description: "Every version, the newest first." }),
});

export function showCalendar({ removed: _, changedAt, days, ...calendar }: CalendarVersion) {
  return { ...calendar, days: [...days], changedAt: timeText(changedAt) };
}

export function showCalendarVersion(calendar: CalendarVersion) {
  return { ...showCalendar(calendar), removed: calendar.removed };
}
