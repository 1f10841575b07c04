import type { ServerControl } from "../api/server-ports.ts";
import { again } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { inTurn } from "../kernel/in-turn.ts";
import type { Log } from "../kernel/log.ts";
import type { EndpointPool } from "../voice/endpoint-pool-engine.ts";
import { type FleetServer, findServer, listServers, notedMs } from "../voice/fleet.ts";
import type { SeenServer, ServerStore } from "../voice/fleet-ports.ts";

/** An order of another node, or of the command line, is followed within two seconds. */
const lookMs = 1000;

export interface FleetParts {
  readonly store: ServerStore;
  readonly servers: { seen(): readonly SeenServer[]; drain(server: string, draining: boolean): void };
  readonly pool: Pick<EndpointPool, "shed">;
  readonly node: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Follows the orders about servers, those of before the start at once, and notes for everybody how this node sees its own. */
export async function keepFleet(parts: FleetParts): Promise<{ readonly control: ServerControl; close(): Promise<void> }> {
  const { store, servers, pool, node, clock, log } = parts;
  let draining: ReadonlySet<string> = new Set();
  const look = inTurn(async () => {
    const ordered = new Set((await store.drains()).map(({ server }) => server));
    for (const { server } of servers.seen()) {
      if (ordered.has(server) === draining.has(server)) continue;
      servers.drain(server, ordered.has(server));
      log.warn({ server }, ordered.has(server) ? "server takes no new calls, by order" : "server takes new calls again, by order");
    }
    draining = ordered;
    pool.shed();
    await store.note(node, servers.seen(), clock.now());
  });
  const tryToLook = () => look().catch((error) => log.error({ err: error }, "cannot look for orders about servers; trying again"));
  await tryToLook();
  const stop = again(clock, lookMs, async () => {
    await tryToLook();
    return true;
  });
  return {
    control: {
      servers: () => readServers(store, servers.seen(), clock),
      async drain(name, wanted) {
        const { server } = await orderDrain(store, servers.seen(), clock, name, wanted);
        await look();
        return named(await readServers(store, servers.seen(), clock), server);
      },
    },
    close: stop,
  };
}

/** @param configured what is in the configuration of who asks */
export async function readServers(
  store: ServerStore,
  configured: readonly Pick<SeenServer, "server">[],
  clock: Clock,
): Promise<readonly FleetServer[]> {
  const [drains, noted] = await Promise.all([store.drains(), store.noted(clock.now() - notedMs)]);
  return listServers(
    configured.map(({ server }) => server),
    drains,
    noted,
  );
}

/** Writes an order down, for every node. @throws Fault `server-unknown` */
export async function orderDrain(
  store: ServerStore,
  configured: readonly Pick<SeenServer, "server">[],
  clock: Clock,
  name: string,
  draining: boolean,
): Promise<FleetServer> {
  const found = named(await readServers(store, configured, clock), name);
  await store.order(found.server, draining, clock.now());
  return found;
}

function named(servers: readonly FleetServer[], name: string): FleetServer {
  const found = findServer(servers, name);
  if (found) return found;
  const there = servers.map(({ server }) => server).join(", ") || "none";
  throw new Fault("server-unknown", `No server is called "${name}", or several are. There are: ${there}.`);
}
