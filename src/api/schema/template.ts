import { Type } from "typebox";
import { concatenations } from "../../sms/ports.ts";
import { defaultAlphabets } from "../../sms/segment.ts";
import type { TemplateVersion } from "../../template/ports.ts";
import { idSchema, pageFields, timeSchema, timeText } from "./common.ts";

const nameSchema = Type.String({ pattern: "^[a-z][a-z0-9-]{0,63}$", description: "Name of a template.", examples: ["payment-reminder"] });
const numberSchema = Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: "Counts from 1 for each name." });
const channelSchema = Type.Enum(["sms", "email"]);

export const templateParams = Type.Object({ name: nameSchema }, { additionalProperties: false });
export const templateVersionParams = Type.Object({ name: nameSchema, version: numberSchema }, { additionalProperties: false });
export const templateHistoryQuery = Type.Object(pageFields, { additionalProperties: false });

/** What may be in it is told by the fault: docs/templates.md has the keys. */
const documentSchema = Type.Object(
  {},
  { additionalProperties: true, description: "The template's document: name, channel, text or subject, html, text, attachments." },
);
export const templateBody = {
  content: { "application/yaml": { schema: Type.String({ description: "The document as YAML." }) }, "application/json": { schema: documentSchema } },
};

const headFields = {
  id: Type.String({ ...idSchema, description: "Of the version." }),
  name: nameSchema,
  channel: channelSchema,
  version: numberSchema,
  publishedAt: timeSchema,
  publishedBy: Type.String({ description: "`key NAME` of an API key, `user NAME` of the command line." }),
};
export const templateHeadSchema = Type.Object(headFields);
export const templatePublishedSchema = Type.Object({
  ...headFields,
  fresh: Type.Boolean({ description: "False when it is the current version already: nothing was written." }),
});
export const templateVersionSchema = Type.Object({
  ...headFields,
  current: Type.Boolean(),
  fields: Type.Array(Type.String(), { description: "The fields without which a contact gets nothing." }),
  document: documentSchema,
});

/** How an SMS is counted. */
const countingFields = {
  concatenation: Type.Optional(Type.Enum([...concatenations], { description: "As the bind has it; udh-8 when left out." })),
  dataCoding0: Type.Optional(Type.Enum([...defaultAlphabets], { description: "As the bind has it; gsm when left out." })),
  version: Type.Optional(numberSchema),
};
export const previewBody = Type.Object(
  {
    contactId: Type.Optional(idSchema),
    fields: Type.Optional(
      Type.Record(Type.String({ maxLength: 200 }), Type.String({ maxLength: 10_000 }), { description: "Over what the contact has." }),
    ),
    ...countingFields,
  },
  { additionalProperties: false },
);
export const checkBody = Type.Object({ listId: idSchema, ...countingFields }, { additionalProperties: false });

const encodingSchema = Type.Enum(["gsm", "ucs-2"]);
const unitsSchema = Type.Integer({ description: "Septets, or UCS-2 code units." });
export const previewSchema = Type.Object({
  held: Type.Optional(Type.String({ description: "Why the contact would get nothing; then nothing else is here." })),
  lacks: Type.Optional(Type.Array(Type.String(), { description: "Fields that are missing or blank." })),
  text: Type.Optional(Type.String()),
  subject: Type.Optional(Type.String()),
  html: Type.Optional(Type.String()),
  sms: Type.Optional(
    Type.Object({
      encoding: encodingSchema,
      units: unitsSchema,
      segments: Type.Integer(),
      forcing: Type.Array(Type.String(), { description: "The characters because of which it goes out in UCS-2." }),
    }),
  ),
});

const namedFields = { contactId: idSchema, clientId: Type.Optional(Type.String()) };
const countSchema = Type.Integer({ minimum: 0 });
export const listReportSchema = Type.Object({
  contacts: countSchema,
  ready: Type.Integer({ description: "Who would get it." }),
  unreachable: Type.Integer({ description: "Who has no address of the channel." }),
  held: Type.Object({ contacts: countSchema, first: Type.Array(Type.Object({ ...namedFields, reason: Type.String() })) }),
  lacks: Type.Array(Type.Object({ field: Type.String(), contacts: countSchema }), { description: "Fields that are missing or blank, most first." }),
  worst: Type.Optional(
    Type.Object(
      {
        ...namedFields,
        text: Type.String(),
        segments: Type.Optional(countSchema),
        units: Type.Optional(unitsSchema),
        encoding: Type.Optional(encodingSchema),
      },
      { description: "The one that costs most, of several the longest." },
    ),
  ),
  sms: Type.Optional(
    Type.Object({
      segments: Type.Integer({ description: "All together: what it costs." }),
      bySegments: Type.Record(Type.String(), countSchema, { description: "How many contacts get one, two, … segments." }),
      ucs2: Type.Object({
        contacts: countSchema,
        characters: Type.Array(Type.Object({ character: Type.String(), contacts: countSchema }), {
          description: "What forces UCS-2; the 20 most frequent.",
        }),
      }),
    }),
  ),
});

export function showTemplateHead({ id, name, source, version, publishedAt, publishedBy }: TemplateVersion) {
  return { id, name, channel: source.channel, version, publishedAt: timeText(publishedAt), publishedBy };
}
