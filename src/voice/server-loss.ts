import { type AnsweredEnding, isThrough, type Witnessed } from "./amd/answered.ts";
import type { Dialog, Endpoint } from "./ports.ts";

/* Calls that are cut because a server of ours went away: nobody else's fault, and said by its name. */

/**
 * Which server of ours cut a call, for people: `FreeSWITCH fs-1 went down`. Undefined when none did. To be asked before the endpoint is closed; takes half a
 * second at most, unless the server hangs.
 */
export async function lostServer(endpoint: Endpoint, dialog: Dialog): Promise<string | undefined> {
  const ended = await Promise.race([dialog.ended, undefined]);
  if (ended?.by === "lost")
    return ended.server === undefined ? "the connection to drachtio-server broke" : `drachtio-server ${ended.server} went away`;
  return ended ? undefined : endpoint.lostWith();
}

/**
 * Somebody had answered, and the attempt keeps when. What they were to hear is said another time, unless they had heard it all, or had come to talk to somebody.
 * @param otherwise what it would be if nobody had cut it
 * @param told what the script had come to
 */
export function endingOfLoss(
  server: string,
  otherwise: AnsweredEnding,
  { talked, abandoned }: Witnessed,
  told: AnsweredEnding["told"],
): AnsweredEnding {
  const reason = `${server} while the person was on the line`;
  if (abandoned || (told && isThrough(told))) return { ...otherwise, reason };
  const { machine } = otherwise;
  return { result: talked ? "dropped" : "carrier-fault", reason, ...(told && { told }), ...(machine && { machine }) };
}
