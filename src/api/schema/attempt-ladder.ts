import { Type } from "typebox";
import type { Ladder } from "../../attempt/ladder.ts";
import { adviceOn } from "../../voice/sip-advice.ts";
import { timeSchema, timeText } from "./common.ts";

const sipSchema = Type.Object(
  {
    sent: Type.Boolean({ description: "By us; else it came from the far side." }),
    method: Type.Optional(Type.String()),
    uri: Type.Optional(Type.String()),
    status: Type.Optional(Type.Integer()),
    phrase: Type.Optional(Type.String()),
    cseq: Type.Optional(Type.String()),
    madeUp: Type.Optional(Type.Boolean({ description: "It was on no wire: drachtio-server gave up waiting, or could reach nobody." })),
    from: Type.Optional(Type.String({ description: "Where it came from: host:port/transport." })),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: "Reason, Warning, Retry-After, Server, User-Agent, where they were there." }),
    ),
    sdp: Type.Optional(Type.String({ description: "The session description in a line." })),
    meaning: Type.Optional(Type.String({ description: "Of a status from 300 on: what it means." })),
    advice: Type.Optional(Type.String({ description: "Of a status from 300 on: what to do." })),
  },
  { description: "A SIP message. Credentials are never in it." },
);

const mediaSchema = Type.Object({
  event: Type.String({
    description:
      "endpoint, answered, prompt (the first one), keys, recording, verdict, transfer, queue, bridge, unbridge, transfer-ended, queue-ended, hang-up, taken-over (by another process, after its own had died).",
  }),
  text: Type.Optional(Type.String({ description: "For people. Secret keys are told by their number only." })),
});

export const ladderSchema = Type.Object(
  {
    startedAt: timeSchema,
    legs: Type.Array(Type.Object({ leg: Type.Integer(), name: Type.String(), callId: Type.String(), from: Type.String(), to: Type.String() }), {
      description: "Each INVITE: one for every trunk that was tried, and for every number of a transfer.",
    }),
    rungs: Type.Array(
      Type.Object({
        ms: Type.Number({ description: "After the first INVITE." }),
        leg: Type.Integer(),
        sip: Type.Optional(sipSchema),
        media: Type.Optional(mediaSchema),
      }),
    ),
    leftOut: Type.Integer({ description: "Rungs that are not here, because there were too many." }),
  },
  { description: "What happened on the wire, written when the call is over; absent before, and when its server died meanwhile." },
);

export function showLadder({ startedAt, legs, rungs, leftOut }: Ladder) {
  return {
    startedAt: timeText(startedAt),
    legs: legs.map((leg) => ({ ...leg })),
    rungs: rungs.map((rung) => {
      const { ms, leg } = rung;
      if (!("sip" in rung)) return { ms, leg, media: { ...rung.media } };
      const { headers, ...sip } = rung.sip;
      return { ms, leg, sip: { ...sip, ...(headers && { headers: { ...headers } }), ...adviceOn(sip.status ?? 0) } };
    }),
    leftOut,
  };
}
