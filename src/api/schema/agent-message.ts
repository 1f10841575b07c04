import { type Static, type TObject, type TProperties, type TSchema, Type } from "typebox";
import { Compile } from "typebox/compile";
import { messageChannels } from "../../attempt/message-ports.ts";
import { Fault } from "../../kernel/fault.ts";
import { placesOf } from "../plugin/problems.ts";
import { placedFault } from "../problem.ts";
import { callbackSchema, codeSchema, deskSchema, dispositionSchema, givenTimeSchema, noteSchema } from "./agent.ts";
import { callEndedBody, callSchema, historySchema, personSchema } from "./agent-call.ts";
import { conversationMeanings, conversationRequests } from "./agent-conversation.ts";
import { previewMeanings, previewReplies, previewRequests, previewSchema } from "./agent-preview.ts";
import { writtenMeanings, writtenReplies, writtenRequests } from "./agent-written.ts";
import { idSchema } from "./common.ts";

/*
 * What goes to and fro over the WebSocket /api/v1/agent: one JSON object a message, whose `type` says what it is. docs/agent-api.md is made of this.
 */

const contact = { contactId: idSchema };
const callback = { callbackId: idSchema };

/** What an agent's program may send, by type, without `type` and `id`. */
export const requestBodies = {
  login: { key: Type.String({ minLength: 1, maxLength: 100, description: "The agent's key. The first message, within 10 s." }) },
  ready: {},
  "not-ready": { reason: Type.String({ ...codeSchema, description: "One of the reason codes in `welcome`." }) },
  logout: {},
  "extend-wrap-up": {},
  ...conversationRequests,
  ...previewRequests,
  search: { text: Type.String({ minLength: 1, maxLength: 200, description: "A client id, a number (E.164), or the beginning of any field." }) },
  contact,
  note: { ...contact, text: noteSchema },
  "opt-out": { ...contact, campaignId: Type.Optional(Type.String({ ...idSchema, description: "Only of this campaign; left out: of all." })) },
  templates: { campaignId: idSchema },
  "send-message": {
    attemptId: Type.Optional(Type.String({ ...idSchema, description: "The conversation; left out: that which you have, or write up." })),
    channel: Type.Enum([...messageChannels]),
    template: Type.String({ minLength: 1, maxLength: 100, description: "One of `templates`." }),
  },
  dispositions: { campaignId: idSchema },
  dispose: {
    attemptId: Type.Optional(Type.String({ ...idSchema, description: "The call that you have, or have had last; or" })),
    callbackId: Type.Optional(Type.String({ ...idSchema, description: "a callback that you took, which is done with this; or else:" })),
    contactId: Type.Optional(idSchema),
    campaignId: Type.Optional(idSchema),
    code: codeSchema,
    note: Type.Optional(noteSchema),
    amount: Type.Optional(Type.Number({ minimum: 0, maximum: 1e12 })),
    date: Type.Optional(Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$", examples: ["2026-12-24"] })),
    ready: Type.Optional(Type.Boolean({ description: "With `attemptId`, in a wrap-up: it is over with this, and you take the next call." })),
  },
  ...writtenRequests,
  callbacks: {},
  "take-callback": callback,
  "put-back-callback": callback,
  "schedule-callback": {
    ...contact,
    campaignId: idSchema,
    dueAt: givenTimeSchema,
    personal: Type.Optional(Type.Boolean({ description: "Only for you…" })),
    fallbackAt: Type.Optional(Type.String({ ...givenTimeSchema, description: "…until then." })),
    note: Type.Optional(noteSchema),
  },
} as const satisfies Record<string, TProperties>;

export type RequestType = keyof typeof requestBodies;
export type RequestBody<Type extends RequestType> = Static<TObject<(typeof requestBodies)[Type]>>;

/** What each request asks for, and the type of its reply. */
export const requestMeanings: Readonly<Record<RequestType, { readonly about: string; readonly reply: ReplyType }>> = {
  login: { about: "Says who you are. Another program of the same agent is told `bye` with `replaced`.", reply: "welcome" },
  ready: { about: "You take calls. Ends a wrap-up; in a conversation it takes a `not-ready` or `logout` back.", reply: "ok" },
  "not-ready": { about: "You take no calls. In a conversation it comes when that is over.", reply: "ok" },
  logout: { about: "As not-ready; then `bye`.", reply: "ok" },
  "extend-wrap-up": { about: "Puts the end of your wrap-up off, as far as your group allows.", reply: "ok" },
  search: { about: "Looks for people on the lists of your groups' campaigns; at most 20.", reply: "contacts" },
  contact: { about: "One person, with what happened to them.", reply: "contact" },
  note: { about: "Writes a note about a person.", reply: "ok" },
  "opt-out": { about: "The person wants no more calls or messages: what waits or rings for them is withdrawn.", reply: "ok" },
  templates: { about: "Messages that you may have sent in conversations of a campaign; at most 500.", reply: "templates" },
  "send-message": {
    about:
      "The person of the conversation gets this SMS or e-mail, within the hour; each template once for a conversation. `message-refused` says why not: the server has no sender for that channel, no such address, an opt-out, a field that they lack.",
    reply: "ok",
  },
  dispositions: { about: "What you may say of a conversation of a campaign.", reply: "dispositions" },
  dispose: { about: "What you say about a conversation: of your call, of a callback that you took, or of a contact in a campaign.", reply: "ok" },
  ...conversationMeanings,
  ...previewMeanings,
  ...writtenMeanings,
  callbacks: { about: "Who wants to be called back by you or your groups, soonest first.", reply: "callbacks" },
  "take-callback": { about: "You call this person back. Only when it is due and the person may be called.", reply: "callback" },
  "put-back-callback": { about: "You do not, after all.", reply: "ok" },
  "schedule-callback": { about: "The person wants to be called at a time.", reply: "callback" },
};

const knownContact = { ...personSchema, campaignIds: Type.Array(idSchema, { description: "Of your groups." }) };

/** What the server sends, by type, without `type`; and what of it answers a request has that one's `id`. */
export const replyBodies = {
  welcome: {
    agent: Type.Object({ id: idSchema, name: Type.String() }),
    desk: deskSchema,
    groups: Type.Array(Type.Object({ id: idSchema, name: Type.String(), priority: Type.Integer(), skills: Type.Array(Type.String()) })),
    reasons: Type.Array(Type.Object({ code: Type.String(), label: Type.String() })),
    /** For how long a connection may be gone. */
    graceMs: Type.Integer({ description: "Log in again within this time, and nothing is lost." }),
    call: Type.Optional(callSchema),
    preview: Type.Optional(previewSchema),
  },
  ok: {},
  contacts: { items: Type.Array(Type.Object(knownContact)) },
  contact: { contact: Type.Object({ ...knownContact, history: historySchema }) },
  dispositions: { items: Type.Array(dispositionSchema) },
  templates: { items: Type.Array(Type.Object({ name: Type.String(), channel: Type.Enum([...messageChannels]) })) },
  callbacks: { items: Type.Array(callbackSchema) },
  callback: { callback: callbackSchema },
  desk: { desk: deskSchema },
  call: { call: callSchema },
  "call-ended": callEndedBody,
  ...previewReplies,
  ...writtenReplies,
  error: {
    code: Type.String({ description: "Stable; what programs look at. The same as of problem documents." }),
    message: Type.String(),
    errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), message: Type.String() }))),
  },
  bye: { code: Type.Enum(["replaced", "logged-out", "unauthorized", "login-late", "rate-limited", "too-many-messages"]), message: Type.String() },
} as const satisfies Record<string, TProperties>;

