import { type Static, Type } from "typebox";
import { recordingConsents } from "./consent.ts";
import { hideable } from "./mask.ts";

const days = (description: string, more: { readonly default?: number } = {}) => Type.Integer({ description, minimum: 1, maximum: 36_500, ...more });
const forEver = " Without it for as long as the database.";

/** For how many days what is kept of people stays. */
export const retentionOptions = Type.Object(
  {
    contactsDays: Type.Optional(
      days(
        `People who are waited for in no campaign, on lists of which no campaign is open, so long after the last that was done with them: who they are is taken out, as an erasure does, but for the suppressions.${forEver}`,
      ),
    ),
    tracesDays: days("SIP ladders, media events and the steps of scripts, with addresses: long enough to look into what a carrier denies.", {
      default: 90,
    }),
    messageTextsDays: Type.Optional(days(`What was sent: texts, e-mails, agents' replies. That it was sent stays.${forEver}`)),
    incomingTextsDays: Type.Optional(days(`What people wrote: texts, and e-mails as they came. That they wrote stays.${forEver}`)),
    notesDays: Type.Optional(days(`What agents noted of people.${forEver}`)),
    recordingsDays: Type.Optional(
      days(`What people said, as files. A campaign may say less or more (\`recordingKeepDays\` of its agent rules).${forEver}`),
    ),
    deliveryReportsDays: days("Reports of deliveries as they came, with addresses; what became of a message stays.", { default: 30 }),
    importsDays: days("What came of imports: names of files, counts, rejected rows.", { default: 365 }),
  },
  { description: "For how many days what is kept of people stays (docs/privacy.md).", additionalProperties: false },
);

export type RetentionOptions = Static<typeof retentionOptions>;

const consent = (description: string) =>
  Type.Enum([...recordingConsents], {
    description: `${description} none: nothing; told: that they are recorded; agreed: they were asked and said yes.`,
    default: "none",
  });

/** What must have been said before a conversation is recorded. */
export const recordingOptions = Type.Object(
  {
    consent: consent("What people must have been told or asked before a conversation with them is recorded, in countries that are not named."),
    countries: Type.Array(
      Type.Object(
        {
          country: Type.String({ description: "Of the number, as DE.", pattern: "^[A-Z]{2}$", hint: "write two capital letters, such as DE" }),
          consent: consent("The same in that country."),
        },
        { additionalProperties: false },
      ),
      { description: "Countries that want something else.", default: [] },
    ),
  },
  { description: "When conversations may be recorded (docs/privacy.md).", additionalProperties: false },
);

const hidden = (whom: string, standard: readonly (typeof hideable)[number][]) =>
  Type.Array(Type.Enum([...hideable]), { description: `What ${whom} see only as dots.`, default: [...standard] });

/** Who sees what of people. Owners and administrators see everything. */
export const maskingOptions = Type.Object(
  {
    sensitiveFields: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      description: "Fields of contacts that are for few, such as date_of_birth; `fields` below are these.",
      default: [],
    }),
    supervisor: hidden("supervisors", []),
    // They see what their templates make of somebody: that is what previews are for.
    author: hidden("authors", ["numbers", "mailboxes", "fields"]),
    agent: hidden("agents", []),
    integrator: hidden("integrators", []),
    readOnly: hidden("those who may only read", ["numbers", "mailboxes", "fields", "texts"]),
  },
  { description: "What of people is hidden from whom (docs/privacy.md).", additionalProperties: false },
);

export type MaskingOptions = Static<typeof maskingOptions>;
