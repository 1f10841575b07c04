import type { Channel } from "./channel.ts";
import type { Tap } from "./channel-media.ts";
import { FrameQueue } from "./frame-queue.ts";
import { mix } from "./media-filter.ts";

/**
 * native_eavesdrop UUID read|write: sends out on this leg what the other leg hears or says, and nothing else. Messages for this leg wait until it is over,
 * even a hangup. It is over when the tapped leg is (mod_dptools.c; switch_ivr_async.c).
 */
export function nativeEavesdrop(channel: Channel, tapped: Channel | undefined, direction: "read" | "write"): Promise<void> {
  const heard = direction === "read" ? new FrameQueue() : undefined;
  const said = direction === "write" ? new FrameQueue() : undefined;
  return listenIn(channel, tapped, { heard, said, whisper: {} }, () => true);
}

/**
 * eavesdrop UUID: this leg hears both directions of the other one, whatever that does. What is said on this leg goes nowhere; with eavesdrop_whisper_aleg
 * into what the other leg says, with eavesdrop_whisper_bleg into what it is made to hear, and this leg does not hear itself by that. Unless
 * eavesdrop_enable_dtmf forbids it, keys 0 to 3 change that and * ends it (eavesdrop_function and switch_ivr_eavesdrop_session).
 */
export async function eavesdrop(channel: Channel, tapped: Channel | undefined): Promise<void> {
  const { variables, media } = channel;
  const own = { heard: new FrameQueue(), said: undefined };
  const whisper: { read?: FrameQueue; write?: FrameQueue } = {};
  const speakTo = (others: boolean, one: boolean) => {
    if (others) whisper.read ??= new FrameQueue();
    else delete whisper.read;
    if (one) whisper.write ??= new FrameQueue();
    else delete whisper.write;
  };
  speakTo(variables.isTrue("eavesdrop_whisper_aleg"), variables.isTrue("eavesdrop_whisper_bleg"));
  const takesKeys = variables.get("eavesdrop_enable_dtmf") === undefined || variables.isTrue("eavesdrop_enable_dtmf");
  media.tap(own);
  await listenIn(channel, tapped, { heard: new FrameQueue(), said: new FrameQueue(), whisper }, (law) => {
    const frame = own.heard.next();
    if (frame) for (const queue of [whisper.read, whisper.write]) queue?.push(media.law, frame, 0, law);
    const key = channel.keys.take()?.key;
    if (!takesKeys || key === undefined) return true;
    if (/[0-3]/.test(key)) speakTo(key === "1" || key === "3", key === "2" || key === "3");
    return key !== "*";
  });
  media.untap(own);
}

/** @param turn every 20 ms; false ends it */
async function listenIn(channel: Channel, tapped: Channel | undefined, tap: Tap, turn: (law: Channel["media"]["law"]) => boolean): Promise<void> {
  if (!tapped || tapped === channel || tapped.hangupCause) return;
  const { media } = channel;
  const { heard, said } = tap;
  const out = new FrameQueue();
  tapped.media.tap(tap);
  await channel.block(() => {
    if (tapped.hangupCause || !turn(tapped.media.law)) return true;
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
