import { Fault } from "../kernel/fault.ts";
import type { Goal } from "../voice/desk-call-transfer-session.ts";
import type { Handlers } from "./agent-handlers.ts";
import type { ApiParts } from "./parts.ts";
import type { ConversationRequest } from "./schema/agent-conversation.ts";
import type { Reply } from "./schema/agent-message.ts";

const ok: Reply = { type: "ok" };

/** What the server does with messages of agents who lead a conversation. */
export function conversationHandlers({ agents }: Pick<ApiParts, "agents">): Handlers<ConversationRequest> {
  const { calls, conversations, previews, recordings } = agents;
  const order = async (agentId: string, wanted: Parameters<typeof conversations.order>[1]): Promise<Reply> => {
    await conversations.order(agentId, wanted);
    return ok;
  };
  const record = async (agentId: string, wanted: Parameters<typeof recordings.order>[1]): Promise<Reply> => {
    await recordings.order(agentId, wanted);
    return ok;
  };
  return {
    "hang-up": async ({ id }) => {
      if (!calls.find(id) && previews.hangUp(id)) return ok;
      return await order(id, { kind: "leave" });
    },
    hold: ({ id }) => order(id, { kind: "hold" }),
    resume: ({ id }) => order(id, { kind: "resume" }),
    mute: ({ id }) => order(id, { kind: "mute" }),
    unmute: ({ id }) => order(id, { kind: "unmute" }),
    "press-keys": ({ id }, { keys }) => order(id, { kind: "press", keys }),
    transfer: async ({ id }, to) => await order(id, { kind: "transfer", to: goalOf(to) }),
    consult: async ({ id }, to) => await order(id, { kind: "consult", to: goalOf(to) }),
    "cancel-consult": ({ id }) => order(id, { kind: "cancel" }),
    swap: ({ id }) => order(id, { kind: "swap" }),
    "complete-transfer": ({ id }) => order(id, { kind: "complete" }),
    conference: ({ id }) => order(id, { kind: "conference" }),
    "drop-third": ({ id }) => order(id, { kind: "drop" }),
    "pause-recording": ({ id }) => record(id, "pause"),
    "resume-recording": ({ id }) => record(id, "resume"),
  };
}

/** @throws Fault `request-invalid` */
function goalOf({ agentId, groupId, number }: Partial<Record<"agentId" | "groupId" | "number", string>>): Goal {
  const given = [agentId, groupId, number].filter((each) => each !== undefined).length;
  if (given === 1 && agentId !== undefined) return { agentId };
  if (given === 1 && groupId !== undefined) return { groupId };
  if (given === 1 && number !== undefined) return { number };
  throw new Fault("request-invalid", "Give one of agentId, groupId and number.");
}
