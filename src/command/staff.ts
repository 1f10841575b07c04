import { stateText } from "./agent-state.ts";
import { entriesOf, fieldOf, listOf, type ServerOptions, textOf } from "./api-client.ts";
import type { CommonOptions } from "./context.ts";
import { allOf, askOver, idOf, namesOf, serverOver } from "./named.ts";
import { tableText, timeCell } from "./table.ts";
import { type WrapUpOptions, wrapUpWith } from "./wrap-up.ts";

export type StaffOptions = CommonOptions & ServerOptions;

interface PlaceOptions extends StaffOptions {
  readonly priority?: number;
  readonly skill?: readonly string[];
  readonly withoutSkills?: boolean;
}

/* Agents and groups over the server's API. Everything throws Fault `agent-unknown`, `group-unknown`, `campaign-unknown`, and what the server refuses. */

/** `carillon agents list` */
export async function listAgents(options: StaffOptions & { readonly json?: boolean }): Promise<string> {
  const ask = askOver(options);
  const agents = await allOf(ask, "agents");
  if (options.json) return JSON.stringify(agents, undefined, 2);
  const groups = namesOf(await allOf(ask, "groups"));
  const rows = agents.map((agent) => {
    const desk = fieldOf(agent, "desk");
    const state = fieldOf(agent, "active") === false ? "taken out" : stateText(desk);
    const places = entriesOf(agent, "memberships").map((place) => {
      const skills = listOf(place, "skills");
      return `${groups.get(textOf(place, "groupId") ?? "") ?? "?"}:${fieldOf(place, "priority")}${skills.length === 0 ? "" : ` (${skills.join(", ")})`}`;
    });
    return [textOf(agent, "name") ?? "", state, timeCell(Date.parse(textOf(desk, "since") ?? "")), places.join(", ") || "-"];
  });
  return rows.length === 0 ? "No agents yet. Add one with: carillon agents add NAME" : tableText(["NAME", "STATE", "SINCE", "GROUPS"], rows);
}

/** `carillon agents add NAME` */
export async function addAgent(name: string, options: StaffOptions): Promise<string> {
  await askOver(options)("POST", "agents", { name });
  return `Agent ${name} is added. What they need: a group (carillon group join), a telephone (carillon phone set) and a key (carillon agents key).`;
}

/** `carillon agents key NAME` @returns the key alone, for a program that reads it */
export async function makeKey(name: string, options: StaffOptions): Promise<string> {
  const ask = askOver(options);
  return textOf(await ask("POST", `agents/${await idOf(ask, "agents", name)}/keys`), "key") ?? "";
}

/** `carillon agents remove NAME` */
export async function removeAgent(name: string, options: StaffOptions): Promise<string> {
  const ask = askOver(options);
  await ask("POST", `agents/${await idOf(ask, "agents", name)}/deactivate`);
  return `Agent ${name} is taken out: keys do not hold any more, and a conversation that goes on is the last one. What they did stays.`;
}

/** `carillon agents restore NAME` */
export async function restoreAgent(name: string, options: StaffOptions): Promise<string> {
  const ask = askOver(options);
  await ask("POST", `agents/${await idOf(ask, "agents", name)}/activate`);
  return `Agent ${name} may log in again, with a new key: carillon agents key ${name}.`;
}

/** `carillon group list` */
export async function listGroups(options: StaffOptions & { readonly json?: boolean }): Promise<string> {
  const ask = askOver(options);
  const groups = await allOf(ask, "groups");
  if (options.json) return JSON.stringify(groups, undefined, 2);
  const [agents, campaigns] = [namesOf(await allOf(ask, "agents")), namesOf(await allOf(ask, "campaigns"))];
  const rows = groups.map((group) => {
    const members = entriesOf(group, "members").map((place) => agents.get(textOf(place, "agentId") ?? "") ?? "?");
    const wrapUpMs = fieldOf(fieldOf(group, "wrapUp"), "wrapUpMs");
    const wrapUp = typeof wrapUpMs === "number" ? `${wrapUpMs / 1000} s` : "until they say so";
    return [
      textOf(group, "name") ?? "",
      members.join(", ") || "-",
      listOf(group, "campaignIds")
        .map((id) => campaigns.get(id) ?? "?")
        .join(", ") || "-",
      wrapUp,
    ];
  });
  return rows.length === 0 ? "No groups yet. Add one with: carillon group add NAME" : tableText(["NAME", "AGENTS", "CAMPAIGNS", "WRAP-UP"], rows);
}

/** `carillon group add NAME` */
export async function addGroup(name: string, options: StaffOptions & WrapUpOptions): Promise<string> {
  const ask = askOver(options);
  const made = await ask("POST", "groups", { name });
  const wrapUp = wrapUpWith(fieldOf(made, "wrapUp"), options);
  if (wrapUp !== undefined) await ask("PUT", `groups/${textOf(made, "id")}/wrap-up`, wrapUp);
  return `Group ${name} is added. Put agents into it (carillon group join), and let it work for campaigns (carillon group assign).`;
}

/** `carillon group join GROUP AGENT`: what is not given of a place that they have stays as it was. */
export async function joinGroup(group: string, agent: string, { priority, skill, withoutSkills, ...options }: PlaceOptions): Promise<string> {
  const { ask, edit } = serverOver(options);
  const [path, agentId] = [`groups/${await idOf(ask, "groups", group)}`, await idOf(ask, "agents", agent)];
  const placeIn = (shown: unknown) => entriesOf(shown, "members").find((place) => textOf(place, "agentId") === agentId);
  const joined = await edit(
    path,
    (shown) => {
      const was = placeIn(shown);
      const wanted = priority ?? fieldOf(was, "priority");
      return { ...(wanted !== undefined && { priority: wanted }), skills: withoutSkills ? [] : (skill ?? listOf(was, "skills")) };
    },
    `${path}/members/${agentId}`,
  );
  const is = placeIn(joined);
  const skills = listOf(is, "skills");
  return `${agent} is in group ${group}, with priority ${fieldOf(is, "priority")}${skills.length === 0 ? "" : ` and skills ${skills.join(", ")}`}.`;
}

/** `carillon group leave GROUP AGENT` */
export async function leaveGroup(group: string, agent: string, options: StaffOptions): Promise<string> {
  const ask = askOver(options);
  await ask("DELETE", `groups/${await idOf(ask, "groups", group)}/members/${await idOf(ask, "agents", agent)}`);
  return `${agent} is not in group ${group} any more.`;
}

/** `carillon group assign GROUP CAMPAIGN`, `carillon group unassign GROUP CAMPAIGN` */
export async function assignGroup(group: string, campaign: string, works: boolean, options: StaffOptions): Promise<string> {
  const ask = askOver(options);
  await ask(works ? "PUT" : "DELETE", `groups/${await idOf(ask, "groups", group)}/campaigns/${await idOf(ask, "campaigns", campaign)}`);
  return works ? `Group ${group} works for campaign ${campaign}.` : `Group ${group} does not work for campaign ${campaign} any more.`;
}
