import { Type } from "typebox";
import type { CallCard } from "../../agent/card.ts";
import { conversationSchema, showConversation } from "./agent-conversation.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";

/* What goes over the agents' WebSocket about the calls that they have. */

export const historySchema = Type.Array(
  Type.Object({ at: timeSchema, kind: Type.Enum(["attempt", "disposition", "note", "suppressed", "message", "wrote"]), text: Type.String() }),
);

export const personSchema = {
  contactId: idSchema,
  clientId: Type.Optional(Type.String()),
  timeZone: Type.Optional(Type.String()),
  addresses: Type.Array(Type.Object({ kind: Type.String(), number: Type.String() })),
  fields: Type.Record(Type.String(), Type.String()),
};

export const callSchema = Type.Object(
  {
    attemptId: idSchema,
    direction: Type.Enum(["outbound", "inbound"]),
    campaign: Type.Optional(Type.Object({ id: idSchema, name: Type.String() })),
    groupId: Type.String({ ...idSchema, description: "As whose member you have it." }),
    address: Type.Optional(Type.String({ description: "Of the person (E.164), unless they hide it." })),
    number: Type.String({ description: "The number of ours that they see, or have called." }),
    contact: Type.Optional(Type.Object(personSchema, { description: "None for somebody who is on no list." })),
    history: historySchema,
    paymentUrl: Type.Optional(Type.String({ description: "Where they can pay, to be opened by you." })),
    answers: Type.Record(Type.String(), Type.String(), { description: "What they have answered before, by the name of the question." }),
    waitedMs: Type.Integer({ description: "How long they have waited for you." }),
    rings: Type.Boolean({ description: "Your telephone rings: pick it up." }),
    consultedBy: Type.Optional(
      Type.Object(
        { id: idSchema, name: Type.String() },
        { description: "This agent has them on the line, and asks you. Without it the call is yours: a `call` message says when it comes to be." },
      ),
    ),
    recording: Type.Optional(
      Type.Enum(["on", "paused"], { description: "What is said is kept; `paused`: silence is, since you asked for it or for the payment page." }),
    ),
    conversation: Type.Optional(conversationSchema),
  },
  { description: "Comes before you hear anybody, and again when something of it is otherwise: the newest stands." },
);

export const callEndedBody = {
  attemptId: idSchema,
  why: Type.Enum(["person-left", "agent-left", "handed-over", "failed", "missed", "withdrawn", "consulted"], {
    description:
      "You talked, and `person-left`, `agent-left` (you), it was `handed-over` to somebody else, or `failed` by our fault; or you did not: `missed`, or it was `withdrawn`, since the person had gone. `consulted`: another agent asked you, and goes on without you.",
  }),
} as const;

export function showCall({ campaign, contact, history, answers, conversation, consultedBy, ...card }: CallCard) {
  return {
    ...card,
    ...(consultedBy && { consultedBy: { ...consultedBy } }),
    ...(conversation && { conversation: showConversation(conversation) }),
    ...(campaign && { campaign: { ...campaign } }),
    ...(contact && { contact: showPerson(contact) }),
    history: history.map((entry) => ({ ...entry, at: timeText(entry.at) })),
    answers: { ...answers },
  };
}

export function showPerson({ contactId, clientId, timeZone, addresses, fields }: NonNullable<CallCard["contact"]>) {
  return {
    contactId,
    ...(clientId !== undefined && { clientId }),
    ...(timeZone !== undefined && { timeZone }),
    addresses: addresses.map((each) => ({ ...each })),
    fields: { ...fields },
  };
}
