import type { Tap } from "../tap-ports.ts";
import { pushEarlyMedia, startEarlyMedia } from "./early-media.ts";

/** Above what a line without sound is coded as: the smallest step of A-law is 8. */
const idleLevel = 16;

/**
 * Listens to what a call sounds like before it is answered.
 * @param onEnd called once, when it will not be answered by anybody, whatever the signalling says
 * @returns ends it
 */
export function hearEarlyMedia(tap: Tap, onEnd: (heard: "sit" | "busy") => void): () => void {
  const state = startEarlyMedia();
  let silent = true;
  const stop = tap.listen((frame) => {
    // Most calls ring without a sound of their own: that is not worth the work.
    if (silent && frame.every((sample) => Math.abs(sample) <= idleLevel)) return;
    silent = false;
    const heard = pushEarlyMedia(state, frame);
    if (!heard || heard.is === "ringback") return;
    stop();
    onEnd(heard.is);
  });
  return stop;
}
