import { Type } from "typebox";
import { type ChannelName, channelNames } from "../../attempt/result.ts";
import type { KeptEvent } from "../../strategy/event-ports.ts";
import { givenTimeSchema } from "./agent.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";

export const eventBody = Type.Object(
  {
    name: Type.String({
      pattern: "^[a-z][a-z0-9-]{0,63}$",
      description: "As strategies name it: small letters, digits and hyphens.",
      examples: ["payment-received"],
    }),
    key: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        pattern: "^\\P{Cc}*$",
        description: "Your own id of the event. Told again, it is the same event, and does nothing more.",
      }),
    ),
    clientId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        pattern: "^\\P{Cc}*$",
        description: "Whom it is about, on every list. Either this or address, or both.",
      }),
    ),
    address: Type.Optional(Type.String({ minLength: 3, maxLength: 320, description: "Whoever has this number (E.164) or mailbox, on every list." })),
    amount: Type.Optional(Type.Number({ description: "What was paid, say." })),
    currency: Type.Optional(Type.String({ pattern: "^[A-Z]{3}$", description: "ISO 4217." })),
    channel: Type.Optional(
      Type.Unsafe<ChannelName>(Type.Enum([...channelNames], { description: "By which channel of ours it came about, as far as you know." })),
    ),
    occurredAt: Type.Optional(Type.String({ ...givenTimeSchema, description: "RFC 3339, with its zone; now, when left out." })),
  },
  { additionalProperties: false },
);

export const recordedEventSchema = Type.Object({
  id: idSchema,
  fresh: Type.Boolean({ description: "False when it had been told before." }),
  contacts: Type.Array(
    Type.Object({
      contactId: idSchema,
      strategyCampaignId: Type.Optional(Type.String({ ...idSchema, description: "The strategy campaign it ended, or moved them in; absent: none." })),
      campaignId: Type.Optional(Type.String({ ...idSchema, description: "The pass they were moved to; absent: it ended for them." })),
      attemptId: Type.Optional(
        Type.String({ ...idSchema, description: "The attempt that it is put down to: the last that reached them, within 14 days." }),
      ),
    }),
  ),
});

const told = { ...eventBody.properties, id: idSchema, occurredAt: timeSchema, receivedAt: timeSchema };
export const eventSchema = Type.Object(told);
export const eventWithDeedsSchema = Type.Object({ ...told, contacts: recordedEventSchema.properties.contacts });

export function showEvent({ occurredAt, receivedAt, ...event }: KeptEvent) {
  return { ...event, occurredAt: timeText(occurredAt), receivedAt: timeText(receivedAt) };
}
