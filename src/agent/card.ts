import type { Conversation } from "./conversation.ts";
import type { KnownContact, PastEntry } from "./ports.ts";

/** What an agent is shown of a call that is theirs, before they hear anything of it. */
export interface CallCard {
  readonly attemptId: string;
  readonly direction: "outbound" | "inbound";
  /** None for a caller from outside whom no campaign knows. */
  readonly campaign?: { readonly id: string; readonly name: string };
  /** As whose member the agent has it. */
  readonly groupId: string;
  /** Of the person (E.164), unless they hide it. */
  readonly address?: string;
  /** The number of ours that they see, or have called (E.164). */
  readonly number: string;
  /** None for somebody who is on no list, and while the database does not say. */
  readonly contact?: Omit<KnownContact, "campaignIds">;
  /** Newest first. */
  readonly history: readonly PastEntry[];
  /** Where the person can pay, to be opened by the agent. */
  readonly paymentUrl?: string;
  /** What they have answered so far, by the name of the question; never secrets. */
  readonly answers: Readonly<Record<string, string>>;
  /** How long they have waited for an agent (ms). */
  readonly waitedMs: number;
  /** Whether the agent's telephone rings and has to be picked up. */
  readonly rings: boolean;
  /** Another agent has them on the line, and asks this one: the person is not heard unless they make it a conference. */
  readonly consultedBy?: { readonly id: string; readonly name: string };
  /** Whether what is said is kept; absent when it is not. Paused, silence is. */
  readonly recording?: "on" | "paused" | undefined;
  /** How it stands, once the agent has led it anywhere: held, with a third… */
  readonly conversation?: Conversation;
}

/**
 * Why an agent has nothing to do with a call any more: they talked and the person left, the agent did, or it went on without the agent; or they never talked,
 * because the telephone was not picked up or could not be had (`missed`), or the person was gone before (`withdrawn`). `consulted`: another agent asked them,
 * and goes on without them.
 */
export type CallOver = "person-left" | "agent-left" | "handed-over" | "failed" | "missed" | "withdrawn" | "consulted";
