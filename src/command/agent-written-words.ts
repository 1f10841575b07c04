import { type Command, request } from "./agent-command.ts";

const about = (usage: string, told: string, ask: string): Command => ({
  usage: `${usage} CONVERSATION`,
  about: told,
  read: ([conversationId, ...more]) => (conversationId && more.length === 0 ? request(ask, { conversationId }) : undefined),
});

/** What an agent says about what people have written. */
export const writtenCommands: Readonly<Record<string, Command>> = {
  texts: {
    usage: "texts",
    about: "what people have written and wait for",
    read: (words) => (words.length === 0 ? request("conversations") : undefined),
  },
  text: about("text", "one of them, with all that went to and fro", "show-conversation"),
  answer: about("answer", "you answer this person", "take-conversation"),
  leave: about("leave", "another agent answers them", "put-back-conversation"),
  reply: {
    usage: "reply CONVERSATION TEXT",
    about: "the person gets this, by SMS or e-mail as they wrote",
    read: ([conversationId, ...text]) => (conversationId && text.length > 0 ? request("reply", { conversationId, text: text.join(" ") }) : undefined),
  },
  replywith: {
    usage: "replywith CONVERSATION TEMPLATE",
    about: "the person gets this template, by SMS or e-mail as they wrote",
    read: ([conversationId, template, ...more]) => (template && more.length === 0 ? request("reply", { conversationId, template }) : undefined),
  },
  close: {
    usage: "close CONVERSATION CODE [NOTE]",
    about: "it is over, and what came of it",
    read: ([conversationId, code, ...note]) =>
      code ? request("close-conversation", { conversationId, code, ...(note.length > 0 && { note: note.join(" ") }) }) : undefined,
  },
};
