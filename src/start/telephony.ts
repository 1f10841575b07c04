import { type Capture, openCapture } from "../adapter/drachtio/capture.ts";
import { connectDrachtio, type DrachtioAddress } from "../adapter/drachtio/connection.ts";
import { DrachtioSignalling } from "../adapter/drachtio/signalling.ts";
import { DrachtioTrunkRequests } from "../adapter/drachtio/trunk-requests.ts";
import { FreeswitchMedia } from "../adapter/freeswitch/media.ts";
import type { FreeswitchServerOptions } from "../adapter/freeswitch/server.ts";
import type { ComponentState } from "../api/ports.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { takesCalls } from "../voice/media-fleet.ts";
import type { Media } from "../voice/ports.ts";

/** The settings of both adapters, as `Config` has them. */
export interface TelephonyConfig {
  readonly drachtio: DrachtioAddress & { readonly capturePort?: number; readonly captureAddress?: string };
  readonly freeswitch: readonly FreeswitchServerOptions[];
  readonly node: { readonly name: string };
}

/**
 * One Srf for both telephony adapters: the legs to the called parties and the legs to FreeSWITCH share it.
 * @param patient start without any FreeSWITCH too
 */
export async function openTelephony({ drachtio, freeswitch, node }: TelephonyConfig, clock: Clock, log: Log, patient = false) {
  const connection = await connectDrachtio(drachtio, clock, log.child({ adapter: "drachtio" }));
  const signalling = new DrachtioSignalling(connection, clock, log.child({ adapter: "drachtio" }));
  const media = new FreeswitchMedia(freeswitch, connection.srf, node.name, clock, log.child({ adapter: "freeswitch" }));
  const { capturePort: port, captureAddress: address = "127.0.0.1" } = drachtio;
  let capture: Capture | undefined;
  const close = async () => {
    await media.close();
    connection.close();
    await capture?.close();
  };
  try {
    if (port !== undefined) capture = await openCapture({ host: address, port }, (captured) => signalling.takeCopy(captured));
    else log.info({}, "drachtio.capturePort is not set: of two people who answer one call only the first can be hung up on");
    await media.connect(patient);
  } catch (error) {
    await close();
    throw error;
  }
  return { signalling, trunkRequests: new DrachtioTrunkRequests(connection, clock), media, close };
}

export type Telephony = Awaited<ReturnType<typeof openTelephony>>;

/** How each media server stands, for /readyz. */
export function mediaStates({ servers }: Pick<Media, "servers">): readonly ComponentState[] {
  return servers.map((server) => {
    const ready = takesCalls(server);
    const why = { up: "takes no new calls, by order", silent: "does not answer in time", down: "is not connected; trying again" }[server.state];
    const draining = server.draining && server.state === "up";
    return { name: `freeswitch:${server.name}`, ready, ...(draining && { draining }), ...(!ready && { note: `FreeSWITCH ${why}` }) };
  });
}

/** The servers of this node under the names that orders are given by. */
export function serversOf(media: Pick<FreeswitchMedia, "servers" | "drain">) {
  const kind = "freeswitch:";
  return {
    seen: () => media.servers.map(({ name, state, sessions, maxSessions }) => ({ server: `${kind}${name}`, state, sessions, maxSessions })),
    drain: (server: string, draining: boolean) => media.drain(server.slice(kind.length), draining),
  };
}
