import { linearTable } from "../media/g711.ts";
import { frameSamples } from "../media/ticker.ts";
import type { Application, Channel } from "./channel.ts";
import { FrameQueue } from "./frame-queue.ts";
import { terminatorOf } from "./playback-applications.ts";
import { Recorder, writeRecording } from "./recorder.ts";

/** Formats mod_sndfile could write and this lab writes too. */
const recordable = /\.(wav|WAV)$/;

/** The recordings that run beside the channels, so that their frames are driven and they end with the call. */
export class Recordings {
  readonly #running = new Map<Channel, Recorder[]>();

  /** uuid_record start and record_session. @returns false when FreeSWITCH would refuse the file's name; an unwritable file is no refusal */
  start(channel: Channel, path: string, limitS: number | undefined): boolean {
    if (!recordable.test(path)) return false;
    const running = this.#running.get(channel) ?? [];
    if (running.some((recorder) => recorder.path === path)) return true;
    const recorder: Recorder = new Recorder(channel, path, limitS === undefined ? Number.POSITIVE_INFINITY : limitS * 1000, () =>
      this.stop(channel, path),
    );
    const writable = recorder.start();
    this.#running.set(channel, [...running, recorder]);
    if (!writable) channel.variables.set("record_completion_cause", "uri-failure");
    return true;
  }

  /** @param path of the recording, or `all` @returns false when there is no such recording */
  stop(channel: Channel, path: string): boolean {
    const running = this.#running.get(channel) ?? [];
    const ended = running.filter((recorder) => path === "all" || recorder.path === path);
    const left = running.filter((recorder) => !ended.includes(recorder));
    if (left.length > 0) this.#running.set(channel, left);
    else this.#running.delete(channel);
    for (const recorder of ended) recorder.stop();
    for (const recorder of ended) recorder.detach();
    return ended.length > 0;
  }

  frame(channel: Channel): void {
    for (const recorder of this.#running.get(channel) ?? []) recorder.frame();
  }

  applications(): [string, Application][] {
    return [
      ["record", record],
      ["record_session", (channel, data) => void this.start(channel, data.split("+")[0]?.trim() ?? "", undefined)],
      ["stop_record_session", (channel, data) => void this.stop(channel, data.trim())],
    ];
  }
}

/** record: path [limit seconds] [silence threshold] [silence seconds] (mod_dptools.c, record_function). */
async function record(channel: Channel, data: string): Promise<void> {
  const [path = "", limit = "", threshold = "", hits = ""] = data.trim().split(/\s+/);
  const { media, variables } = channel;
  variables.set("playback_terminator_used", undefined);
  const tap = { heard: new FrameQueue(), said: undefined };
  const frames: Int16Array[] = [];
  const limitFrames = (Number.parseInt(limit, 10) || Number.POSITIVE_INFINITY) * 50;
  const level = Number.parseInt(threshold, 10) || 0;
  const quietFrames = (Number.parseInt(hits, 10) || 3) * 50;
  let quiet = 0;
  if (!recordable.test(path)) return;
  media.tap(tap);
  channel.fire("RECORD_START", [["Record-File-Path", path]]);
  await channel.block(() => {
    if (channel.interrupted) {
      channel.interrupted = false;
      return true;
    }
    const key = channel.takeKey();
    if (key !== undefined && terminatorOf(channel, key)) return true;
    const frame = tap.heard.shift();
    const linear = linearTable(media.law);
    const pcm = new Int16Array(frameSamples);
    let sum = 0;
    for (let at = 0; frame && at < frameSamples; at++) {
      pcm[at] = linear[frame[at] ?? 0] ?? 0;
      sum += Math.abs(pcm[at] ?? 0);
    }
    frames.push(pcm);
    media.sendIdle(variables.get("send_silence_when_idle"));
    quiet = level > 0 && sum / frameSamples < level ? quiet + 1 : 0;
    return frames.length >= limitFrames || (level > 0 && quiet >= quietFrames);
  });
  media.untap(tap);
  const samples = new Int16Array(frames.length * frameSamples);
  for (const [place, frame] of frames.entries()) samples.set(frame, place * frameSamples);
  writeRecording(path, samples, 1);
  variables.set("record_file_size", String(44 + samples.length * 2));
  variables.set("record_seconds", String(Math.floor(samples.length / 8000)));
  variables.set("record_ms", String(samples.length / 8));
  variables.set("record_samples", String(samples.length));
  channel.fire("RECORD_STOP", [["Record-File-Path", path]]);
}
