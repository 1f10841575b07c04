import { frameSamples } from "../media/ticker.ts";
import type { Channel } from "./channel.ts";
import type { Header } from "./event.ts";
import type { Prompt, PromptCache } from "./prompt-cache.ts";

/** How a playback ended (switch_status_t of switch_ivr_play_file). */
export type PlayEnd = "played" | "broken" | "not-found" | "stopped" | "timed-out";

/** FreeSWITCH reads a file ahead in blocks, and counts what it has read, not what was heard (FILE_STARTSAMPLES / 2). */
const readAheadSamples = 16384;
const samplesPerMs = 8;

export interface PlayOptions {
  /** Sample to begin at. */
  readonly from?: number;
  /** Asked about each key pressed meanwhile; true stops the playback. Without it keys are left where they are. */
  readonly onKey?: (key: string) => boolean;
}

/** Plays a file, or a list of them parted by the channel's playback_delimiter (switch_ivr_play_file). */
export async function playFile(channel: Channel, prompts: PromptCache, file: string, options: PlayOptions = {}): Promise<PlayEnd> {
  const { variables } = channel;
  const delimiter = variables.get("playback_delimiter")?.[0];
  const files = delimiter === undefined ? [file] : file.split(delimiter).filter((part) => part !== "");
  const gapMs = Number.parseInt(variables.get("playback_sleep_val") ?? "250", 10);
  const limitS = Number.parseInt(variables.get("playback_timeout_sec") ?? "0", 10);
  let end: PlayEnd = "stopped";
  let offset = options.from ?? 0;
  for (const [place, path] of files.entries()) {
    if (!channel.ready) break;
    if (place > 0 && gapMs > 0) await sleep(channel, gapMs);
    const prompt = prompts.find(path);
    if (!prompt) {
      end = "not-found";
      continue;
    }
    const result = await playOne(channel, prompt, path, { ...options, from: place === 0 ? (options.from ?? 0) : 0 }, limitS > 1 ? limitS : 0, offset);
    end = result.end;
    offset = result.offset;
    if (result.last) break;
  }
  return end;
}

async function playOne(
  channel: Channel,
  prompt: Prompt,
  path: string,
  options: PlayOptions,
  limitS: number,
  offset: number,
): Promise<{ end: PlayEnd; offset: number; last: boolean }> {
  const { variables } = channel;
  const type = /^(tone_stream|local_stream):/i.exec(path)?.[1];
  const named: Header[] = type === undefined ? [] : [["Playback-File-Type", type.toLowerCase()]];
  named.push(["Playback-File-Path", path]);
  channel.fire("PLAYBACK_START", named);
  const { end, from, at, total, last } = await playSound(channel, prompt, options, limitS);
  const played = Math.min(at, total) - from;
  const read = Math.min(total - from, Math.ceil(played / readAheadSamples) * readAheadSamples);
  const newOffset = offset + played;
  variables.set("playback_last_offset_pos", String(newOffset));
  variables.set("playback_seconds", String(Math.floor(read / samplesPerMs / 1000)));
  variables.set("playback_ms", String(Math.floor(read / samplesPerMs)));
  variables.set("playback_samples", String(read));
  channel.fire("PLAYBACK_STOP", [...named, ["Playback-Status", end === "broken" ? "break" : "done"]]);
  return { end, offset: newOffset, last };
}

interface Played {
  readonly end: PlayEnd;
  /** First and next sample, of `total`. */
  readonly from: number;
  readonly at: number;
  readonly total: number;
  /** Nothing else of the list is to be played. */
  readonly last: boolean;
}

/** Sends a sound, frame by frame, until it ends, is broken off or has lasted too long. @param limitS 0 for none */
export async function playSound(channel: Channel, prompt: Prompt, options: PlayOptions, limitS = 0): Promise<Played> {
  const { media } = channel;
  const total = prompt.samples * prompt.times;
  const from = Math.min(options.from ?? 0, total);
  const limit = limitS > 0 ? limitS * 1000 * samplesPerMs : Number.POSITIVE_INFINITY;
  let at = from;
  const ending: { end: PlayEnd | undefined; last: boolean } = { end: at >= total ? "played" : undefined, last: false };
  media.playing = true;
  if (ending.end === undefined) {
    await channel.block(() => {
      if (channel.interrupted) {
        channel.interrupted = false;
        ending.end = "broken";
        // A plain uuid_break ends this file only, and the next one of the list begins.
        return true;
      }
      const key = options.onKey ? channel.keys.take()?.key : undefined;
      if (key !== undefined && options.onKey?.(key)) {
        ending.end = "broken";
        ending.last = true;
        return true;
      }
      const bytes = prompt.bytes(media.law);
      media.send(bytes, prompt.times === 1 ? at : at % prompt.samples);
      at += frameSamples;
      if (at - from >= limit) {
        ending.end = "timed-out";
        ending.last = true;
      } else if (at >= total) ending.end = "played";
      return ending.end !== undefined;
    });
  }
  media.playing = false;
  return { end: ending.end ?? "stopped", from, at, total, last: ending.last };
}

/** Waits, sending silence when the channel asks for it (switch_ivr_sleep). uuid_break ends it. */
export async function sleep(channel: Channel, durationMs: number): Promise<void> {
  const until = channel.core.clock.now() + durationMs;
  await channel.block(() => {
    if (channel.interrupted) {
      channel.interrupted = false;
      return true;
    }
    channel.media.sendIdle(channel.variables.get("send_silence_when_idle"));
    return channel.core.clock.now() >= until;
  });
}
