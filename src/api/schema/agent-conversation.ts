import { type Static, type TProperties, Type } from "typebox";
import type { Conversation } from "../../agent/conversation.ts";
import { idSchema } from "./common.ts";

/* What goes over the agents' WebSocket about leading a conversation. */

const numberSchema = { pattern: "^\\+[1-9]\\d{6,14}$" };

/** One of them. */
const goal = {
  agentId: Type.Optional(Type.String({ ...idSchema, description: "This agent, who is ready…" })),
  groupId: Type.Optional(Type.String({ ...idSchema, description: "…or the next agent of this group…" })),
  number: Type.Optional(Type.String({ ...numberSchema, description: "…or this number outside (E.164)." })),
} as const;

/** What an agent may ask for in a conversation. */
export const conversationRequests = {
  "hang-up": {},
  hold: {},
  resume: {},
  mute: {},
  unmute: {},
  "press-keys": { keys: Type.String({ pattern: "^[0-9*#]{1,32}$", description: "Digits, * and #." }) },
  transfer: goal,
  consult: goal,
  "cancel-consult": {},
  swap: {},
  "complete-transfer": {},
  conference: {},
  "drop-third": {},
  "pause-recording": {},
  "resume-recording": {},
} as const satisfies Record<string, TProperties>;

export type ConversationRequest = keyof typeof conversationRequests;

export const conversationMeanings: Readonly<Record<ConversationRequest, { readonly about: string; readonly reply: "ok" }>> = {
  "hang-up": {
    about: "You end your conversation, or take back the call that you asked for. Of three, you leave the other two together.",
    reply: "ok",
  },
  hold: { about: "The person hears the hold sound, and you hear nobody.", reply: "ok" },
  resume: { about: "You talk to the person again.", reply: "ok" },
  mute: { about: "Nobody hears you, until `unmute`.", reply: "ok" },
  unmute: { about: "You are heard again.", reply: "ok" },
  "press-keys": { about: "Sends keys to whom you talk to.", reply: "ok" },
  transfer: {
    about:
      "Sends the person on, without you: your wrap-up begins. They hear the hold sound meanwhile; if nobody is reached they come back to your group. `call-refused` says why it cannot be done.",
    reply: "ok",
  },
  consult: {
    about:
      "Calls an agent or a number while the person is held. A `call` message says when they answer (`consulting`), or why they did not (`missed`). An agent sees the person's card, with `consultedBy`.",
    reply: "ok",
  },
  "cancel-consult": { about: "You take the person back; the call of the other one is ended.", reply: "ok" },
  swap: { about: "You talk to the one who waits, and the other one waits.", reply: "ok" },
  "complete-transfer": {
    about:
      "The person and the third talk on without you: your wrap-up begins. Hanging up your telephone does the same. An agent whom you have brought in has the conversation from then on.",
    reply: "ok",
  },
  conference: { about: "All three of you hear each other.", reply: "ok" },
  "drop-third": { about: "You and the person go on without the third.", reply: "ok" },
  "pause-recording": {
    about: "Silence is recorded in place of what is said: before card data or other secrets are. `payment-page` does it by itself.",
    reply: "ok",
  },
  "resume-recording": { about: "What is said is recorded again.", reply: "ok" },
};

export const conversationSchema = Type.Object(
  {
    stage: Type.Enum(["talking", "held", "dialling", "consulting", "swapped", "conference"], {
      description:
        "`talking`: you and the person. `held`: the person waits. `dialling`: as well, while a third is called. `consulting`: you and the third, the person waits; `swapped`: the other way round. `conference`: all three.",
    }),
    muted: Type.Boolean(),
    third: Type.Optional(Type.String({ description: "The number that you have called, or the name of the agent or the group." })),
    notice: Type.Optional(
      Type.Enum(["long-wait", "taken-back"], {
        description: "`long-wait`: the person waits for long, and is given back to you soon. `taken-back`: they were; you talk to them.",
      }),
    ),
    missed: Type.Optional(Type.String({ description: "Why they are not there: `is busy`, `hung up`…" })),
  },
  { description: "Once you have led it anywhere." },
);

export function showConversation(conversation: Conversation): Static<typeof conversationSchema> {
  return { ...conversation };
}
