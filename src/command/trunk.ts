import { stringify } from "yaml";
import type { Config } from "../config/schema.ts";
import { Fault } from "../kernel/fault.ts";
import { hostPort } from "../voice/trunk.ts";
import { askServer, baseOf, entriesOf, fieldOf, listOf, reachInTurn, type ServerOptions, textOf } from "./api-client.ts";
import { type CommonOptions, configFor } from "./context.ts";
import { tableText, terminalText } from "./table.ts";

/** Without a key only what everybody may see is told. */
export type TrunkOptions = CommonOptions & ServerOptions;
type TrunkListOptions = TrunkOptions & { readonly json?: boolean };

const head = ["NAME", "STATE", "ADDRESS", "TRANSPORT", "LINES", "CPS", "ROUTES", "ORIGIN", "NOTE"];

/**
 * `carillon trunk list`: the trunks of the configuration and those of the API, and how they stand on the running server.
 * @throws Fault `setting-form`, and what a server that answers refuses in its own words
 */
export async function listTrunks(options: TrunkListOptions): Promise<string> {
  const config = configFor(options, "admin");
  let silent: string | undefined;
  if (options.json) {
    if (options.key === undefined)
      throw new Fault("unauthorized", "--json is what the server says with a key: give --key, or CARILLON_KEY in the environment.");
    return JSON.stringify(entriesOf(await askServer(config, options, "GET", "trunks"), "items"), undefined, 2);
  }
  const told = await standing(config, options).catch((error) => {
    // The configuration can be told without it. A server that refuses has answered.
    if (error instanceof Fault && error.code === "api-unreachable") silent = error.message;
    else throw error;
    return undefined;
  });
  const rows = config.trunks.map((trunk) => {
    const { name, transport, maxChannels, maxCps } = trunk;
    const now = told?.get(name);
    const routes = config.routes.filter(({ trunks }) => trunks.some((member) => member.name === name)).map((route) => route.name);
    const lines = `${count(now, "lines")}/${maxChannels}`;
    return [name, stateOf(now), hostPort(trunk), transport, lines, String(maxCps), routes.join(" ") || "-", "file", textOf(now, "note") ?? ""];
  });
  const others = [...(told ?? [])].filter(([name]) => !config.trunks.some((trunk) => trunk.name === name));
  const added = others.filter(([, item]) => textOf(item, "origin") === "api").map(([name, item]) => apiRow(name, item));
  const unknown = others.filter(([, item]) => textOf(item, "origin") !== "api").map(([name]) => name);
  const keyless = told !== undefined && options.key === undefined;
  const hints = [
    ...(silent === undefined ? [] : [`How the trunks stand is not known. ${silent}`]),
    ...(keyless ? ["With --key lines in use are shown, and why a trunk is down."] : []),
    ...(unknown.length > 0 && keyless ? [`The server has ${unknown.join(", ")} too; with --key they are shown.`] : []),
    ...(unknown.length > 0 && !keyless ? [`The server has ${unknown.join(", ")} too: it has not read the configuration anew.`] : []),
  ];
  return [tableText(head, [...rows, ...added]), ...hints].join("\n");
}

/** `carillon trunk show NAME`: all that is known of one, and its settings but the password. @throws Fault `trunk-unknown` and what the server refuses */
export async function showTrunk(name: string, options: TrunkListOptions): Promise<string> {
  const body = await askServer(configFor(options, "admin"), options, "GET", `trunks/${encodeURIComponent(name)}`);
  return options.json ? JSON.stringify(body, undefined, 2) : terminalText(stringify(body)).trimEnd();
}

/** `carillon trunk reload`: the running server reads its configuration anew. @throws Fault `api-unreachable` and what the server refuses */
export async function reloadTrunks(options: TrunkOptions): Promise<string> {
  const body = await askServer(configFor(options, "admin"), options, "POST", "trunks/reload");
  const changed = listOf(body, "changed");
  const needsRestart = listOf(body, "needsRestart");
  const lines = changed.length > 0 ? changed : ["nothing has changed"];
  return [...lines, ...needsRestart.map((line) => `needs a restart: ${line}`)].join("\n");
}

/** What the server says of its trunks, by name: all of it with a key, else only whether they are up. */
async function standing(config: Config, options: TrunkOptions): Promise<ReadonlyMap<string, unknown>> {
  if (options.key === undefined) {
    const { body } = await reachInTurn(baseOf(config, options), "readyz", "GET", undefined);
    const parts = entriesOf(body, "components").map((part) => [textOf(part, "name") ?? "", { up: fieldOf(part, "ready") }] as const);
    return new Map(parts.flatMap(([name, part]) => (name.startsWith("trunk:") ? [[name.slice("trunk:".length), part] as const] : [])));
  }
  const body = await askServer(config, options, "GET", "trunks");
  return new Map(entriesOf(body, "items").map((item) => [textOf(item, "name") ?? "", item]));
}

function apiRow(name: string, item: unknown): readonly string[] {
  const [host = "", port, transport = ""] = [textOf(item, "host"), fieldOf(item, "port"), textOf(item, "transport")];
  const address = typeof port === "number" ? `${host.includes(":") ? `[${host}]` : host}:${port}` : host;
  const lines = `${count(item, "lines")}/${count(item, "maxChannels")}`;
  const routes = listOf(item, "routes").join(" ") || "-";
  return [name, stateOf(item), address, transport, lines, count(item, "maxCps"), routes, "api", textOf(item, "note") ?? ""];
}

function stateOf(item: unknown): string {
  const up = fieldOf(item, "up");
  return up === undefined ? "?" : up === true ? "up" : "down";
}

function count(item: unknown, name: string): string {
  const value = fieldOf(item, name);
  return typeof value === "number" ? String(value) : "?";
}
