import { Fault } from "../kernel/fault.ts";
import { entriesOf, fieldOf, listOf, type ServerOptions, textOf } from "./api-client.ts";
import type { CommonOptions } from "./context.ts";
import { askOver, idOf } from "./named.ts";
import { oneLine } from "./table.ts";
import { passwordFrom } from "./trunk-write.ts";

type PhoneOptions = CommonOptions & ServerOptions;

export interface PhoneSetOptions extends PhoneOptions {
  readonly uri?: string;
  readonly number?: string;
  readonly trunk?: string;
  readonly callerId?: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly onDemand?: boolean;
}

/** `carillon phone show AGENT` @throws Fault `agent-unknown` and what the server refuses */
export async function showPhone(agent: string, options: PhoneOptions & { readonly json?: boolean }): Promise<string> {
  const { ask, path } = await phoneOf(agent, options);
  const phone = await ask("GET", path);
  if (options.json) return JSON.stringify(phone, undefined, 2);
  return `${described(phone)}\n${reachText(phone)}`;
}

/** `carillon phone set AGENT --uri …` @throws Fault `setting-form`, and as above */
export async function setPhone(agent: string, options: PhoneSetOptions): Promise<string> {
  const { uri, number, trunk, callerId, username, onDemand } = options;
  const given = { uri, number, trunk, callerId, username, ...passwordFrom(options) };
  const kinds = (
    [
      ["uri", uri],
      ["number", number],
      ["device", username],
    ] as const
  ).filter(([, value]) => value !== undefined);
  const [first] = kinds;
  if (!first || kinds.length > 1) throw new Fault("setting-form", "Say one of --uri, --number (with --trunk and --caller-id) and --username.");
  const { ask, path } = await phoneOf(agent, options);
  return described(await ask("PUT", path, { kind: first[0], nailedUp: onDemand !== true, ...given }));
}

/** `carillon phone remove AGENT` */
export async function removePhone(agent: string, options: PhoneOptions): Promise<string> {
  const { ask, path } = await phoneOf(agent, options);
  await ask("DELETE", path);
  return `Agent ${agent} has no telephone any more, and cannot be ready.`;
}

/** `carillon phone reseal` */
export async function resealPhones(options: PhoneOptions): Promise<string> {
  const body = await askOver(options)("POST", "phones/reseal");
  const [resealed, unreadable] = [listOf(body, "resealed"), listOf(body, "unreadable")];
  const done = resealed.length === 0 ? "No password had to be sealed anew." : `Sealed with the present key: those of agents ${resealed.join(", ")}.`;
  return unreadable.length === 0 ? done : `${done} No key opens the password of agents ${unreadable.join(", ")}: give it anew.`;
}

async function phoneOf(agent: string, options: PhoneOptions) {
  const ask = askOver(options);
  return { ask, path: `agents/${await idOf(ask, "agents", agent)}/phone` };
}

const reaches: Readonly<Record<string, string>> = {
  "on-the-line": "on the line",
  calling: "being called",
  "not-there": "cannot be reached",
  registered: "registered, and rung for each call",
};

/** Whether it can be reached at this moment. */
function reachText(phone: unknown): string {
  const reach = fieldOf(phone, "reach");
  const why = textOf(reach, "why");
  return `Now: ${reaches[textOf(reach, "is") ?? ""] ?? "not known"}${why === undefined ? "" : ` (${oneLine(why)})`}.`;
}

function described(phone: unknown): string {
  const [kind, trunk] = [textOf(phone, "kind"), textOf(phone, "trunk")];
  const where =
    kind === "uri"
      ? `called at ${textOf(phone, "uri")}`
      : kind === "number"
        ? `called at ${textOf(phone, "number")} over ${trunk}, showing ${textOf(phone, "callerId")} where it has to`
        : `called wherever ${textOf(phone, "username")} registers`;
  const how = fieldOf(phone, "nailedUp") === true ? "kept on the line from login to logout" : "rung for each call";
  const devices = entriesOf(phone, "devices").map((device) => {
    const agent = textOf(device, "userAgent");
    return `  ${textOf(device, "contact")} from ${textOf(device, "address")}${agent === undefined ? "" : ` (${agent})`}, until ${textOf(device, "expiresAt")}`;
  });
  const registered = kind !== "device" ? [] : devices.length > 0 ? devices : ["  Nothing has registered."];
  return [`${where}; ${how}.`, ...registered].join("\n");
}
