import type { CallCard } from "../agent/card.ts";
import type { QueueRequest } from "../ivr/ports.ts";
import type { Person } from "./caller-session.ts";
import type { PhoneLeg } from "./phone-ports.ts";
import type { Asking } from "./queue-ports.ts";

/** How an agent and a person were parted. `failed`: our media could not keep them connected. */
export type Parted = "person-left" | "agent-left" | "handed-over" | "failed";

/** A conversation of an agent with a person, from the moment they hear each other until the agent has nothing to do with it any more. */
export interface DeskCall {
  readonly agentId: string;
  readonly attemptId: string;
  readonly person: Person;
  readonly leg: PhoneLeg;
  readonly card: CallCard;
  /** Who the person is, and what they had asked for. */
  readonly asking: Asking;
  readonly request: QueueRequest;
  /** Since when they are connected (epoch ms). */
  readonly since: number;
  /** Resolves once: the agent's telephone has been given back then, the person has not. */
  readonly ended: Promise<Parted>;
  /** The agent wants it to be over: the two are parted, and the person's script goes on. */
  hangUp(): void;
  /**
   * The person goes on without the agent, who is free from now on; the two have been parted already, or are by it. The person's script waits for it, and goes on when it
   * resolves. Nothing happens when the call is over.
   */
  handOver(goesOn: () => Promise<void>): void;
  /**
   * What becomes of the person when the agent's telephone is hung up, by whatever means: while it is set, this in place of the end of the conversation, as with `handOver`.
   */
  whenAgentLeaves: (() => Promise<void>) | undefined;
  /** Awaited when the two are to be parted, by whatever it was, and before either of them is used for anything else. */
  settle: (() => Promise<void>) | undefined;
  /** What the agent sees is otherwise now. */
  show(change: Partial<CallCard>): void;
}

/** The conversations of this node's agents. */
export class DeskCalls {
  readonly #calls = new Map<string, DeskCall>();
  readonly #heard = new Set<(call: DeskCall) => void>();

  find(agentId: string): DeskCall | undefined {
    return this.#calls.get(agentId);
  }

  get all(): readonly DeskCall[] {
    return [...this.#calls.values()];
  }

  /** @param heard told of each that begins. @returns what ends the telling */
  onBegin(heard: (call: DeskCall) => void): () => void {
    this.#heard.add(heard);
    return () => void this.#heard.delete(heard);
  }

  /** Until it has ended. */
  add(call: DeskCall): void {
    this.#calls.set(call.agentId, call);
    for (const heard of this.#heard) heard(call);
    call.ended.then(() => {
      if (this.#calls.get(call.agentId) === call) this.#calls.delete(call.agentId);
    });
  }
}
