import type { Tap } from "../tap-ports.ts";
import { pushEarlyMedia, startEarlyMedia } from "./early-media.ts";

/**
 * Listens to what a call sounds like before it is answered.
 * @param onEnd called once, when it will not be answered by anybody, whatever the signalling says
 * @returns ends it
 */
export function hearEarlyMedia(tap: Tap, onEnd: (heard: "sit" | "busy") => void): () => void {
  const state = startEarlyMedia();
  const stop = tap.listen((frame) => {
    const heard = pushEarlyMedia(state, frame);
    if (!heard || heard.is === "ringback") return;
    stop();
    onEnd(heard.is);
  });
  return stop;
}
