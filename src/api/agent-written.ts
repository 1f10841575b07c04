import { Fault } from "../kernel/fault.ts";
import type { Handlers } from "./agent-handlers.ts";
import type { ApiParts } from "./parts.ts";
import type { Reply } from "./schema/agent-message.ts";
import { showWritten, showWrittenCard, type WrittenRequest } from "./schema/agent-written.ts";

const ok: Reply = { type: "ok" };

/** What the server does with messages of agents who answer what people write. */
export function writtenHandlers({ written }: Pick<ApiParts, "written">): Handlers<WrittenRequest> {
  const shown = (card: Parameters<typeof showWrittenCard>[0], agentId: string): Reply => ({
    type: "conversation",
    conversation: showWrittenCard(card, agentId),
  });
  return {
    conversations: async ({ id }) => ({ type: "conversations", items: (await written.list(id)).map((each) => showWritten(each, id)) }),
    "show-conversation": async ({ id }, { conversationId }) => shown(await written.show(id, conversationId), id),
    "take-conversation": async ({ id }, { conversationId }) => shown(await written.take(id, conversationId), id),
    "put-back-conversation": async ({ id }, { conversationId }) => {
      await written.putBack(id, conversationId);
      return ok;
    },
    reply: async ({ id, name }, { conversationId, text, template }) => {
      if ((text === undefined) === (template === undefined)) throw new Fault("request-invalid", "Give either text or template.");
      const said = text === undefined ? { template: template ?? "" } : { text };
      return shown(await written.reply({ id, name }, conversationId, said), id);
    },
    "close-conversation": async ({ id, name }, { conversationId, ...said }) => {
      await written.dispose({ id, name }, conversationId, said);
      return ok;
    },
  };
}
