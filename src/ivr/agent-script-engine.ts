import { asksForAgents, asksForNobody } from "./agent-script.ts";
import { loadVersion } from "./linked-engine.ts";
import type { ScriptReader } from "./reader-ports.ts";
import type { ScriptStore } from "./script-ports.ts";

/**
 * Why a script is none for a campaign whose calls are placed for agents, in words for its maker; undefined when it is one.
 * @throws what `loadVersion` does
 */
export async function agentScriptRefused(store: ScriptStore, reader: ScriptReader, versionId: string): Promise<string | undefined> {
  if (asksForAgents(await loadVersion(store, reader, versionId))) return undefined;
  return `${asksForNobody}, and publish it`;
}
