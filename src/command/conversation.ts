import type { WrittenState } from "../agent/written-ports.ts";
import { showMessage } from "./agent-show.ts";
import { fieldOf, type ServerOptions, textOf } from "./api-client.ts";
import type { CommonOptions } from "./context.ts";
import { allOf, askOver, namesOf } from "./named.ts";
import { oneLine, tableText, timeCell } from "./table.ts";

export type ConversationOptions = CommonOptions & ServerOptions & { readonly json?: boolean };

/* What people write to and fro with agents, over the server's API, which hides what the caller's role may not see. Everything throws Fault `conversation-unknown`, and what the server refuses. */

/** `carillon conversation list` */
export async function listConversations(options: ConversationOptions & { readonly state?: WrittenState }): Promise<string> {
  const ask = askOver(options);
  const { state, json } = options;
  const found = await allOf(ask, "conversations", state === undefined ? "" : `&state=${state}`);
  if (json) return JSON.stringify(found);
  if (found.length === 0) return `No conversations${state === undefined ? "" : ` that are ${state}`}.`;
  const agents = namesOf(await allOf(ask, "agents"));
  const rows = found.map((each) => {
    const [id, is, channel, person, ours] = ["id", "state", "channel", "person", "ours"].map((name) => textOf(each, name) ?? "");
    const [group, campaign] = ["group", "campaign"].map((name) => textOf(fieldOf(each, name), "name") ?? "-");
    return [id, is, channel, waitsCell(each), person, ours, group, campaign, holderOf(each, agents)].map((cell) => oneLine(cell ?? ""));
  });
  return tableText(["ID", "STATE", "CHANNEL", "WAITS SINCE", "FROM", "TO", "GROUP", "CAMPAIGN", "AGENT"], rows);
}

/** `carillon conversation show ID`: the last 100 messages of it. */
export async function showConversation(id: string, options: ConversationOptions): Promise<string> {
  const ask = askOver(options);
  const conversation = await ask("GET", `conversations/${encodeURIComponent(id)}`);
  if (options.json) return JSON.stringify(conversation);
  const agent = fieldOf(conversation, "takenBy") === undefined ? "-" : holderOf(conversation, namesOf(await allOf(ask, "agents")));
  const waits = waitsCell(conversation);
  const stands = `${textOf(conversation, "state")}${agent === "-" ? "" : `, with ${agent}`}${waits === "-" ? "" : `; waits since ${waits}`}`;
  return `${showMessage({ type: "conversation", conversation })}\n${oneLine(stands)}`;
}

function waitsCell(conversation: unknown): string {
  const since = textOf(conversation, "waitsSince");
  return since === undefined ? "-" : timeCell(Date.parse(since));
}

function holderOf(conversation: unknown, agents: ReadonlyMap<string, string>): string {
  const id = textOf(conversation, "takenBy");
  return id === undefined ? "-" : (agents.get(id) ?? id);
}
