import { type TString, Type } from "typebox";
import type { CampaignCallers, OwnNumber } from "../../voice/number-ports.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";

export const numberPattern = "^\\+[1-9]\\d{6,14}$";
const numberSchema = Type.String({ pattern: numberPattern, description: "E.164.", examples: ["+12125550100"] });
const nameSchema = Type.String({ minLength: 1, maxLength: 200, pattern: "^\\P{Cc}*$" });
const scriptSchema = Type.String({ minLength: 1, maxLength: 200, pattern: "^\\P{Cc}*$" });
const messageSchema = Type.String({ minLength: 1, maxLength: 1000, pattern: "^\\P{Cc}*$" });

const scriptText = "Name of the script that runs for who calls, instead of the campaign's inbound script; its current version.";
const campaignText = "The campaign whose callers these are, when nothing better is known of a caller.";
const messageText = "What is said where there is no script, or it cannot serve the caller; then the call is ended.";

export const numberParams = Type.Object({ number: numberSchema }, { additionalProperties: false });

export const newNumberSchema = Type.Object(
  {
    number: numberSchema,
    name: nameSchema,
    campaignId: Type.Optional(Type.String({ ...idSchema, description: campaignText })),
    script: Type.Optional(Type.String({ ...scriptSchema, description: scriptText })),
    message: Type.Optional(Type.String({ ...messageSchema, description: messageText })),
  },
  { additionalProperties: false },
);

const orNull = (schema: TString, description: string) => Type.Union([schema, Type.Null()], { description: `${description} null takes it away.` });

export const numberChangeSchema = Type.Object(
  {
    name: Type.Optional(nameSchema),
    campaignId: Type.Optional(orNull(idSchema, campaignText)),
    script: Type.Optional(orNull(scriptSchema, scriptText)),
    message: Type.Optional(orNull(messageSchema, messageText)),
  },
  { additionalProperties: false, minProperties: 1 },
);

export const ownNumberSchema = Type.Object(
  {
    number: numberSchema,
    name: Type.String(),
    campaignId: Type.Optional(Type.String({ ...idSchema, description: campaignText })),
    campaign: Type.Optional(Type.String({ description: "Its name." })),
    script: Type.Optional(Type.String({ description: scriptText })),
    message: Type.Optional(Type.String({ description: messageText })),
    createdAt: timeSchema,
  },
  { description: "A number of yours that may be called." },
);

export const inboundChangeSchema = Type.Object(
  { script: orNull(scriptSchema, "Name of the script that runs for who is taken for a caller of this campaign; its current version.") },
  { additionalProperties: false },
);

export const inboundSchema = Type.Object(
  {
    script: Type.Optional(Type.String({ description: "The inbound script, unless the number called has its own." })),
    numbers: Type.Array(numberSchema, { description: "The campaign's own numbers. Callers of its caller ids are its callers too." }),
    onTheLine: Type.Integer({ description: "Calls from outside that ring or are up." }),
    results: Type.Record(Type.String(), Type.Integer(), { description: "Calls from outside that are over, by result." }),
  },
  { description: "What a campaign does about people who call, and what came of it." },
);

export function showNumber({ createdAt, ...number }: OwnNumber) {
  return { ...number, createdAt: timeText(createdAt) };
}

export function showCallers({ numbers, results, ...callers }: CampaignCallers) {
  return { ...callers, numbers: [...numbers], results: { ...results } };
}
