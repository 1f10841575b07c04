import { type Static, Type } from "typebox";

/** Lists. */
export const contactOptions = Type.Object(
  {
    defaultCountry: Type.String({
      description: "The country of telephone numbers that are written without one, by its two letters (ISO 3166-1).",
      pattern: "^[A-Z]{2}$",
      hint: "write two capital letters, such as US or GB",
      default: "US",
    }),
  },
  { description: "Contact lists.", additionalProperties: false },
);

export type ContactOptions = Static<typeof contactOptions>;
