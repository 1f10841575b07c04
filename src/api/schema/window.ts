import { Type } from "typebox";
import type { CallingWindow } from "../../compliance/calling-window.ts";
import { calendarNames } from "../../compliance/holiday-calendar.ts";

export const windowSchema = Type.Object(
  {
    startMinute: Type.Integer({ minimum: 0, maximum: 1439, description: "Minute of the day; 480 is 08:00." }),
    endMinute: Type.Integer({ minimum: 1, maximum: 1440, description: "Minute of the day, not included." }),
    weekdays: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { minItems: 1, maxItems: 7, description: "1 is Monday, 7 is Sunday." }),
    holidays: Type.Optional(
      Type.Array(Type.String({ minLength: 2, maxLength: 64 }), {
        maxItems: 200,
        description: `Days on which nobody is contacted, where the person is: calendars (${calendarNames.join(", ")}, or one of your own, such as our-office), days (2026-12-24), days of every year (12-24, 11-thu-4, easter+1), and ranges (12-24..01-02).`,
        examples: [["US", "our-office"]],
      }),
    ),
  },
  { additionalProperties: false, description: "When people may be called or written to, on the clock of their own zone." },
);

/** With arrays that may be written to, as the serializer has them. */
export function showWindow({ holidays, weekdays, ...hours }: CallingWindow) {
  return { ...hours, weekdays: [...weekdays], ...(holidays && { holidays: [...holidays] }) };
}