export type ReplyType = keyof typeof replyBodies;
export type ReplyBody<Type extends ReplyType> = Static<TObject<(typeof replyBodies)[Type]>>;
/** A message to the program, without the id of what it answers. */
export type Reply = { readonly [Type in ReplyType]: { readonly type: Type } & ReplyBody<Type> }[ReplyType];

const requestId = Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: "Yours; the answer has it too." }));
const strict = { additionalProperties: false };

export function requestSchema(type: RequestType): TSchema {
  return Type.Object({ type: Type.Literal(type), id: requestId, ...requestBodies[type] }, strict);
}

export function replySchema(type: ReplyType): TSchema {
  return Type.Object({ type: Type.Literal(type), id: requestId, ...replyBodies[type] }, strict);
}

/** A message that fits its schema. */
export interface Request {
  readonly type: RequestType;
  readonly id: string | undefined;
  readonly body: unknown;
}

const checks = new Map(Object.keys(requestBodies).map((type) => [type, Compile(requestSchema(type as RequestType))]));

/**
 * Reads a message of an agent's program. Its `id`, as far as one can be made out, is with the fault too.
 * @throws Fault `request-invalid` with the places
 */
export function readRequest(text: string): Request {
  const message = parse(text);
  const id = idOf(message);
  const { type } = message;
  const check = typeof type === "string" ? checks.get(type) : undefined;
  if (!check) {
    const known = Object.keys(requestBodies).join(", ");
    throw placedFault("request-invalid", `/type must be one of ${known}`, [{ pointer: "/type", message: `must be one of ${known}` }], {
      detail: { id },
    });
  }
  if (!check.Check(message)) {
    const places = check.Errors(message).flatMap((finding) => placesOf("body", { ...finding, params: { ...finding.params } }));
    throw placedFault("request-invalid", places.map((place) => `${place.pointer} ${place.message}`).join("; "), places, { detail: { id } });
  }
  const { type: _, id: __, ...body } = message;
  return { type: type as RequestType, id, body };
}

/** The id of a message that is not read any further. */
export function readId(text: string): string | undefined {
  try {
    return idOf(parse(text));
  } catch {
    return undefined;
  }
}

function idOf({ id }: Readonly<Record<string, unknown>>): string | undefined {
  return typeof id === "string" && id.length <= 64 ? id : undefined;
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return Object.fromEntries(Object.entries(value));
  } catch {
    // Said below.
  }
  throw new Fault("request-invalid", "A message is one JSON object with a type.");
}
