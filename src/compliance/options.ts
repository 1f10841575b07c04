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

const kind = Type.Enum(["us-national", "us-state", "ca-national", "uk-tps", "uk-ctps"], { description: "Which national list." });

/** National do-not-call lists. */
export const doNotCallOptions = Type.Object(
  {
    required: Type.Array(kind, {
      description:
        "National do-not-call lists without which no campaign starts that contacts numbers they are of, unless it is exempt. One that is there and too old stops such campaigns in any case.",
      default: [],
    }),
    ages: Type.Array(
      Type.Object(
        { kind, days: Type.Integer({ minimum: 1, maximum: 366, description: "How old its data may be, at most." }) },
        { description: "One of them.", additionalProperties: false },
      ),
      { description: "How old the data of a list may be, where that is to be otherwise than docs/compliance.md says.", default: [] },
    ),
  },
  { description: "National do-not-call lists.", additionalProperties: false },
);

export type DoNotCallOptions = Static<typeof doNotCallOptions>;

/** Hours by law. */
export const legalHoursOptions = Type.Object(
  {
    kept: Type.Boolean({
      description:
        "Whether calls and SMS keep to the hours that the law of the place leaves, besides those of the campaign, to how often it allows them, and calls to the consent that it wants (docs/compliance.md has all of it). Where they are not kept say why.",
      default: true,
    }),
    waivedBecause: Type.String({
      description: "Why they are not kept, for whoever asks later: the contacts have agreed, it is no sale.",
      default: "",
    }),
    stateField: Type.String({
      description:
        "The column of lists that says in which state of the United States somebody lives, by its two letters. The state of the area code counts besides.",
      minLength: 1,
      default: "state",
    }),
    postalField: Type.String({
      description:
        "The column of lists that has the postal code where somebody lives, of the United States or Canada: it says state or province and time zone. Those of the area code count besides where they are others.",
      minLength: 1,
      default: "postal_code",
    }),
  },
  { description: "The hours that the law leaves for calls and SMS.", additionalProperties: false },
);
