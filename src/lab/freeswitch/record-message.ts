import { isAbsolute, join as joinPath } from "node:path";
import { decode } from "../media/g711.ts";
import { frameMs } from "../media/ticker.ts";
import { join } from "../media/tone.ts";
import type { Channel } from "./channel.ts";
import { FrameQueue } from "./frame-queue.ts";
import { recordable, setRecorded, startFile, writeRecording } from "./recorder.ts";
import { terminatorOf } from "./terminator.ts";

/** RECORD_START and RECORD_STOP of this application are fired from here. */
const startOrigin = ["switch_ivr_play_say.c", "switch_ivr_record_file_event", "770"] as const;
const stopOrigin = ["switch_ivr_play_say.c", "switch_ivr_record_file_event", "1033"] as const;
const defaultSilenceS = 3;
/** Frames that come at once after a machine was held up are all part of what was said. */
const mostLateFrames = 50;
const destinationOutOfOrder = { name: "DESTINATION_OUT_OF_ORDER", number: 27 } as const;

/**
 * record: path [[+]limit s] [silence threshold] [silence s] (mod_dptools.c, record_function; switch_ivr_play_say.c, switch_ivr_record_file_event). Takes down what
 * the far end says until a key of playback_terminators, the limit, so much silence (from the beginning on; the threshold is the mean magnitude of a frame), uuid_break,
 * or the end of the call; then what there is, is kept. Seconds are counted as whole ones of the clock, so a limit of 2 comes after 2 to 3 s. Two things end the call:
 * a file that cannot be opened, and a transfer in the middle (its extension is not run).
 */
export async function record(channel: Channel, data: string): Promise<void> {
  const [name = "", limit = "", threshold = "", hits = ""] = data.trim().split(/\s+/);
  if (name === "") return;
  channel.variables.set("playback_terminator_used", undefined);
  const file = isAbsolute(name) ? name : joinPath(channel.variables.get("sound_prefix") ?? channel.core.globals.get("sounds_dir") ?? "/", name);
  if (!recordable.test(file)) channel.host.unknown(`record into the format of ${name}`);
  if (recordable.test(file) && startFile(file)) {
    const silence = { level: Number.parseInt(threshold, 10) || 0, forMs: (Number.parseInt(hits, 10) || defaultSilenceS) * 1000 };
    await takeDown(channel, file, Number.parseInt(limit.replace(/^\+/, ""), 10) || Number.POSITIVE_INFINITY, silence);
    if (channel.ready) return;
  }
  channel.hangup(destinationOutOfOrder);
}

async function takeDown(channel: Channel, file: string, limitS: number, silence: { readonly level: number; readonly forMs: number }): Promise<void> {
  const { core, media, variables } = channel;
  const [codec, rate] = [variables.get("read_codec"), variables.get("read_rate")];
  const tap = { heard: new FrameQueue(mostLateFrames), said: undefined };
  const frames: Int16Array[] = [];
  /** Takes down what has come. @returns the loudest frame of it; undefined when nothing has come */
  const take = (): number | undefined => {
    let loudest: number | undefined;
    for (let heard = tap.heard.shift(); heard; heard = tap.heard.shift()) {
      const pcm = decode(media.law, heard);
      frames.push(pcm);
      loudest = Math.max(loudest ?? 0, meanMagnitude(pcm));
    }
    return loudest;
  };
  const second = () => Math.floor(core.clock.now() / 1000);
  let startS = second();
  let quietMs = 0;
  variables.set("silence_hits_exhausted", "false");
  variables.set("read_codec", "L16");
  variables.set("read_rate", "8000");
  media.tap(tap);
  const path = [["Record-File-Path", file]] as const;
  core.fire("RECORD_START", { subject: channel, after: path, origin: startOrigin });
  await channel.block(() => {
    if (channel.interrupted) {
      channel.interrupted = false;
      return true;
    }
    if (second() - startS > limitS) return true;
    const key = channel.keys.take()?.key;
    if (key !== undefined) {
      if (variables.isTrue("record_restart_limit_on_dtmf")) startS = second();
      if (terminatorOf(channel, key)) return true;
    }
    // A frame that did not come is no part of the file: FreeSWITCH writes it only when record_fill_cng is set.
    const loudest = take();
    if (silence.level > 0) {
      quietMs = (loudest ?? 0) < silence.level ? quietMs + frameMs : 0;
      if (quietMs >= silence.forMs) {
        variables.set("silence_hits_exhausted", "true");
        return true;
      }
    }
    media.sendSilence();
    return false;
  });
  media.untap(tap);
  take();
  const samples = join(frames);
  writeRecording(file, samples, 1);
  setRecorded(variables, samples.length);
  core.fire("RECORD_STOP", { subject: channel, after: path, origin: stopOrigin });
  variables.set("read_codec", codec);
  variables.set("read_rate", rate);
}

function meanMagnitude(pcm: Int16Array): number {
  return pcm.reduce((sum, sample) => sum + Math.abs(sample), 0) / pcm.length;
}
