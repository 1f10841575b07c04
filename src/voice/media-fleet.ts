import type { MediaServerView } from "./ports.ts";

/** One with less of its CPU idle is used only when all are like that: its sound is about to break up. */
const leastIdleCpu = 0.1;

/** Whether a media server takes new calls. */
export function takesCalls({ state, draining }: Pick<MediaServerView, "state" | "draining">): boolean {
  return state === "up" && !draining;
}

/**
 * The media server for the next session: of those that have room the one with the largest share of it free.
 * @param mediaServer that one and no other: what belongs to a call there goes to one that is being drained, too
 * @param mayOpen whether it may be asked for one more just now
 */
export function chooseServer(
  servers: readonly MediaServerView[],
  mediaServer: string | undefined,
  mayOpen: (server: MediaServerView) => boolean,
): MediaServerView | undefined {
  const wanted = servers.filter((server) => (mediaServer === undefined ? takesCalls(server) : server.name === mediaServer && server.state === "up"));
  return wanted.filter((server) => server.sessions < server.maxSessions && mayOpen(server)).reduce<MediaServerView | undefined>(better, undefined);
}

function better(best: MediaServerView | undefined, server: MediaServerView): MediaServerView {
  if (best === undefined) return server;
  if (isBusy(best) !== isBusy(server)) return isBusy(best) ? server : best;
  return used(server) < used(best) ? server : best;
}

function isBusy({ idleCpu = 1 }: MediaServerView): boolean {
  return idleCpu < leastIdleCpu;
}

/** Share of a server's room that is taken. */
function used({ sessions, maxSessions }: MediaServerView): number {
  return sessions / maxSessions;
}
