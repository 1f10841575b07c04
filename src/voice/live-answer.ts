import type { Ending } from "../attempt/ports.ts";
import type { AnsweredEnding } from "./amd/answered.ts";
import type { AgentCall } from "./queue-ports.ts";

/** Hears what is told of a call that was placed for agents, and says how the abandonment ledger counts it. */
export class LiveAnswerWatch {
  #answered: "answered" | "unclassified" | undefined;
  #served: "connected" | "abandoned" | "left" | undefined;
  /** The same call, with each thing told once. */
  readonly agentCall: AgentCall;

  constructor(agentCall: AgentCall) {
    this.agentCall = {
      ...agentCall,
      answered: (how) => {
        if (this.#answered) return;
        this.#answered = how;
        agentCall.answered?.(how);
      },
      served: (how) => {
        if (this.#served) return;
        // Nobody is served who has not answered.
        this.agentCall.answered?.("unclassified");
        this.#served = how;
        agentCall.served?.(how);
      },
    };
  }

  /**
   * Nothing when it does not count: an agent had it dialled and was there all the time, nobody answered, or they hung up before the time was over. Who answered without being known for a person counts
   * only when abandoned: nothing else may pad the answers. A machine counts as one when no agent was asked for.
   */
  counted(machine: AnsweredEnding["machine"]): Pick<Ending, "live" | "heldOut"> {
    if (this.agentCall.graceMs === undefined) return {};
    const heldOut = typeof machine === "object" && { heldOut: machine };
    if (this.#served === "abandoned") return { live: "abandoned", ...heldOut };
    if (this.#served === "connected" && this.#answered === "answered") return { live: "connected" };
    return machine === "heeded" && !this.#answered ? { live: "machine" } : { ...heldOut };
  }
}
