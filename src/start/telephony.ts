import { EventEmitter } from "node:events";
import { DrachtioFleet } from "../adapter/drachtio/fleet.ts";
import type { DrachtioOptions } from "../adapter/drachtio/member.ts";
import { FreeswitchMedia } from "../adapter/freeswitch/media.ts";
import type { FreeswitchServerOptions } from "../adapter/freeswitch/server.ts";
import type { ComponentState } from "../api/ports.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { SeenServer } from "../voice/fleet-ports.ts";
import { takesCalls } from "../voice/media-fleet.ts";
import type { Media, MediaServerView } from "../voice/ports.ts";

/** The settings of both adapters, as `Config` has them. */
export interface TelephonyConfig {
  readonly drachtio: DrachtioOptions;
  /** Further ones; then each has a name. */
  readonly drachtioServers?: readonly DrachtioOptions[];
  readonly freeswitch: readonly FreeswitchServerOptions[];
  readonly node: { readonly name: string };
}

/**
 * One fleet of drachtio-servers for both telephony adapters: the legs to the called parties and the legs to FreeSWITCH share it.
 * @param patient start without any FreeSWITCH too
 */
export async function openTelephony(config: TelephonyConfig, clock: Clock, log: Log, patient = false) {
  const { drachtio, drachtioServers = [], freeswitch, node } = config;
  // Without a secret there is none, and nobody is called: what is configured is for messages alone.
  const servers = drachtio.secret === "" ? [] : [drachtio, ...drachtioServers];
  const signalling = new DrachtioFleet(servers, clock, log.child({ adapter: "drachtio" }));
  let media: FreeswitchMedia | undefined;
  const close = async () => {
    await media?.close();
    await signalling.close();
  };
  try {
    await signalling.connect();
    media = new FreeswitchMedia(
      freeswitch,
      servers.length === 0 ? new EventEmitter() : signalling.srf,
      node.name,
      clock,
      log.child({ adapter: "freeswitch" }),
    );
    await media.connect(patient);
  } catch (error) {
    await close();
    throw error;
  }
  return { signalling, trunkRequests: signalling, media, close };
}

export type Telephony = Awaited<ReturnType<typeof openTelephony>>;

const whys = { up: "takes no new calls, by order", silent: "does not answer in time", down: "is not connected; trying again" } as const;

/** How each media server stands, for /readyz. */
export function mediaStates({ servers }: Pick<Media, "servers">): readonly ComponentState[] {
  return servers.map((server) => ({ name: `freeswitch:${server.name}`, ...standing("FreeSWITCH", server) }));
}

/** How each drachtio-server stands; one that is alone has no name of its own. */
export function signallingStates({ servers }: Pick<DrachtioFleet, "servers">): readonly ComponentState[] {
  return servers.map((server) => ({ name: servers.length === 1 ? "drachtio" : `drachtio:${server.name}`, ...standing("drachtio-server", server) }));
}

function standing(what: string, server: Pick<MediaServerView, "state" | "draining">): Omit<ComponentState, "name"> {
  const ready = takesCalls(server);
  const draining = server.draining && server.state === "up";
  return { ready, ...(draining && { draining }), ...(!ready && { note: `${what} ${whys[server.state]}` }) };
}

type Drainable = {
  readonly servers: readonly (Omit<SeenServer, "server"> & { readonly name: string })[];
  drain(name: string, draining: boolean): void;
};

/** The servers of this node under the names that orders are given by. */
export function serversOf({ media, signalling }: { readonly media: Drainable; readonly signalling: Drainable }) {
  const kinds = [
    ["freeswitch:", media],
    ["drachtio:", signalling],
  ] as const;
  return {
    seen: (): readonly SeenServer[] =>
      kinds.flatMap(([kind, { servers }]) =>
        servers.map(({ name, state, sessions, maxSessions }) => ({ server: `${kind}${name}`, state, sessions, maxSessions })),
      ),
    drain(server: string, draining: boolean): void {
      for (const [kind, fleet] of kinds) if (server.startsWith(kind)) fleet.drain(server.slice(kind.length), draining);
    },
  };
}
