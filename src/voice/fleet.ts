import type { Drain, NotedServer } from "./fleet-ports.ts";

/** What a node noted longer ago than that says nothing of now: it notes once a second while it lives. */
export const notedMs = 10_000;

/** One server as all nodes see it. */
export interface FleetServer {
  /** Kind and name: freeswitch:fs-1. */
  readonly server: string;
  /** Since when it takes no new calls, by order (epoch ms). */
  readonly drainingSince: number | undefined;
  /** Sessions of all nodes on it. */
  readonly sessions: number;
  readonly nodes: readonly NotedServer[];
}

/** Every server that is configured here, is seen by a node, or was taken out of service, by name. */
export function listServers(configured: readonly string[], drains: readonly Drain[], noted: readonly NotedServer[]): readonly FleetServer[] {
  const names = new Set([...configured, ...drains.map(({ server }) => server), ...noted.map(({ server }) => server)]);
  return [...names].sort().map((server) => {
    const nodes = noted.filter((one) => one.server === server);
    return {
      server,
      drainingSince: drains.find((drain) => drain.server === server)?.since,
      sessions: nodes.reduce((sum, { sessions }) => sum + sessions, 0),
      nodes,
    };
  });
}

/** The server somebody means: by its whole name, or without the kind where only one is called so. */
export function findServer(servers: readonly FleetServer[], name: string): FleetServer | undefined {
  const whole = servers.find(({ server }) => server === name);
  const alike = servers.filter(({ server }) => server.slice(server.indexOf(":") + 1) === name);
  return whole ?? (alike.length === 1 ? alike[0] : undefined);
}
