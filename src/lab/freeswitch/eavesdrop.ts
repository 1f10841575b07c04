import { encode, type Law, linearTable } from "../media/g711.ts";
import { frameSamples } from "../media/ticker.ts";
import type { Channel } from "./channel.ts";
import { FrameQueue } from "./frame-queue.ts";

/**
 * native_eavesdrop UUID read|write, and eavesdrop UUID for both: sends out on this leg what the other leg hears or says, and nothing else. Messages
 * for this leg wait until it is over, even a hangup. It is over when the tapped leg is (mod_dptools.c; switch_ivr_async.c).
 */
export async function eavesdrop(channel: Channel, tapped: Channel | undefined, directions: "read" | "write" | "both"): Promise<void> {
  if (!tapped || tapped === channel || tapped.hangupCause) return;
  const { media } = channel;
  const heard = directions === "write" ? undefined : new FrameQueue();
  const said = directions === "read" ? undefined : new FrameQueue();
  const out = new FrameQueue();
  const tap = { heard, said };
  tapped.media.tap(tap);
  await channel.block(() => {
    if (tapped.hangupCause) return true;
    const one = heard?.next();
    const other = said?.next();
    const frame = one && other ? mix(tapped.media.law, one, other) : (one ?? other);
    if (frame) out.push(tapped.media.law, frame, 0, media.law);
    const next = out.shift();
    if (next) media.send(next);
    else media.sendSilence();
    return false;
  }, false);
  tapped.media.untap(tap);
}

function mix(law: Law, one: Uint8Array, other: Uint8Array): Uint8Array {
  const linear = linearTable(law);
  const sum = new Int16Array(frameSamples);
  for (let at = 0; at < frameSamples; at++) {
    sum[at] = Math.max(-32768, Math.min(32767, (linear[one[at] ?? 0] ?? 0) + (linear[other[at] ?? 0] ?? 0)));
  }
  return encode(law, sum);
}
