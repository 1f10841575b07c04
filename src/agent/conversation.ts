/** Who takes part in a conversation: the person, the agent whose call it is, and somebody whom the agent has brought in. */
export type Party = "person" | "agent" | "third";

/**
 * Where a conversation stands. `talking`: agent and person. `held`: the person waits. `dialling`: the person waits while a third is rung. `consulting`:
 * the agent talks to the third, and the person waits. `swapped`: the other way round. `conference`: all three.
 */
export type Stage = "talking" | "held" | "dialling" | "consulting" | "swapped" | "conference";

export interface Conversation {
  readonly stage: Stage;
  /** The agent is not heard, by anybody. */
  readonly muted: boolean;
  /** Who has been brought in, or is rung: a number (E.164), or the name of an agent or a group. */
  readonly third?: string;
  /** Why the one who was called last is not there. */
  readonly missed?: string;
  /** What the agent is to know: the person has waited for long, or has been taken back since they had waited for as long as they may. */
  readonly notice?: "long-wait" | "taken-back";
}

/** What an agent may want of a conversation. */
export type ConversationOrder =
  | { readonly kind: "hold" | "resume" | "mute" | "unmute" | "cancel" | "swap" | "conference" | "drop" | "complete" | "leave" | "transfer" | "press" }
  | { readonly kind: "consult"; readonly third: string };

/** What happens to the third by itself. */
export type ThirdEvent = { readonly kind: "third-here"; readonly third?: string } | { readonly kind: "third-gone"; readonly why: string };

export type ConversationEvent = ConversationOrder | ThirdEvent;

/**
 * What follows: where it stands now; or that the agent is out of it, and what becomes of the person: `third` talks on with them, `elsewhere` they are
 * sent on, `script` they go on alone.
 */
export type ConversationMove = { readonly now: Conversation } | { readonly out: "third" | "elsewhere" | "script" } | { readonly refused: string };

export const beginning: Conversation = { stage: "talking", muted: false };

/** Who hears whom; everybody else waits, with something to hear, but for the agent, for whom silence is right. */
const together: Readonly<Record<Stage, readonly Party[]>> = {
  talking: ["person", "agent"],
  held: [],
  dialling: [],
  consulting: ["agent", "third"],
  swapped: ["person", "agent"],
  conference: ["person", "agent", "third"],
};

export interface Arrangement {
  /** They hear each other: nobody, two, or three. */
  readonly together: readonly Party[];
  /** They hear that they are held. */
  readonly waiting: readonly Party[];
}

export function arrangement({ stage }: Pick<Conversation, "stage">): Arrangement {
  const others: readonly Party[] = hasThird(stage) ? ["person", "third"] : ["person"];
  return { together: together[stage], waiting: others.filter((party) => !together[stage].includes(party)) };
}

/** Where the third is on the line. */
export function hasThird(stage: Stage): boolean {
  return stage === "consulting" || stage === "swapped" || stage === "conference";
}

/** Who is with the person when the agent is gone, be it that the telephone broke: whoever was brought in, else their script. */
export function withoutAgent({ stage }: Conversation): "third" | "script" {
  return hasThird(stage) ? "third" : "script";
}

/** What is said where an order does not fit. */
const wrong: Readonly<Record<Stage, string>> = {
  talking: "You are talking to the person, and to nobody else.",
  held: "The person is on hold: resume first.",
  dialling: "Somebody is being called: cancel that first.",
  consulting: "You are talking to somebody else: complete the transfer, make it a conference, swap or cancel first.",
  swapped: "Somebody else waits for you: complete the transfer, make it a conference, swap or cancel first.",
  conference: "You are three: drop the third one, or leave them together.",
};

/** Moves by stage and event; what is not in it does not fit. */
const moves: Readonly<Record<Stage, Partial<Record<ConversationEvent["kind"], Stage>>>> = {
  talking: { hold: "held", consult: "dialling" },
  held: { resume: "talking", consult: "dialling" },
  dialling: { cancel: "talking", "third-here": "consulting", "third-gone": "held" },
  consulting: { cancel: "talking", swap: "swapped", conference: "conference", "third-gone": "held" },
  swapped: { cancel: "talking", swap: "consulting", conference: "conference", "third-gone": "talking" },
  conference: { drop: "talking", "third-gone": "talking" },
};

/** What an event makes of a conversation. Nothing ends it but the agent's leaving: the person's and the telephone's are not asked about. */
export function converseOn(before: Conversation, event: ConversationEvent): ConversationMove {
  const { stage, muted, third } = before;
  switch (event.kind) {
    case "mute":
    case "unmute":
      return { now: { ...before, muted: event.kind === "mute" } };
    case "press":
      return stage === "held" || stage === "dialling" ? { refused: wrong[stage] } : { now: before };
    case "complete":
      return hasThird(stage) ? { out: "third" } : { refused: "Nobody is there to whom the person could be given." };
    case "leave":
      if (stage === "consulting" || stage === "swapped" || stage === "dialling") return { refused: wrong[stage] };
      return { out: withoutAgent(before) };
    case "transfer":
      return stage === "talking" || stage === "held" ? { out: "elsewhere" } : { refused: wrong[stage] };
  }
  const next = moves[stage][event.kind];
  // What is told of a third who has been let go already comes too late.
  if (next === undefined) return event.kind === "third-gone" || event.kind === "third-here" ? { now: before } : { refused: wrong[stage] };
  if (event.kind === "consult") return { now: { stage: next, muted, third: event.third } };
  const who = (event.kind === "third-here" && event.third) || third;
  const kept = hasThird(next) && who !== undefined ? { third: who } : {};
  return { now: { stage: next, muted, ...kept, ...(event.kind === "third-gone" && { missed: event.why }) } };
}
