import type { Linkable } from "./link.ts";
import type { RecordingPlace } from "./recording.ts";

/** The FreeSWITCH an endpoint is on. */
export interface MediaServerState {
  readonly name: string;
  /** Whether it answers. */
  readonly ready: boolean;
  /** Whether it has gone away just now, or is not there, as far as can be found out. Never rejects. */
  fell(): Promise<boolean>;
  /** Whether it is to be without calls soon. */
  readonly draining: boolean;
  /** Where it keeps what people say; none when nothing may be recorded. */
  readonly recordings: RecordingPlace | undefined;
  /** A channel there that carries a conversation to another server. */
  openLink(): Promise<Linkable>;
}

/**
 * What became of the server of a channel that is gone, for people; undefined when it is there.
 * @param hungUp the Reason header of its BYE (RFC 3326); empty when none came
 */
export async function lossOf(server: MediaServerState, hungUp: Promise<string>): Promise<string | undefined> {
  if (await server.fell()) return `FreeSWITCH ${server.name} went down`;
  // One that is shut down properly hangs up on everybody before it goes (switch_core.c, switch_core_destroy).
  return (await hungUp).includes("SYSTEM_SHUTDOWN") ? `FreeSWITCH ${server.name} was shut down` : undefined;
}
