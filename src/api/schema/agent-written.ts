import { type Static, type TProperties, Type } from "typebox";
import { type WrittenCard, type WrittenConversation, writtenStates } from "../../agent/written-ports.ts";
import { messageChannels } from "../../attempt/message-ports.ts";
import { codeSchema, noteSchema } from "./agent.ts";
import { personSchema, showPerson } from "./agent-call.ts";
import { idSchema, timeSchema, timeText } from "./common.ts";

/* What goes over the agents' WebSocket about what people write. */

const conversation = { conversationId: idSchema };

/** What an agent may ask for. */
export const writtenRequests = {
  conversations: {},
  "show-conversation": conversation,
  "take-conversation": conversation,
  "put-back-conversation": conversation,
  reply: {
    ...conversation,
    text: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 10_000,
        pattern: "^(?:\\P{Cc}|[\\n\\t])*$",
        description: "These words (by SMS at most 1,600 characters)…",
      }),
    ),
    template: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: "…or this template, with what is known of the person." })),
  },
  "close-conversation": { ...conversation, code: codeSchema, note: Type.Optional(noteSchema) },
} as const satisfies Record<string, TProperties>;

export type WrittenRequest = keyof typeof writtenRequests;

export const writtenMeanings: Readonly<Record<WrittenRequest, { readonly about: string; readonly reply: "ok" | "conversations" | "conversation" }>> =
  {
    conversations: {
      about: "What people have written to you, and what waits for your groups: who has waited longest first; at most 200.",
      reply: "conversations",
    },
    "show-conversation": { about: "One of them, with all that went to and fro; at most 100 messages.", reply: "conversation" },
    "take-conversation": {
      about: "You answer this person. While you are ready such conversations come by themselves, until you have five.",
      reply: "conversation",
    },
    "put-back-conversation": { about: "You do not, after all: another agent gets it.", reply: "ok" },
    reply: {
      about:
        "The person gets this, from the number or the mailbox that they wrote to; by e-mail in answer to their last one. `message-refused` says why not: an opt-out, a sender that is not there any more, a field that they lack.",
      reply: "conversation",
    },
    "close-conversation": {
      about:
        "It is over, and this is what came of it: one of the `dispositions` of its campaign. What the person writes after that begins another one.",
      reply: "ok",
    },
  };

/** What hangs on an e-mail. */
export const attachmentsSchema = Type.Array(
  Type.Object({
    filename: Type.String({ description: "As its sender calls it." }),
    type: Type.String({ description: "As its sender says.", examples: ["image/png"] }),
    octets: Type.Integer(),
  }),
  { description: "What hangs on it, at most 20. It is named, and cannot be opened here." },
);

export const conversationFields = {
  id: idSchema,
  channel: Type.Enum([...messageChannels]),
  person: Type.String({ description: "Their number or mailbox." }),
  ours: Type.String({ description: "The number or mailbox of ours that they wrote to." }),
  group: Type.Object({ id: idSchema, name: Type.String() }),
  state: Type.Enum([...writtenStates]),
  yours: Type.Boolean(),
  openedAt: timeSchema,
  waitsSince: Type.Optional(Type.String({ ...timeSchema, description: "They have no answer yet." })),
  contactId: Type.Optional(idSchema),
  campaign: Type.Optional(Type.Object({ id: idSchema, name: Type.String() })),
};

export const cardSchema = Type.Object(
  {
    ...conversationFields,
    lines: Type.Array(
      Type.Object({
        at: timeSchema,
        from: Type.Enum(["person", "us"]),
        text: Type.String({ description: "Of an e-mail what they wrote, without what they quote; of one of ours that no agent wrote it is empty." }),
        subject: Type.Optional(Type.String({ description: "Of an e-mail." })),
        attachments: Type.Optional(attachmentsSchema),
        agent: Type.Optional(Type.String({ description: "Who wrote it." })),
        standing: Type.Optional(
          Type.String({
            description: "Of ours: its result, `sending`, or why it was not sent. Of theirs: what it was taken for, such as `stop` or `opt-out`.",
          }),
        ),
      }),
      { description: "Everything between the two numbers or mailboxes, the oldest first." },
    ),
    contact: Type.Optional(Type.Object(personSchema, { description: "None for somebody who is on no list." })),
  },
  { description: "Comes when it is yours, and again when something of it is otherwise: the newest stands." },
);

export const writtenReplies = {
  conversations: { items: Type.Array(Type.Object(conversationFields)) },
  conversation: { conversation: cardSchema },
  "conversation-ended": { conversationId: Type.String({ ...idSchema, description: "It is not yours any more." }) },
} as const satisfies Record<string, TProperties>;

/** @param agentId who sees it */
export function showWritten(conversation: WrittenConversation, agentId: string): Static<ReturnType<typeof Type.Object<typeof conversationFields>>> {
  const { id, channel, person, ours, group, state, takenBy, openedAt, waitsSince, contactId, campaign } = conversation;
  return {
    ...{ id, channel, person, ours, group: { ...group }, state, yours: takenBy === agentId, openedAt: timeText(openedAt) },
    ...(waitsSince !== undefined && { waitsSince: timeText(waitsSince) }),
    ...(contactId !== undefined && { contactId }),
    ...(campaign && { campaign: { ...campaign } }),
  };
}

export function showWrittenCard(card: WrittenCard, agentId: string): Static<typeof cardSchema> {
  const { lines, contact } = card;
  return {
    ...showWritten(card, agentId),
    lines: lines.map(({ attachments, ...line }) => ({ ...line, at: timeText(line.at), ...(attachments && { attachments: [...attachments] }) })),
    ...(contact && { contact: showPerson(contact) }),
  };
}
