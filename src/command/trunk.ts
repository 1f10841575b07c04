import type { Config } from "../config/schema.ts";
import { Fault } from "../kernel/fault.ts";
import { hostPort } from "../voice/trunk.ts";
import { type CommonOptions, configFor } from "./context.ts";
import { tableText } from "./table.ts";

export interface TrunkOptions extends CommonOptions {
  /** Base URL of the server's API; default where the configuration has it listen. */
  readonly url?: string;
  /** An API key. Without one only what everybody may see is told. */
  readonly key?: string;
}

/** How long a server may take to answer. */
const answerMs = 5000;
const head = ["NAME", "STATE", "ADDRESS", "TRANSPORT", "LINES", "CPS", "ROUTES", "NOTE"];

/** What the server says of one trunk. */
interface Told {
  readonly up: boolean;
  readonly lines?: number;
  readonly note?: string;
}

/** `carillon trunk list`: the trunks of the configuration, and how they stand on the running server. */
export async function listTrunks(options: TrunkOptions): Promise<string> {
  const config = configFor(options, "admin");
  const told = await standing(config, options).catch(() => undefined);
  const rows = config.trunks.map((trunk) => {
    const { name, transport, maxChannels, maxCps } = trunk;
    const now = told?.get(name);
    const routes = config.routes.filter(({ trunks }) => trunks.some((member) => member.name === name)).map((route) => route.name);
    const state = now === undefined ? "?" : now.up ? "up" : "down";
    const lines = `${now?.lines ?? "?"}/${maxChannels}`;
    return [name, state, hostPort(trunk), transport, lines, String(maxCps), routes.join(" ") || "-", now?.note ?? ""];
  });
  const others = [...(told?.keys() ?? [])].filter((name) => !config.trunks.some((trunk) => trunk.name === name));
  const hints = [
    ...(told === undefined ? ["The server does not answer: how the trunks stand is not known. --url says where it is."] : []),
    ...(told !== undefined && options.key === undefined ? ["With --key lines in use are shown, and why a trunk is down."] : []),
    ...(others.length > 0 ? [`The server has ${others.join(", ")} too: it has not read the configuration anew.`] : []),
  ];
  return [tableText(head, rows), ...hints].join("\n");
}

/** `carillon trunk reload`: the running server reads its configuration anew. @throws Fault `reload-failed` */
export async function reloadTrunks(options: TrunkOptions): Promise<string> {
  const base = baseOf(configFor(options, "admin"), options);
  const response = await request(`${base}/api/v1/trunks/reload`, "POST", options.key).catch((error) => {
    throw new Fault("reload-failed", `The server does not answer at ${base}. --url says where it is.`, { cause: error });
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw new Fault("reload-failed", textOf(body, "detail") ?? `The server answered ${response.status}.`);
  const changed = listOf(body, "changed");
  const needsRestart = listOf(body, "needsRestart");
  const lines = changed.length > 0 ? changed : ["nothing has changed"];
  return [...lines, ...needsRestart.map((line) => `needs a restart: ${line}`)].join("\n");
}

async function standing(config: Config, options: TrunkOptions): Promise<ReadonlyMap<string, Told>> {
  const base = baseOf(config, options);
  const path = options.key === undefined ? "/readyz" : "/api/v1/trunks";
  const response = await request(`${base}${path}`, "GET", options.key);
  if (options.key !== undefined && !response.ok) throw new Fault("unauthorized", `The server answered ${response.status}.`);
  const body: unknown = await response.json();
  const items = entriesOf(body, options.key === undefined ? "components" : "items");
  return new Map(
    items.flatMap((item): [string, Told][] => {
      const name = textOf(item, "name");
      if (name === undefined) return [];
      if (options.key === undefined) return name.startsWith("trunk:") ? [[name.slice(6), { up: fieldOf(item, "ready") === true }]] : [];
      const [lines, note] = [fieldOf(item, "lines"), textOf(item, "note")];
      return [[name, { up: fieldOf(item, "up") === true, ...(typeof lines === "number" && { lines }), ...(note !== undefined && { note }) }]];
    }),
  );
}

function baseOf({ api }: Config, { url }: TrunkOptions): string {
  return url?.replace(/\/+$/, "") ?? `http://${api.host.includes(":") ? `[${api.host}]` : api.host}:${api.port}`;
}

function request(url: string, method: string, key: string | undefined): Promise<Response> {
  return fetch(url, { method, signal: AbortSignal.timeout(answerMs), ...(key !== undefined && { headers: { authorization: `Bearer ${key}` } }) });
}

function fieldOf(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null ? Object.entries(body).find(([key]) => key === name)?.[1] : undefined;
}

function textOf(body: unknown, name: string): string | undefined {
  const value = fieldOf(body, name);
  return typeof value === "string" ? value : undefined;
}

function entriesOf(body: unknown, name: string): readonly unknown[] {
  const value = fieldOf(body, name);
  return Array.isArray(value) ? value : [];
}

function listOf(body: unknown, name: string): readonly string[] {
  return entriesOf(body, name).map(String);
}
