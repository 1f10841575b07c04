import type { Result } from "../attempt/result.ts";
import type { QueueEnd, QueueRequest } from "../ivr/ports.ts";
import type { Person, Transfer } from "./caller-session.ts";
import type { PhoneLeg } from "./phone-ports.ts";
import type { PeerIds } from "./transfer-session.ts";

/** What is different when a call was placed for agents, and not for a script. */
export interface AgentCall {
  /** How long after the answer, or the end of the greeting, an agent has to be there (ms). Undefined: the person has waited for it by their own choice. */
  readonly graceMs?: number;
  /** Whether a machine is given to an agent all the same, to learn how many of them are people. Asked once, when one was heard. */
  readonly holdsOut?: () => boolean;
  /** Who placed it, and is held for it: nobody else takes it. */
  readonly agentId?: string;
  /** Their telephone, when it is on the line for this call already. */
  readonly phone?: PhoneLeg;
  /** What the agent says the call was, by then: that is its result. */
  readonly judged?: () => Result | undefined;
  /** A person is on the line. Told once, before they are connected or abandoned. */
  readonly answered?: (how: "answered" | "unclassified") => void;
  /** Told once: what became of whoever answered. Who hangs up before the grace is over counts as neither: `left`. */
  readonly served?: (how: "connected" | "abandoned" | "left") => void;
}

export type SentTo = { readonly agentId: string } | { readonly groupId: string };

/** Somebody on the line who asks for an agent. */
export interface Asking {
  readonly attemptId: string;
  /** Undefined for a call from outside that belongs to no campaign. */
  readonly campaignId?: string;
  readonly contactId?: string;
  /** Their number (E.164), or nothing when it is withheld. */
  readonly address?: string;
  /** What the agent's telephone shows (E.164). */
  readonly callerId: string;
  readonly person: Person;
  /** Until when somebody has to be there (epoch ms); longer than that nobody waits. */
  readonly until?: number;
  /** As in `AgentCall`, and `phone`. */
  readonly agentId?: string;
  /** An agent sends them on: to this one, who is not held for them yet, or to anybody of this group, instead of whom the request asks for. */
  readonly sentTo?: SentTo;
  /** Calls numbers outside for them. */
  readonly transfer?: Transfer;
  readonly phone?: PhoneLeg;
  /** The two hear each other already: another agent has brought `agentId` in, and left them together. */
  readonly joined?: boolean;
  /** They were called for agents, and have not waited by their own choice: nobody is given to them who has to pick up a telephone first. */
  readonly atOnce?: boolean;
  readonly direction: "outbound" | "inbound";
  /** Told when the two hear each other; again when it was a second agent. */
  readonly connected?: (agentId: string) => void;
  /** Stores what another process needs to keep watch over the two and to end the agent's leg, or that there is nothing of it any more. Never rejects. */
  readonly note: (state: "connected" | "parted", peer: PeerIds) => Promise<void>;
  /** For the ladder. */
  readonly mediaEvent?: (event: "bridge" | "unbridge" | "recording", text: string) => void;
}

/** Queues of people who wait for agents, and the conversations that come of them. */
export interface AgentLine {
  /** Connects the person with an agent, and lives until the two are parted. Never rejects. */
  queue(request: QueueRequest, asking: Asking): Promise<QueueEnd>;
}
