import type { Overhearing } from "../voice/ports.ts";
import { entriesOf, type ServerOptions, textOf } from "./api-client.ts";
import type { CommonOptions } from "./context.ts";
import { type Ask, askOver, idOf } from "./named.ts";
import { tableText, timeCell } from "./table.ts";

type SupervisionOptions = CommonOptions & ServerOptions;

export interface SupervisionStartOptions extends SupervisionOptions {
  readonly mode?: Overhearing;
  readonly uri?: string;
  readonly number?: string;
  readonly trunk?: string;
  readonly callerId?: string;
  /** Name of the agent whose telephone it is. */
  readonly phoneOf?: string;
}

/* Listening in on agents with a telephone of one's own, over the API of the node to which the agent's program is connected. Everything throws Fault `agent-unknown`, `supervision-unknown`, and what the server refuses. */

const heard: Readonly<Record<Overhearing, string>> = { listen: "nobody hears you", whisper: "the agent hears you", barge: "everybody hears you" };

/** `carillon supervision start AGENT --uri …`: rings the supervisor's telephone. */
export async function startSupervision(agent: string, options: SupervisionStartOptions): Promise<string> {
  const ask = askOver(options);
  const { mode = "listen", uri, number, trunk, callerId, phoneOf } = options;
  const phone = { uri, number, trunk, callerId, ...(phoneOf !== undefined && { agentId: await idOf(ask, "agents", phoneOf) }) };
  const made = await ask("POST", `agents/${await idOf(ask, "agents", agent)}/supervision`, { mode, phone });
  return `Supervision ${textOf(made, "id")}: your telephone rings. Pick up to hear ${agent}; ${heard[mode]}.`;
}

/** `carillon supervision list AGENT` */
export async function listSupervisions(agent: string, options: SupervisionOptions & { readonly json?: boolean }): Promise<string> {
  const ask = askOver(options);
  const found = entriesOf(await ask("GET", `agents/${await idOf(ask, "agents", agent)}/supervision`), "items");
  if (options.json) return JSON.stringify(found);
  if (found.length === 0) return `Nobody listens in on ${agent}.`;
  const rows = found.map((each) => {
    const [id = "", mode = "", state = "", by = "", why = ""] = ["id", "mode", "state", "by", "why"].map((name) => textOf(each, name));
    return [id, mode, state, timeCell(Date.parse(textOf(each, "since") ?? "")), by, why];
  });
  return tableText(["ID", "MODE", "STATE", "SINCE", "BY", "WHY IT ENDED"], rows);
}

/** `carillon supervision mode AGENT ID MODE` */
export async function changeSupervision(agent: string, id: string, mode: Overhearing, options: SupervisionOptions): Promise<string> {
  const ask = askOver(options);
  await ask("PATCH", await pathOf(ask, agent, id), { mode });
  return `Supervision ${id}: ${heard[mode]}.`;
}

/** `carillon supervision end AGENT ID` */
export async function endSupervision(agent: string, id: string, options: SupervisionOptions): Promise<string> {
  const ask = askOver(options);
  await ask("DELETE", await pathOf(ask, agent, id));
  return `Supervision ${id} is over: your telephone is hung up.`;
}

async function pathOf(ask: Ask, agent: string, id: string): Promise<string> {
  return `agents/${await idOf(ask, "agents", agent)}/supervision/${encodeURIComponent(id)}`;
}
