import { Type } from "typebox";
import { attemptStates } from "../../attempt/attempt.ts";
import { type Result, resultNames, results } from "../../attempt/result.ts";
import type { AttemptDetail, AttemptView } from "../ports.ts";
import { ladderSchema, showLadder } from "./attempt-ladder.ts";
import { idSchema, pageFields, timeSchema, timeText } from "./common.ts";

const meanings = resultNames.map((name: Result) => `${name}: ${results[name].meaning}`).join("; ");
const resultSchema = Type.Enum([...resultNames], { description: `How it ended. ${meanings}.` });

export const attemptQuery = Type.Object(
  {
    ...pageFields,
    result: Type.Optional(Type.Enum([...resultNames], { description: "Only attempts that ended like this." })),
    contactId: Type.Optional(idSchema),
    direction: Type.Optional(
      Type.Enum(["outbound", "inbound"], { description: "Calls that were placed (the default), or those of people who called." }),
    ),
  },
  { additionalProperties: false },
);

export const attemptSchema = Type.Object({
  id: idSchema,
  campaignId: Type.Optional(Type.String({ ...idSchema, description: "Of a call from outside the campaign whose caller it was taken for, if any." })),
  contactId: Type.Optional(Type.String({ ...idSchema, description: "Absent for a caller nobody knows." })),
  addressId: Type.Optional(idSchema),
  direction: Type.Enum(["outbound", "inbound"]),
  calledNumber: Type.Optional(Type.String({ description: "Of a call from outside: the number of yours that was called (E.164)." })),
  channel: Type.Enum(["voice", "sms", "email"]),
  address: Type.String({ description: "E.164; `anonymous` for a caller who hides the number." }),
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
  againAt: Type.Optional(Type.String({ ...timeSchema, description: "When its contact is called again because of the result, at the earliest." })),
});

const answerSchema = Type.Object({
  name: Type.String({ description: "The name of the question." }),
  value: Type.String({ description: "As keyed in, set or saved; for a recording the name of its file in the folder of recordings." }),
  durationMs: Type.Optional(Type.Integer({ description: "Length of a recording; absent for every other answer." })),
});

const effectSchema = Type.Object({
  kind: Type.Enum(["suppress", "send", "callback"], { description: "An opt-out, a message to be sent, or another call to be made." }),
  state: Type.Enum(["pending", "done", "expired"]),
  body: Type.Record(Type.String(), Type.Unknown(), {
    description:
      "For `suppress` its `channels` (none: every one) and `scope`; for `send` the `channel`, the `template` and its `values`; always the `reason`.",
  }),
  at: timeSchema,
  dueAt: timeSchema,
  expiresAt: Type.Optional(timeSchema),
});

export const attemptDetailSchema = Type.Object({
  ...attemptSchema.properties,
  script: Type.Optional(
    Type.Object({ name: Type.String(), version: Type.Integer() }, { description: "The version of the script it was made with." }),
  ),
  path: Type.Array(Type.String(), { description: "The steps of the script that were entered, in order." }),
  answers: Type.Array(answerSchema),
  effects: Type.Array(effectSchema),
  events: Type.Array(
    Type.Object({ at: timeSchema, kind: Type.String(), detail: Type.Record(Type.String(), Type.Unknown(), { description: "As the kind has it." }) }),
    { description: "What happened, in order, at most 5,000; without what the ladder tells." },
  ),
  ladder: Type.Optional(ladderSchema),
});

export function showAttemptDetail(attempt: AttemptDetail) {
  return {
    ...showAttempt(attempt),
    ...(attempt.script === undefined ? {} : { script: { ...attempt.script } }),
    path: [...attempt.path],
    answers: attempt.answers.map(({ name, value, durationMs }) => ({ name, value, ...(durationMs === undefined ? {} : { durationMs }) })),
    effects: attempt.effects.map(({ kind, state, body, at, dueAt, expiresAt }) => ({
      kind,
      state,
      body: { ...body },
      at: timeText(at),
      dueAt: timeText(dueAt),
      ...(expiresAt === undefined ? {} : { expiresAt: timeText(expiresAt) }),
    })),
    events: attempt.events.map(({ at, kind, detail }) => ({ at: timeText(at), kind, detail: { ...detail } })),
    ...(attempt.ladder === undefined ? {} : { ladder: showLadder(attempt.ladder) }),
  };
}

export function showAttempt(attempt: AttemptView) {
  const { campaignId, contactId, addressId, calledNumber } = attempt;
  const { result, outcome, reason, sipStatus, q850, callId, answeredAt, endedAt, againAt } = attempt;
  return {
    id: attempt.id,
    ...(campaignId === undefined ? {} : { campaignId }),
    ...(contactId === undefined ? {} : { contactId }),
    ...(addressId === undefined ? {} : { addressId }),
    direction: calledNumber === undefined ? ("outbound" as const) : ("inbound" as const),
    ...(calledNumber === undefined ? {} : { calledNumber }),
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
    ...(againAt === undefined ? {} : { againAt: timeText(againAt) }),
  };
}
