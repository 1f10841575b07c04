import { type TProperties, Type } from "typebox";
import { type Judgement, judgementNames, judgements } from "../../agent/preview.ts";
import type { PreviewCard, ShownEnd } from "../../agent/preview-ports.ts";
import { codeSchema } from "./agent.ts";
import { historySchema, personSchema, showPerson } from "./agent-call.ts";
import { idSchema, timeText } from "./common.ts";

/* What goes over the agents' WebSocket about the people whom they call themselves. */

const resultMeanings = judgementNames.map((name) => `${name}: ${judgements[name]}`).join("; ");

/** What an agent may ask for who calls somebody themselves. */
export const previewRequests = {
  next: { campaignId: Type.Optional(Type.String({ ...idSchema, description: "Of this campaign; left out: of any of your groups'." })) },
  dial: {},
  skip: { reason: Type.String({ ...codeSchema, description: "One of `skipReasons`." }) },
  "dial-contact": {
    contactId: idSchema,
    campaignId: idSchema,
    number: Type.Optional(
      Type.String({ pattern: "^\\+[1-9]\\d{6,14}$", description: "E.164, where the campaign lets you type one; left out: their first." }),
    ),
  },
  "dial-callback": { callbackId: Type.String({ ...idSchema, description: "One that you took." }) },
  "set-result": { result: Type.Enum([...judgementNames] as Judgement[], { description: `${resultMeanings}.` }) },
  "payment-page": { contactId: idSchema, campaignId: idSchema },
} as const satisfies Record<string, TProperties>;

export type PreviewRequest = keyof typeof previewRequests;

export const previewMeanings = {
  next: {
    about: "You are ready and want somebody of a preview campaign before you; they are yours until you dial or skip, or the time is over.",
    reply: "preview",
  },
  dial: { about: "The person before you is called: your telephone first, unless it is on the line. The gate is asked once more.", reply: "ok" },
  skip: { about: "The person before you is not called; what becomes of them depends on the reason.", reply: "ok" },
  "dial-contact": { about: "You call a person of your campaigns, whether or not it is their turn; not during a call.", reply: "preview" },
  "dial-callback": { about: "You call somebody back. Reached, the callback is done; else you still have it.", reply: "preview" },
  "set-result": { about: "You say what the call is that you have asked for: that is its result, and it is over with this.", reply: "ok" },
  "payment-page": { about: "Where the person can pay, to be opened by you.", reply: "payment-page" },
} as const satisfies Readonly<Record<PreviewRequest, { readonly about: string; readonly reply: string }>>;

export const previewSchema = Type.Object(
  {
    attemptId: idSchema,
    kind: Type.Enum(["preview", "manual", "callback"], { description: "In the campaign's turn, by your choice, or because they asked for it." }),
    phase: Type.Enum(["shown", "dialling", "talking"]),
    campaign: Type.Object({ id: idSchema, name: Type.String() }),
    groupId: Type.String({ ...idSchema, description: "As whose member you have them." }),
    address: Type.String({ description: "To be called (E.164)." }),
    contact: Type.Optional(Type.Object(personSchema)),
    history: historySchema,
    callbackId: Type.Optional(idSchema),
    until: Type.Optional(Type.String({ format: "date-time", description: "Until when you may look." })),
    dialsItself: Type.Boolean({ description: "They are called then, instead of going to somebody else later." }),
    skipReasons: Type.Array(Type.Object({ code: Type.String(), label: Type.String() })),
    paymentUrl: Type.Optional(Type.String({ description: "Where they can pay, to be opened by you." })),
  },
  { description: "Comes when somebody is before you, and again when something of it is otherwise: the newest stands." },
);

export const previewEndedBody = {
  attemptId: idSchema,
  why: Type.Enum(["skipped", "timed-out", "withdrawn", "not-placed", "missed", "unreachable", "called"], {
    description:
      "`withdrawn`: the campaign does not run any more, or you were gone; `not-placed`: nobody could be called, see `reason`; `missed`, `unreachable`: your telephone; `called`: see `result`.",
  }),
  reason: Type.Optional(Type.String()),
  result: Type.Optional(Type.String({ description: "How the call ended (docs/results.md)." })),
} as const;

/** What the server says of it, by type. */
export const previewReplies = {
  preview: { preview: previewSchema },
  "preview-ended": previewEndedBody,
  "payment-page": { url: Type.String() },
} as const satisfies Record<string, TProperties>;

export function showPreview({ campaign, contact, history, until, skipReasons, ...card }: PreviewCard) {
  return {
    ...card,
    campaign: { ...campaign },
    ...(contact && { contact: showPerson(contact) }),
    history: history.map((entry) => ({ ...entry, at: timeText(entry.at) })),
    ...(until !== undefined && { until: timeText(until) }),
    skipReasons: skipReasons.map(({ code, label }) => ({ code, label })),
  };
}

export function showPreviewEnd(end: ShownEnd) {
  const { why } = end;
  return { why, ...("result" in end && { result: end.result }), ...("reason" in end && end.reason !== undefined && { reason: end.reason }) };
}
