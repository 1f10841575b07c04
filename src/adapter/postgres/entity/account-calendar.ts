import { defineEntity, p } from "@mikro-orm/core";
import { appendOnly } from "./append-only.ts";
import { identity } from "./identity.ts";

/** A version of a holiday calendar of the account's own; the newest of a name holds. Append-only: which days held at the time of an attempt can always be said. See compliance/calendar.ts. */
export const AccountCalendarEntity = defineEntity({
  name: "AccountCalendar",
  tableName: "account_calendar",
  properties: {
    id: identity(),
    name: p.text(),
    version: p.integer(),
    meaning: p.text(),
    days: p.array(),
    removed: p.boolean().default(false),
    changedAt: p.datetime(3),
    changedBy: p.text(),
  },
  uniques: [{ name: "account_calendar_name_version_unique", properties: ["name", "version"] }],
  triggers: appendOnly("account_calendar"),
});
