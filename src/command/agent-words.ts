import { messageChannels } from "../attempt/message-ports.ts";
import { nearest } from "../kernel/nearest.ts";
import { type Command, type InHand, type Meaning, request } from "./agent-command.ts";
import { conversationCommands } from "./agent-conversation-words.ts";
import type { Message } from "./agent-line.ts";
import { previewCommands } from "./agent-preview-words.ts";
import { writtenCommands } from "./agent-written-words.ts";

/** Every command; one that reads a line as undefined was used otherwise than its usage says. */
const commands: Readonly<Record<string, Command>> = {
  ready: { usage: "ready", about: "take calls", read: (words) => (words.length === 0 ? request("ready") : undefined) },
  pause: {
    usage: "pause REASON",
    about: "take no calls, for one of the reasons",
    read: ([reason, ...more]) => (reason && more.length === 0 ? request("not-ready", { reason }) : undefined),
  },
  hangup: { usage: "hangup", about: "end your conversation", read: (words) => (words.length === 0 ? request("hang-up") : undefined) },
  ...conversationCommands,
  ...previewCommands,
  ...writtenCommands,
  more: { usage: "more", about: "more time for the wrap-up", read: (words) => (words.length === 0 ? request("extend-wrap-up") : undefined) },
  find: {
    usage: "find TEXT",
    about: "people by client id, number, or the beginning of a field",
    read: (words) => (words.length > 0 ? request("search", { text: words.join(" ") }) : undefined),
  },
  show: {
    usage: "show CONTACT",
    about: "a person, and what happened to them",
    read: ([contactId, ...more]) => (contactId && more.length === 0 ? request("contact", { contactId }) : undefined),
  },
  note: {
    usage: "note CONTACT TEXT",
    about: "write something down about a person",
    read: ([contactId, ...text]) => (contactId && text.length > 0 ? request("note", { contactId, text: text.join(" ") }) : undefined),
  },
  optout: {
    usage: "optout CONTACT [CAMPAIGN]",
    about: "the person wants no more calls, of that campaign or of all",
    read: ([contactId, campaignId, ...more]) =>
      contactId && more.length === 0 ? request("opt-out", { contactId, ...(campaignId && { campaignId }) }) : undefined,
  },
  callbacks: { usage: "callbacks", about: "who wants to be called back", read: (words) => (words.length === 0 ? request("callbacks") : undefined) },
  take: {
    usage: "take CALLBACK",
    about: "call this person back",
    read: ([callbackId, ...more]) => (callbackId && more.length === 0 ? request("take-callback", { callbackId }) : undefined),
  },
  back: {
    usage: "back [CALLBACK]",
    about: "put a callback back (the last one that you took)",
    read: ([given, ...more], { callbackId = given }) =>
      more.length > 0 ? undefined : callbackId ? request("put-back-callback", { callbackId: given ?? callbackId }) : noCallback,
  },
  templates: {
    usage: "templates CAMPAIGN",
    about: "messages that you may have sent",
    read: ([campaignId, ...more]) => (campaignId && more.length === 0 ? request("templates", { campaignId }) : undefined),
  },
  send: {
    usage: "send sms|email TEMPLATE",
    about: "have the person of your call written to, during it or in its wrap-up",
    read: ([channel, template, ...more], { attemptId }) => {
      if (!template || more.length > 0 || !messageChannels.some((known) => known === channel)) return undefined;
      return attemptId ? request("send-message", { attemptId, channel, template }) : { say: "You have had no call." };
    },
  },
  codes: {
    usage: "codes CAMPAIGN",
    about: "what you may say of a conversation",
    read: ([campaignId, ...more]) => (campaignId && more.length === 0 ? request("dispositions", { campaignId }) : undefined),
  },
  done: {
    usage: "done CODE [amount=NUMBER] [date=2026-12-24] [NOTE]",
    about: "what came of your call, after which you are ready; or of the callback that you took",
    read: ([code, ...rest], { callbackId, attemptId }) => {
      if (!code) return undefined;
      if (callbackId) return request("dispose", { callbackId, code, ...details(rest) });
      return attemptId ? request("dispose", { attemptId, code, ...details(rest), ready: true }) : { say: "You have had no call, and no callback." };
    },
  },
  say: {
    usage: "say CONTACT CAMPAIGN CODE [amount=NUMBER] [date=2026-12-24] [NOTE]",
    about: "what came of another conversation",
    read: ([contactId, campaignId, code, ...rest]) => (code ? request("dispose", { contactId, campaignId, code, ...details(rest) }) : undefined),
  },
  call: {
    usage: "call CONTACT CAMPAIGN TIME [mine] [NOTE]",
    about: "the person is to be called at that time: +30m, +2h, +1d, or 2026-12-24T18:30",
    read: ([contactId, campaignId, time = "", ...rest], { now }) => {
      const dueAt = timeOf(time, now);
      if (!contactId || !campaignId || dueAt === undefined) return undefined;
      const [personal, note] = rest[0] === "mine" ? [true, rest.slice(1)] : [false, rest];
      return request("schedule-callback", { contactId, campaignId, dueAt, personal, ...(note.length > 0 && { note: note.join(" ") }) });
    },
  },
  quit: { usage: "quit", about: "log out", read: (words) => (words.length === 0 ? { leave: true } : undefined) },
};

const noCallback: Meaning = { say: "You have no callback; take one first." };

export const helpText = Object.values(commands)
  .map(({ usage, about }) => `  ${usage.padEnd(40)} ${about}`)
  .join("\n");

/** What a line that a person typed means. */
export function readLine(line: string, hand: InHand): Meaning {
  const [word = "", ...words] = line.trim().split(/\s+/);
  if (word === "") return { nothing: true };
  if (word === "help" || word === "?") return { say: helpText };
  const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
  if (!command) {
    const meant = nearest(word, Object.keys(commands));
    return { say: `There is no ${word}. ${meant === undefined ? "help tells what there is." : `Did you mean ${meant}?`}` };
  }
  return command.read(words, hand) ?? { say: `${command.usage}   ${command.about}` };
}

function details(words: readonly string[]): Message {
  const found: Record<string, unknown> = {};
  const note: string[] = [];
  for (const word of words) {
    const [, name, value = ""] = /^(amount|date)=(.+)$/.exec(word) ?? [];
    if (name === undefined) note.push(word);
    else found[name] = name === "amount" ? Number(value) : value;
  }
  return { ...found, ...(note.length > 0 && { note: note.join(" ") }) };
}

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time by the clock of this machine, in RFC 3339; undefined when it is none. */
function timeOf(text: string, now: number): string | undefined {
  const [, count, unit = ""] = /^\+(\d{1,4})([mhd])$/.exec(text) ?? [];
  const at =
    count === undefined ? (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) ? Date.parse(text) : Number.NaN) : now + Number(count) * (units[unit] ?? 0);
  return Number.isFinite(at) ? new Date(at).toISOString() : undefined;
}
