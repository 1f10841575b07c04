import type { Progress } from "../agent/desk-decision.ts";
import type { DeskEngine } from "../agent/desk-engine.ts";
import { type Clock, pause } from "../kernel/clock.ts";
import { toFault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";

const retryMs = 250;
/** Longer than any restart of a database; whose process dies meanwhile is cleared up by others. */
const patienceMs = 600_000;

/**
 * What happens on the telephone of an agent who is held for an attempt, written in its order. Nobody on the line waits for it: a database that is away for a while is
 * told when it is back.
 */
export class AgentHold {
  readonly agentId: string;
  readonly groupId: string;
  readonly #attemptId: string;
  readonly #parts: { readonly desks: Pick<DeskEngine, "progress">; readonly clock: Clock; readonly log: Log };
  #last: Promise<void> = Promise.resolve();

  constructor(
    held: { readonly agentId: string; readonly groupId: string; readonly attemptId: string },
    parts: { readonly desks: Pick<DeskEngine, "progress">; readonly clock: Clock; readonly log: Log },
  ) {
    this.agentId = held.agentId;
    this.groupId = held.groupId;
    this.#attemptId = held.attemptId;
    this.#parts = parts;
  }

  /** Resolves when it is written, or does not fit any more: a supervisor or the end of the agent's program was first. Never rejects. */
  write(event: Progress): Promise<void> {
    this.#last = this.#last.then(() => this.#write(event));
    return this.#last;
  }

  async #write(event: Progress): Promise<void> {
    const { desks, clock, log } = this.#parts;
    for (const until = clock.now() + patienceMs; ; await pause(clock, retryMs)) {
      try {
        await desks.progress(this.agentId, this.#attemptId, event);
        return;
      } catch (error) {
        const { code, message } = toFault(error, "internal");
        const told = { agent: this.agentId, attempt: this.#attemptId, code, reason: message };
        if (code.startsWith("agent-")) {
          log.info(told, "what happened on an agent's telephone does not fit any more");
          return;
        }
        log.warn(told, "what happened on an agent's telephone could not be written");
        if (clock.now() > until) return;
      }
    }
  }
}
