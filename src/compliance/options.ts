import { type Static, Type } from "typebox";

/** Destinations. */
export const destinationOptions = Type.Object(
  {
    countries: Type.Array(Type.String({ pattern: "^[A-Z]{2}$", hint: "write two capital letters each, such as US or GB" }), {
      description:
        "Countries that may be called, by their two letters (ISO 3166-1); an empty list means contact.defaultCountry alone. Satellite and international networks are never called.",
      default: [],
    }),
    premium: Type.Boolean({
      description: "Whether numbers may be called that cost the caller more: premium rate, shared cost and personal numbers.",
      default: false,
    }),
  },
  { description: "Which numbers may be called at all, by campaigns and by transfers: the guard against toll fraud.", additionalProperties: false },
);

export type DestinationOptions = Static<typeof destinationOptions>;
