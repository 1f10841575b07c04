import { reachable } from "./exits.ts";
import { loadVersion } from "./linked-engine.ts";
import type { ScriptReader } from "./reader-ports.ts";
import type { Script } from "./script.ts";
import type { ScriptStore } from "./script-ports.ts";

/** Whether a person who answers may come to an agent in this script. */
export function asksForAgents(script: Script): boolean {
  const { human } = script.start;
  return human !== undefined && [...reachable(script, [human])].some((name) => script.steps.get(name)?.verb === "queue");
}

/**
 * Why a script is none for a campaign whose calls are placed for agents, in words for its maker; undefined when it is one.
 * @throws what `loadVersion` does
 */
export async function agentScriptRefused(store: ScriptStore, reader: ScriptReader, versionId: string): Promise<string | undefined> {
  if (asksForAgents(await loadVersion(store, reader, versionId))) return undefined;
  return "whoever answers gets no agent in it: give it a step such as `queue: campaign` on the way from start.human, as ivr-scripts/agent-call.yaml has it, and publish it";
}
