import { type Static, Type } from "typebox";

/** First stretch and further stretches, in seconds, as carriers write it: `30/6` charges half a minute in any case and then every six seconds begun. */
export const increments = ["1/1", "6/6", "30/6", "60/1", "60/60"] as const;

const price = (description: string) => Type.Optional(Type.Number({ description, minimum: 0, maximum: 1000 }));

/** What a trunk, a bind or a mail pool costs. */
export const tariffOptions = Type.Object(
  {
    name: Type.String({ description: "The trunk, bind or mail pool, by its name.", minLength: 1, maxLength: 100 }),
    currency: Type.String({
      description: "ISO 4217, such as EUR.",
      pattern: "^[A-Z]{3}$",
      hint: "write three capital letters, such as EUR",
    }),
    perMinute: price("Price of a minute of an answered call."),
    increment: Type.Enum([...increments], {
      description: "Which stretch of an answered call is charged in any case, and in which steps the rest is, in seconds.",
      default: "60/60",
    }),
    perPart: price("Price of each part of a text message that was taken, and of each e-mail."),
  },
  { description: "What a trunk, a bind or a mail pool costs.", additionalProperties: false },
);

export type Tariff = Static<typeof tariffOptions>;
