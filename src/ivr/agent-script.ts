import { reachable } from "./exits.ts";
import type { Script } from "./script.ts";

/** Whether a person who answers may come to an agent in this script. */
export function asksForAgents(script: Script): boolean {
  const { human } = script.start;
  return human !== undefined && [...reachable(script, [human])].some((name) => script.steps.get(name)?.verb === "queue");
}

/** What a script lacks that is none for calls that are placed for agents, in words for its maker. */
export const asksForNobody =
  "whoever answers gets no agent in it: give it a step such as `queue: campaign` on the way from start.human, as ivr-scripts/agent-call.yaml has it";
