import type { Dialog, Endpoint } from "./ports.ts";

/** An agent's telephone on the line, at the disposal of one conversation. */
export interface PhoneLeg {
  readonly agentId: string;
  readonly endpoint: Endpoint;
  /** Ends when the agent hangs up, by whatever means, and is not heard of any more after the conversation. */
  readonly dialog: Pick<Dialog, "id" | "ended">;
  /** Resolves when its endpoint is gone during the conversation. What hangs on that of the endpoint itself stays until the agent logs out. */
  readonly gone: Promise<void>;
  /** The conversation is over: a telephone that is connected all the time stays, another one is hung up. Never rejects; a second call does nothing. */
  release(): Promise<void>;
}

export interface PhoneRequest {
  readonly attemptId: string;
  /** The media server on which the person is. */
  readonly near: string;
  /** What the telephone shows while it rings (E.164). */
  readonly callerId: string;
  readonly ringTimeoutMs: number;
  /** Aborted, whatever rings is taken back. */
  readonly withdraw: AbortSignal;
  /** It has to be rung, and does. */
  readonly ringing?: () => void;
}

/** Why a telephone could not be had: nobody picked up, it could not be reached at all, or it was withdrawn. */
export type PhoneMiss = "missed" | "unreachable" | "withdrawn";

/** The agents' telephones. */
export interface Phones {
  /** Whether this agent's telephone is connected at this moment, so that nobody has to pick up. */
  isUp(agentId: string): boolean;
  /** The agent's telephone, ready to be connected: at once when it is on the line already, else when it has been picked up. Never rejects. */
  take(agentId: string, request: PhoneRequest): Promise<PhoneLeg | PhoneMiss>;
}
