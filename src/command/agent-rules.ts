import { stringify } from "yaml";
import { Fault } from "../kernel/fault.ts";
import type { ServerOptions } from "./api-client.ts";
import type { CommonOptions } from "./context.ts";
import { askOver, idOf } from "./named.ts";
import { readRulesFile } from "./rules-file.ts";
import { terminalText } from "./table.ts";

export interface AgentRulesOptions extends CommonOptions, ServerOptions {
  /** A YAML file. */
  readonly from?: string;
  readonly clear?: boolean;
}

/**
 * `carillon agents rules CAMPAIGN`: shows what its agents see and may do, as YAML that `--from` reads again, or replaces it.
 * @throws Fault `campaign-unknown`, `rules-file`, and what the server refuses
 */
export async function agentRules(campaign: string, options: AgentRulesOptions): Promise<string> {
  const { from, clear = false } = options;
  if (from !== undefined && clear) throw new Fault("request-invalid", "Give --from or --clear, not both.");
  const wanted = from === undefined ? undefined : readRulesFile(from);
  const ask = askOver(options);
  const path = `campaigns/${await idOf(ask, "campaigns", campaign)}/agent-rules`;
  const rules = wanted !== undefined ? await ask("PUT", path, wanted) : await ask(clear ? "DELETE" : "GET", path);
  return terminalText(stringify(rules)).trimEnd();
}
