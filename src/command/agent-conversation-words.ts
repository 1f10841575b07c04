import { type Command, type Meaning, request } from "./agent-command.ts";

const plain = (usage: string, about: string, ask: string): Command => ({
  usage,
  about,
  read: (words) => (words.length === 0 ? request(ask) : undefined),
});

/** What an agent says while they lead a conversation. */
export const conversationCommands: Readonly<Record<string, Command>> = {
  hold: plain("hold", "the person waits", "hold"),
  resume: plain("resume", "talk to the person again", "resume"),
  mute: plain("mute", "nobody hears you", "mute"),
  unmute: plain("unmute", "you are heard again", "unmute"),
  press: {
    usage: "press KEYS",
    about: "send keys to whom you talk to",
    read: ([keys, ...more]) => (keys && more.length === 0 ? request("press-keys", { keys }) : undefined),
  },
  transfer: {
    usage: "transfer agent AGENT | group GROUP | NUMBER",
    about: "send the person on, without you",
    read: (words) => toWhom("transfer", words),
  },
  consult: {
    usage: "consult agent AGENT | group GROUP | NUMBER",
    about: "talk to somebody else while the person waits",
    read: (words) => toWhom("consult", words),
  },
  cancel: plain("cancel", "take the person back, without the one you called", "cancel-consult"),
  swap: plain("swap", "talk to the one who waits", "swap"),
  complete: plain("complete", "leave the person with the one you called", "complete-transfer"),
  conference: plain("conference", "talk all three", "conference"),
  drop: plain("drop", "go on without the one you called", "drop-third"),
  stoprec: plain("stoprec", "silence is recorded in place of what is said", "pause-recording"),
  rec: plain("rec", "what is said is recorded again", "resume-recording"),
};

function toWhom(ask: string, [kind, id, ...more]: readonly string[]): Meaning | undefined {
  if (more.length > 0 || kind === undefined) return undefined;
  if (id === undefined) return kind.startsWith("+") ? request(ask, { number: kind }) : undefined;
  if (kind === "agent") return request(ask, { agentId: id });
  return kind === "group" ? request(ask, { groupId: id }) : undefined;
}
