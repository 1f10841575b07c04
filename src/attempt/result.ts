/** The channels an attempt can go by, and a suppression can cover. */
export const channelNames = ["voice", "sms", "email"] as const;
export type ChannelName = (typeof channelNames)[number];

/** What one row of the result table says; see `results`. */
export interface ResultFacts {
  /** Channels on which it can occur. */
  channels: readonly ChannelName[];
  /** False while a later report (a DLR, a bounce) may still move it on. */
  final: boolean;
  /** Whether a live person was reached. */
  person: boolean;
  /** Whether it counts under the frequency caps: true as soon as the person may have noticed something. An attempt that was answered counts whatever its result. */
  counts: boolean;
  /** The call_result number of the Genesys export (reference list in docs/results.md). */
  callResult: number;
  /** One line for reports and the API document. */
  meaning: string;
}

const voice = ["voice"] as const;
const messages = ["sms", "email"] as const;
const every = ["voice", "sms", "email"] as const;

/**
 * The one result vocabulary for all channels. `interrupted` is final on voice (a leg's end cannot be learnt later) but
 * a DLR or a bounce may still resolve it on the message channels; see `mayBecome`.
 */
export const results = {
  human: { channels: voice, final: true, person: true, counts: true, callResult: 33, meaning: "a person answered" },
  machine: { channels: voice, final: true, person: false, counts: true, callResult: 9, meaning: "a machine answered and no message was left" },
  "machine-message": { channels: voice, final: true, person: false, counts: true, callResult: 9, meaning: "a machine answered and took our message" },
  "no-answer": { channels: voice, final: true, person: false, counts: true, callResult: 7, meaning: "it rang and nobody answered" },
  busy: { channels: voice, final: true, person: false, counts: true, callResult: 6, meaning: "the line was busy" },
  "bad-number": { channels: every, final: true, person: false, counts: false, callResult: 11, meaning: "the number or mailbox does not exist" },
  rejected: { channels: every, final: true, person: false, counts: true, callResult: 5, meaning: "the person or their provider declined it" },
  fax: { channels: voice, final: true, person: false, counts: true, callResult: 17, meaning: "a fax machine answered" },
  sit: { channels: voice, final: true, person: false, counts: false, callResult: 8, meaning: "special information tones were heard" },
  silence: { channels: voice, final: true, person: false, counts: true, callResult: 32, meaning: "answered, and nothing was heard" },
  congestion: { channels: every, final: true, person: false, counts: false, callResult: 10, meaning: "no free line, or the far side throttled us" },
  "carrier-fault": {
    channels: every,
    final: true,
    person: false,
    counts: false,
    callResult: 43,
    meaning: "the trunk, the bind or a server of ours failed, perhaps while somebody was on the line",
  },
  abandoned: { channels: voice, final: true, person: true, counts: true, callResult: 21, meaning: "a person answered and got no agent in time" },
  dropped: { channels: voice, final: true, person: true, counts: true, callResult: 26, meaning: "the call broke while a person was on it" },
  canceled: { channels: every, final: true, person: false, counts: false, callResult: 52, meaning: "withdrawn by us before it reached anybody" },
  interrupted: {
    channels: every,
    final: true,
    person: false,
    counts: true,
    callResult: 28,
    meaning: "our server stopped while it was going out; never repeated by itself",
  },
  sent: { channels: messages, final: false, person: false, counts: true, callResult: 0, meaning: "accepted by the next server" },
  delivered: { channels: messages, final: true, person: false, counts: true, callResult: 33, meaning: "delivered to the device or mailbox" },
  undelivered: { channels: messages, final: true, person: false, counts: true, callResult: 3, meaning: "could not be delivered" },
  expired: { channels: messages, final: true, person: false, counts: true, callResult: 46, meaning: "its validity ended before delivery" },
  "bounced-hard": { channels: ["email"], final: true, person: false, counts: true, callResult: 11, meaning: "the mailbox does not exist" },
  "bounced-soft": { channels: ["email"], final: true, person: false, counts: true, callResult: 3, meaning: "the mailbox could not take it now" },
  complained: { channels: ["email"], final: true, person: false, counts: true, callResult: 51, meaning: "the person reported it as unwanted" },
} as const satisfies Record<string, ResultFacts>;

export type Result = keyof typeof results;

export const resultNames = Object.keys(results) as readonly Result[];

export function isResult(word: string): word is Result {
  return Object.hasOwn(results, word);
}

/**
 * Whether an attempt that ended as `from` may still be moved to `to` by a later report. Only `sent` and, on the
 * message channels, `interrupted` move, and only forward to an end.
 */
export function mayBecome(channel: ChannelName, from: Result, to: Result): boolean {
  const facts: ResultFacts = results[to];
  if (!facts.final || !facts.channels.includes(channel)) return false;
  return from === "sent" || (from === "interrupted" && to !== "interrupted" && channel !== "voice");
}
