import { Type } from "typebox";
import { attemptStates } from "../../attempt/attempt.ts";
import { type Result, resultNames, results } from "../../attempt/result.ts";
import type { AttemptView } from "../ports.ts";
import { idSchema, pageFields, timeSchema, timeText } from "./common.ts";

const meanings = resultNames.map((name: Result) => `${name}: ${results[name].meaning}`).join("; ");
const resultSchema = Type.Enum([...resultNames], { description: `How it ended. ${meanings}.` });

export const attemptQuery = Type.Object(
  {
    ...pageFields,
    result: Type.Optional(Type.Enum([...resultNames], { description: "Only attempts that ended like this." })),
    contactId: Type.Optional(idSchema),
  },
  { additionalProperties: false },
);

export const attemptSchema = Type.Object({
  id: idSchema,
  campaignId: idSchema,
  contactId: idSchema,
  addressId: idSchema,
  channel: Type.Enum(["voice", "sms", "email"]),
  address: Type.String({ description: "E.164." }),
  state: Type.Enum([...attemptStates]),
  result: Type.Optional(resultSchema),
  outcome: Type.Optional(Type.String({ description: "How the IVR script ended, if one ran." })),
  reason: Type.Optional(Type.String({ description: "Why, for people.", examples: ["486 Busy Here"] })),
  sipStatus: Type.Optional(Type.Integer()),
  q850: Type.Optional(Type.Integer({ description: "Cause (ITU-T Q.850), if the carrier gave one." })),
  callId: Type.Optional(Type.String({ description: "SIP Call-ID, to find the call in the carrier's records." })),
  reservedAt: timeSchema,
  answeredAt: Type.Optional(timeSchema),
  endedAt: Type.Optional(timeSchema),
});

export function showAttempt(attempt: AttemptView) {
  const { result, outcome, reason, sipStatus, q850, callId, answeredAt, endedAt } = attempt;
  return {
    id: attempt.id,
    campaignId: attempt.campaignId,
    contactId: attempt.contactId,
    addressId: attempt.addressId,
    channel: attempt.channel,
    address: attempt.address,
    state: attempt.state,
    ...(result === undefined ? {} : { result }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(reason === undefined ? {} : { reason }),
    ...(sipStatus === undefined ? {} : { sipStatus }),
    ...(q850 === undefined ? {} : { q850 }),
    ...(callId === undefined ? {} : { callId }),
    reservedAt: timeText(attempt.reservedAt),
    ...(answeredAt === undefined ? {} : { answeredAt: timeText(answeredAt) }),
    ...(endedAt === undefined ? {} : { endedAt: timeText(endedAt) }),
  };
}
