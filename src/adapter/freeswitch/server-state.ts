import type { Linkable } from "./link.ts";
import type { RecordingPlace } from "./recording.ts";

/** The FreeSWITCH an endpoint is on. */
export interface MediaServerState {
  readonly name: string;
  /** Whether it answers. */
  readonly ready: boolean;
  /** Whether it is to be without calls soon. */
  readonly draining: boolean;
  /** Where it keeps what people say; none when nothing may be recorded. */
  readonly recordings: RecordingPlace | undefined;
  /** A channel there that carries a conversation to another server. */
  openLink(): Promise<Linkable>;
}
