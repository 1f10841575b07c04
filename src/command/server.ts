import { systemClock } from "../adapter/system/clock.ts";
import type { Config } from "../config/schema.ts";
import { orderDrain, readServers } from "../start/fleet.ts";
import type { FleetServer } from "../voice/fleet.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { tableText, timeCell } from "./table.ts";

/** `carillon server list` */
export function listServers(options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withStores(options, async (stores, config) => {
    const servers = await readServers(stores.servers, configured(config), systemClock);
    return options.json
      ? JSON.stringify(servers, undefined, 2)
      : tableText(["SERVER", "NODE", "STATE", "SESSIONS", "AT MOST", "ORDER"], servers.flatMap(rowsOf));
  });
}

/** `carillon server drain|resume NAME` @returns what to say */
export function drainServer(name: string, draining: boolean, options: CommonOptions): Promise<string> {
  return withStores(options, async (stores, config) => {
    const { server, sessions } = await orderDrain(stores.servers, configured(config), systemClock, name, draining);
    if (!draining) return `${server} takes new calls again within two seconds.`;
    return `${server} takes no new calls from now on; ${sessions} sessions are on it. carillon server list shows when it is empty.`;
  });
}

function configured({ freeswitch, drachtio, drachtioServers }: Config) {
  const signalling = [drachtio, ...drachtioServers].map(({ name }, at) => `drachtio:${name ?? `drachtio-${at + 1}`}`);
  return [...freeswitch.map(({ name }) => `freeswitch:${name}`), ...signalling].map((server) => ({ server }));
}

function rowsOf({ server, drainingSince, nodes }: FleetServer): readonly (readonly string[])[] {
  const order = drainingSince === undefined ? "" : `drain since ${timeCell(drainingSince)}`;
  if (nodes.length === 0) return [[server, "-", "no node runs", "0", "", order]];
  return nodes.map(({ node, state, sessions, maxSessions }) => [
    server,
    node,
    state,
    String(sessions),
    maxSessions === undefined ? "" : String(maxSessions),
    order,
  ]);
}
