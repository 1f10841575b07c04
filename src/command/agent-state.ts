import { systemClock } from "../adapter/system/clock.ts";
import { agentStates } from "../agent/state.ts";
import { fieldOf, type ServerOptions, textOf } from "./api-client.ts";
import type { CommonOptions } from "./context.ts";
import { askOver, idOf, pagesOf } from "./named.ts";
import { spanCell, tableText, timeCell } from "./table.ts";

type AgentStateOptions = CommonOptions & ServerOptions;

/* What agents do and did, over the server's API: at their desks it is known. Everything throws Fault `agent-unknown`, and what the server refuses. */

/** `carillon agents state NAME STATE` */
export async function setAgentState(name: string, state: string, options: AgentStateOptions & { readonly reason?: string }): Promise<string> {
  const ask = askOver(options);
  const { reason } = options;
  const desk = fieldOf(
    await ask("POST", `agents/${await idOf(ask, "agents", name)}/state`, { state, ...(reason !== undefined && { reason }) }),
    "desk",
  );
  const next = fieldOf(desk, "next");
  const then = next === undefined ? "" : `, and ${stateText(next)} when the conversation is over`;
  return `Agent ${name} is ${stateText(desk)}${then}.`;
}

/** What an agent does, and why not something else. */
export function stateText(desk: unknown): string {
  const reason = textOf(desk, "reason");
  return `${textOf(desk, "state") ?? ""}${reason === undefined ? "" : ` (${reason})`}`;
}

/** `carillon agents log NAME`: every state an agent was in, the oldest first. @param tell is told a page at a time */
export async function tellAgentLog(
  name: string,
  options: AgentStateOptions & { readonly from?: number; readonly to?: number; readonly json?: boolean },
  tell: (text: string) => void,
): Promise<void> {
  const ask = askOver(options);
  const { from, to, json = false } = options;
  const within = [from === undefined ? "" : `&from=${timeParameter(from)}`, to === undefined ? "" : `&to=${timeParameter(to)}`].join("");
  let told = 0;
  for await (const page of pagesOf(ask, `agents/${await idOf(ask, "agents", name)}/log`, within)) {
    if (page.length > 0) tell(json ? page.map((entry) => JSON.stringify(entry)).join("\n") : tableText(heads, page.map(cellsOf)));
    told += page.length;
  }
  if (told === 0 && !json) tell(`Nothing is known of agent ${name}${within === "" ? "" : " at that time"}.`);
}

function timeParameter(at: number): string {
  return encodeURIComponent(new Date(at).toISOString());
}

const heads = ["AT", "STATE", "REASON", "CAUSE", "BY", "ATTEMPT"];

function cellsOf(entry: unknown): string[] {
  return [
    timeCell(Date.parse(textOf(entry, "at") ?? "")),
    ...["state", "reason", "cause", "by", "attemptId"].map((name) => textOf(entry, name) ?? ""),
  ];
}

/** `carillon agents times NAME --from TIME` */
export async function showAgentTimes(
  name: string,
  options: AgentStateOptions & { readonly from: number; readonly to?: number; readonly json?: boolean },
): Promise<string> {
  const ask = askOver(options);
  const { from, to = systemClock.now(), json } = options;
  const within = `from=${timeParameter(from)}&to=${timeParameter(to)}`;
  const ms = fieldOf(await ask("GET", `agents/${await idOf(ask, "agents", name)}/times?${within}`), "ms");
  if (json) return JSON.stringify(ms);
  const rows = agentStates.flatMap((state) => {
    const lasted = fieldOf(ms, state);
    return typeof lasted === "number" ? [[state, spanCell(lasted)]] : [];
  });
  return rows.length === 0 ? `Nothing is known of agent ${name} at that time.` : tableText(["STATE", "TIME"], rows);
}
