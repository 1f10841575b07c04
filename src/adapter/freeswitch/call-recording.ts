import { Fault } from "../../kernel/fault.ts";
import type { CallRecording } from "../../voice/ports.ts";
import type { ChannelCommands } from "./channel-commands.ts";
import { recordingFile, recordingPath } from "./recording.ts";
import type { MediaServerState } from "./server-state.ts";

/** No limit: it ends with the call. */
const limitS = 0;

/**
 * Records a channel beside whatever it does (uuid_record, mod_commands.c): it goes on when the channel is bridged, held and bridged anew. FreeSWITCH says
 * +OK also where it cannot write (reference: a missing directory), and nobody is told later.
 * @throws Fault `recording-unavailable`, `recording-path`
 */
export async function recordChannel(
  channelId: string,
  channel: ChannelCommands,
  { name: server, recordings: place }: Pick<MediaServerState, "name" | "recordings">,
  name: string,
): Promise<CallRecording> {
  if (!place) throw new Fault("recording-unavailable", `FreeSWITCH ${server} has no directory for recordings: set voice.recordingsDir.`);
  const path = recordingPath(place, name);
  const tell = async (action: string, more = "") => {
    const reply = (await channel.api("uuid_record", `${channelId} ${action} ${path}${more}`))?.getBody().trim() ?? "the channel is gone";
    if (!reply.startsWith("+OK")) throw new Fault("recording-unavailable", `FreeSWITCH ${server} could not ${action} a recording: ${reply}`);
  };
  await tell("start", ` ${limitS} {RECORD_STEREO=true}`);
  return {
    file: recordingFile(name),
    mask: (masked) => tell(masked ? "mask" : "unmask"),
    // A channel that is gone has ended it.
    stop: () => tell("stop").catch(() => undefined),
  };
}
