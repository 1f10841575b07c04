import { Fault } from "../kernel/fault.ts";
import type { DeskCall, DeskCalls } from "./desk-call.ts";
import type { Consulted } from "./desk-call-consult-session.ts";
import { type CallOrder, type ConversationParts, ConversationSession } from "./desk-call-session.ts";
import type { Goal } from "./desk-call-transfer-session.ts";

export interface CallControlParts extends Omit<ConversationParts, "isHere" | "consulted"> {
  readonly calls: DeskCalls;
}

/** What this node's agents do with their conversations. */
export class CallControl {
  readonly #parts: CallControlParts;
  readonly #sessions = new WeakMap<DeskCall, ConversationSession>();
  readonly #consulted: Consulted = new Map();

  constructor(parts: CallControlParts) {
    this.#parts = parts;
  }

  /** @returns when it is done. @throws Fault `agent-state`, `call-refused` or `conversation-failed`, each with what to do */
  async order(agentId: string, order: CallOrder): Promise<void> {
    const call = this.#parts.calls.find(agentId);
    const hangUp = this.#consulted.get(agentId);
    if (!call && hangUp) {
      if (order.kind !== "leave")
        throw new Fault("agent-state", "Another agent leads this conversation: you can hang up, or wait until it is given to you.");
      hangUp();
      return;
    }
    if (!call) throw new Fault("agent-state", "You are talking to nobody.");
    if (order.kind === "transfer" || order.kind === "consult") this.#refuse(agentId, order.to);
    await this.#sessionOf(call).order(order);
  }

  /** Whoever is not there is not waited for. */
  #refuse(own: string, to: Goal): void {
    if ("number" in to) return;
    const others = this.#parts.desks.present.filter(({ agentId }) => agentId !== own);
    if ("agentId" in to) {
      const state = others.find(({ agentId }) => agentId === to.agentId)?.desk.state;
      if (state === "ready" || state === "wrap-up") return;
      const why = to.agentId === own ? "That is you." : state === undefined ? "That agent is not here." : `That agent is ${state}.`;
      throw new Fault("call-refused", `${why} Choose somebody who is ready, or a group.`);
    }
    if (!others.some(({ memberships }) => memberships.some(({ groupId }) => groupId === to.groupId)))
      throw new Fault("call-refused", "Nobody else of that group is here.");
  }

  #isHere(agentId: string): boolean {
    return this.#parts.desks.present.some((each) => each.agentId === agentId);
  }

  #sessionOf(call: DeskCall): ConversationSession {
    const known =
      this.#sessions.get(call) ??
      new ConversationSession(call, {
        ...this.#parts,
        isHere: (id) => this.#isHere(id),
        consulted: this.#consulted,
      });
    this.#sessions.set(call, known);
    return known;
  }
}
