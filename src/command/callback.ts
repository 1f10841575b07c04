import { fieldOf, type ServerOptions, textOf } from "./api-client.ts";
import type { CommonOptions } from "./context.ts";
import { allOf, askOver, idOf } from "./named.ts";
import { oneLine, tableText, timeCell } from "./table.ts";

export type CallbackOptions = CommonOptions & ServerOptions;

export interface NewCallbackOptions extends CallbackOptions {
  /** RFC 3339. */
  readonly at: string;
  readonly agent?: string;
  /** RFC 3339: from then on any agent may take it. */
  readonly fallbackAt?: string;
  readonly note?: string;
}

/* Who is to be called again, over the server's API. Everything throws Fault `campaign-unknown`, `agent-unknown`, `contact-unknown`, `callback-unknown`, and what the server refuses. */

/** `carillon callback list` */
export async function listCallbacks(
  options: CallbackOptions & { readonly campaign?: string; readonly ended?: boolean; readonly json?: boolean },
): Promise<string> {
  const ask = askOver(options);
  const { campaign, ended } = options;
  const query = `${campaign === undefined ? "" : `&campaignId=${await idOf(ask, "campaigns", campaign)}`}${ended ? "&ended=true" : ""}`;
  const found = await allOf(ask, "callbacks", query);
  if (options.json) return JSON.stringify(found);
  if (found.length === 0) return ended ? "Nobody was to be called again." : "Nobody is to be called again.";
  const agents = new Map((await allOf(ask, "agents")).map((agent) => [textOf(agent, "id"), textOf(agent, "name") ?? ""]));
  const rows = found.map((each) => {
    const agent = textOf(each, "takenBy") ?? textOf(each, "agentId");
    const [id = "", due = "", standing = "", name = "", contact = ""] = ["id", "dueAt", "standing", "campaign", "contactId"].map((part) =>
      textOf(each, part),
    );
    const whose = agent === undefined ? "-" : (agents.get(agent) ?? agent);
    return [id, timeCell(Date.parse(due)), standing, name, contact, textOf(each, "address") ?? "", whose, textOf(each, "note") ?? ""].map(oneLine);
  });
  return tableText(["ID", "DUE", "STANDS", "CAMPAIGN", "CONTACT", "NUMBER", "AGENT", "NOTE"], rows);
}

/** `carillon callback add CAMPAIGN CONTACT --at TIME` @param contactId its id, as `carillon campaign why` shows it */
export async function addCallback(campaign: string, contactId: string, options: NewCallbackOptions): Promise<string> {
  const ask = askOver(options);
  const { at: dueAt, agent, fallbackAt, note } = options;
  const made = await ask("POST", "callbacks", {
    ...{ campaignId: await idOf(ask, "campaigns", campaign), contactId, dueAt },
    ...(agent !== undefined && { agentId: await idOf(ask, "agents", agent) }),
    ...(fallbackAt !== undefined && { fallbackAt }),
    ...(note !== undefined && { note }),
  });
  const by = agent === undefined ? "an agent of the campaign's groups" : `agent ${agent}`;
  return `Callback ${textOf(made, "id")}: ${by} calls ${textOf(made, "address")} from ${timeCell(Date.parse(textOf(made, "dueAt") ?? ""))} on.`;
}

/** `carillon callback cancel ID` */
export async function cancelCallback(id: string, options: CallbackOptions): Promise<string> {
  const canceled = await askOver(options)("POST", `callbacks/${encodeURIComponent(id)}/cancel`);
  return `Callback ${id} of contact ${String(fieldOf(canceled, "contactId"))} is canceled: they are not called again because of it.`;
}
