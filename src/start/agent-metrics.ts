import { Gauge, type Registry } from "prom-client";
import type { DeskEngine } from "../agent/desk-engine.ts";
import { agentStates } from "../agent/state.ts";
import type { DeskCalls } from "../voice/desk-call.ts";
import type { AgentQueues } from "../voice/queue-engine.ts";

export interface AgentMetricsParts {
  readonly desks: Pick<DeskEngine, "present">;
  readonly calls: Pick<DeskCalls, "all">;
  readonly line: Pick<AgentQueues, "waiting">;
}

/** What /metrics shows of this node's agents and of those who wait for them. */
export function addAgentMetrics(registry: Registry, { desks, calls, line }: AgentMetricsParts): void {
  const registers = [registry];
  new Gauge({
    name: "carillon_agents",
    help: "Agents whose programs are connected to this node, by state.",
    labelNames: ["state"],
    registers,
    collect() {
      const { present } = desks;
      for (const state of agentStates) if (state !== "logged-out") this.set({ state }, present.filter(({ desk }) => desk.state === state).length);
    },
  });
  new Gauge({
    name: "carillon_agent_conversations",
    help: "Agents of this node who are connected with somebody.",
    registers,
    collect() {
      this.set(calls.all.length);
    },
  });
  new Gauge({
    name: "carillon_queue_waiting",
    help: "People on this node who wait for an agent.",
    registers,
    collect() {
      this.set(line.waiting.length);
    },
  });
}
