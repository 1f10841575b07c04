import { entriesOf, fieldOf, listOf, type ServerOptions, textOf } from "./api-client.ts";
import type { CommonOptions } from "./context.ts";
import { askOver } from "./named.ts";
import { tableText } from "./table.ts";

/* What the server writes with, over its API: of the configuration, and how it stands. Everything throws what the server refuses. */

export interface MeansOptions extends CommonOptions, ServerOptions {
  readonly json?: boolean;
}

/** `carillon message binds` */
export function listBinds(options: MeansOptions): Promise<string> {
  return listed(
    "binds",
    options,
    "No binds are configured: sms.binds of the configuration.",
    ["BIND", "STATE", "SMSC", "AS", "TYPE", "SESSIONS", "A SECOND", "NOTE"],
    (bind) => [
      ...[textOf(bind, "name") ?? "", stateOf(bind), addressOf(bind), textOf(bind, "systemId") ?? "", textOf(bind, "bindType") ?? ""],
      ...[countOf(bind, "sessions"), countOf(bind, "maxPerSecond"), textOf(bind, "note") ?? ""],
    ],
  );
}

/** `carillon mail pools` */
export function listPools(options: MeansOptions): Promise<string> {
  return listed(
    "mail-pools",
    options,
    "No mail servers are configured: email.pools of the configuration.",
    ["POOL", "STATE", "SERVER", "TLS", "CONNECTIONS", "A SECOND", "NOTE"],
    (pool) => [
      ...[textOf(pool, "name") ?? "", stateOf(pool), addressOf(pool), textOf(pool, "tls") ?? ""],
      ...[countOf(pool, "connections"), countOf(pool, "maxPerSecond"), textOf(pool, "note") ?? ""],
    ],
  );
}

/** `carillon message senders` */
export function listSenders(options: MeansOptions): Promise<string> {
  return listed(
    "senders",
    options,
    "No senders are configured: sms.senders and email.senders of the configuration.",
    ["SENDER", "CHANNEL", "ADDRESS", "THROUGH"],
    (sender) => [...["name", "channel", "address"].map((name) => textOf(sender, name) ?? ""), listOf(sender, "through").join(", ") || "any bind"],
  );
}

async function listed(
  path: string,
  options: MeansOptions,
  none: string,
  heads: readonly string[],
  cells: (item: unknown) => readonly string[],
): Promise<string> {
  const items = entriesOf(await askOver(options)("GET", path), "items");
  if (options.json) return JSON.stringify(items, undefined, 2);
  return items.length === 0 ? none : tableText(heads, items.map(cells));
}

function stateOf(item: unknown): string {
  const up = fieldOf(item, "up");
  return up === undefined ? "not used" : up === true ? "up" : "down";
}

function addressOf(item: unknown): string {
  const host = textOf(item, "host") ?? "";
  return `${host.includes(":") ? `[${host}]` : host}:${countOf(item, "port")}`;
}

function countOf(item: unknown, name: string): string {
  const value = fieldOf(item, name);
  return typeof value === "number" ? String(value) : "-";
}
