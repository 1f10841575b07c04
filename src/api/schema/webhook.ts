import { type Static, Type } from "typebox";
import { eventTypeNames, eventTypes, subscribableNames } from "../../webhook/event.ts";
import { type WebhookMessage, webhookMessageStates } from "../../webhook/message.ts";
import type { Webhook } from "../../webhook/ports.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";

const nameSchema = Type.String({
  pattern: "^[a-z][a-z0-9_-]{0,63}$",
  description: "Unique; what strategies call it. Small letters, digits, _ and -; it stays.",
  examples: ["crm"],
});
const urlSchema = Type.String({
  minLength: 8,
  maxLength: 2000,
  pattern: "^https?://\\S+$",
  description: "Where it is told. Redirects are not followed, and addresses that are not public are not asked unless the configuration allows them.",
  examples: ["https://crm.example.com/carillon"],
});
const eventsSchema = Type.Array(Type.Enum(subscribableNames), {
  uniqueItems: true,
  maxItems: subscribableNames.length,
  description: `What it is told: ${subscribableNames.map((name) => `\`${name}\`: ${eventTypes[name]}`).join(" ")}`,
  examples: [["attempt.ended", "suppression.added"]],
});
const activeSchema = Type.Boolean({ description: "Whether it is told anything. What waits for one that is switched off waits on." });

export const newWebhookSchema = Type.Object(
  { name: nameSchema, url: urlSchema, events: eventsSchema, active: Type.Optional(Type.Boolean({ ...activeSchema, default: true })) },
  { additionalProperties: false, description: "A system that is told what happens here." },
);

export const webhookPatchSchema = Type.Object(
  { url: Type.Optional(urlSchema), events: Type.Optional(eventsSchema), active: Type.Optional(activeSchema) },
  { additionalProperties: false, minProperties: 1, description: "What is to be otherwise; the rest stays." },
);

export const rotationSchema = Type.Object(
  {
    previousHours: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 168,
        description: "For how long requests are signed with the secret before it too; 24 if not given.",
        examples: [24],
      }),
    ),
  },
  { additionalProperties: false },
);

const webhookFields = {
  id: idSchema,
  name: Type.String({ examples: ["crm"] }),
  url: Type.String({ examples: ["https://crm.example.com/carillon"] }),
  events: Type.Array(Type.Enum(eventTypeNames)),
  active: activeSchema,
  failingSince: Type.Optional(Type.String({ ...timeSchema, description: "Since when it takes nothing; absent while all is well." })),
  disabledReason: Type.Optional(
    Type.String({ description: "Why it is told nothing any more, when nobody ordered that.", examples: ["it answered 410"] }),
  ),
  previousSecretUntil: Type.Optional(Type.String({ ...timeSchema, description: "Until when the secret before the present one signs too." })),
  createdAt: timeSchema,
  changedAt: timeSchema,
};

export const webhookSchema = Type.Object(webhookFields, { description: "A webhook. Its secret is never shown again." });

export const webhookWithSecretSchema = Type.Object(
  {
    ...webhookFields,
    secret: Type.String({
      description: "What its requests are signed with (Standard Webhooks 1.0.0). Shown this once.",
      examples: ["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"],
    }),
  },
  { description: "A webhook with its secret." },
);

export const messageStateSchema = Type.Enum(webhookMessageStates, {
  description: "`waiting` until it was taken (`delivered`), or given up (`dead`).",
});

export const webhookMessageSchema = Type.Object(
  {
    id: idSchema,
    webhookId: idSchema,
    event: Type.String({ description: "Its type.", examples: ["attempt.ended"] }),
    state: messageStateSchema,
    body: Type.Record(Type.String(), Type.Unknown(), {
      description: "What is told: `data` of the request.",
      examples: [{ attemptId: "42", result: "human" }],
    }),
    tries: Type.Integer({ minimum: 0 }),
    createdAt: timeSchema,
    dueAt: Type.Optional(Type.String({ ...timeSchema, description: "When it is tried next; of one that waits." })),
    endedAt: Type.Optional(timeSchema),
    lastTry: Type.Optional(
      Type.Object({
        at: timeSchema,
        tookMs: Type.Integer({ minimum: 0 }),
        status: Type.Optional(Type.Integer({ description: "HTTP status; absent when there was no answer.", examples: [503] })),
        reason: Type.Optional(Type.String({ description: "Why it counts as not taken.", examples: ["it answers 503"] })),
      }),
    ),
  },
  { description: "Something that a webhook is told." },
);

export const triedSchema = Type.Object(
  {
    taken: Type.Boolean({ description: "Whether it answered with a 2xx." }),
    tookMs: Type.Integer({ minimum: 0 }),
    status: Type.Optional(Type.Integer({ examples: [204] })),
    reason: Type.Optional(Type.String({ examples: ["no answer within 10000 ms"] })),
  },
  { description: "What came of the try." },
);

export function showWebhook({ failingSince, previousUntil, createdAt, changedAt, events, ...rest }: Webhook): Static<typeof webhookSchema> {
  return {
    ...rest,
    events: [...events],
    ...(failingSince !== undefined && { failingSince: timeText(failingSince) }),
    ...(previousUntil !== undefined && { previousSecretUntil: timeText(previousUntil) }),
    createdAt: timeText(createdAt),
    changedAt: timeText(changedAt),
  };
}

export function showMessage({ answer, createdAt, dueAt, endedAt, ...rest }: WebhookMessage): Static<typeof webhookMessageSchema> {
  return {
    ...rest,
    createdAt: timeText(createdAt),
    ...(rest.state === "waiting" && { dueAt: timeText(dueAt) }),
    ...(endedAt !== undefined && { endedAt: timeText(endedAt) }),
    ...(answer && { lastTry: { ...answer, at: timeText(answer.at) } }),
  };
}
