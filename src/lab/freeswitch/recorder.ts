import { writeFileSync } from "node:fs";
import { linearTable, rateHz } from "../media/g711.ts";
import { frameSamples } from "../media/ticker.ts";
import { writeWav } from "../media/wav.ts";
import type { Channel } from "./channel.ts";
import type { Tap } from "./channel-media.ts";
import { FrameQueue } from "./frame-queue.ts";
import type { Variables } from "./variables.ts";

const wavHeaderBytes = 44;

/** Formats mod_sndfile could write and this lab writes too. */
export const recordable = /\.(wav|WAV)$/;

export interface RecorderOptions {
  /** Variables of this recording alone, over those of the channel: {NAME=value,…} */
  readonly own: string;
  /** Infinity for no limit. */
  readonly limitMs: number;
  /** Called when it has been reached; it has to stop the recorder. */
  readonly onLimit: () => void;
}

/** A file being recorded beside whatever the channel does (switch_ivr_record_session). Until it stops there is only a WAV header on disk. */
export class Recorder {
  readonly path: string;
  /** Silence is written in place of what is heard and said. */
  masked = false;
  readonly #channel: Channel;
  readonly #tap: Tap;
  readonly #stereo: boolean;
  readonly #frames: Int16Array[] = [];
  readonly #limitFrames: number;
  readonly #onLimit: () => void;

  constructor(channel: Channel, path: string, { own, limitMs, onLimit }: RecorderOptions) {
    this.#channel = channel;
    this.path = path;
    const isTrue = (name: string) => channel.variables.isTrue(name) || new RegExp(`[{,]${name}=true[,}]`).test(own);
    const readOnly = isTrue("RECORD_READ_ONLY");
    const writeOnly = isTrue("RECORD_WRITE_ONLY");
    this.#stereo = isTrue("RECORD_STEREO") && !readOnly && !writeOnly;
    this.#tap = { heard: writeOnly ? undefined : new FrameQueue(), said: readOnly ? undefined : new FrameQueue() };
    this.#limitFrames = limitMs / 20;
    this.#onLimit = onLimit;
  }

  /** A file that cannot be written is recorded all the same, as on the real switch. @returns whether it can be written */
  start(): boolean {
    const writable = startFile(this.path);
    this.#channel.media.tap(this.#tap);
    this.#channel.fire("RECORD_START", [["Record-File-Path", this.path]]);
    this.#channel.fire("MEDIA_BUG_START", [], this.#bug());
    return writable;
  }

  /** One 20 ms turn. */
  frame(): void {
    const heard = this.#tap.heard?.shift();
    const said = this.#tap.said?.shift();
    const linear = linearTable(this.#channel.media.law);
    const channels = this.#stereo ? 2 : 1;
    const pcm = new Int16Array(frameSamples * channels);
    for (let at = 0; at < frameSamples; at++) {
      const left = heard && !this.masked ? (linear[heard[at] ?? 0] ?? 0) : 0;
      const right = said && !this.masked ? (linear[said[at] ?? 0] ?? 0) : 0;
      if (this.#stereo) {
        pcm[at * 2] = left;
        pcm[at * 2 + 1] = right;
      } else pcm[at] = Math.max(-32768, Math.min(32767, left + right));
    }
    this.#frames.push(pcm);
    if (this.#frames.length >= this.#limitFrames) this.#onLimit();
  }

  stop(): void {
    const { media, variables } = this.#channel;
    media.untap(this.#tap);
    const channels = this.#stereo ? 2 : 1;
    const samples = new Int16Array(this.#frames.length * frameSamples * channels);
    for (const [place, frame] of this.#frames.entries()) samples.set(frame, place * frame.length);
    writeRecording(this.path, samples, channels);
    setRecorded(variables, this.#frames.length * frameSamples, channels);
    variables.set("record_completion_cause", "success-maxtime");
    this.#channel.fire("RECORD_STOP", [
      ["Record-File-Path", this.path],
      ["Record-Completion-Cause", "success-maxtime"],
    ]);
  }

  /** After `stop`, once all recordings that end together have. */
  detach(): void {
    this.#channel.fire("MEDIA_BUG_STOP", [], this.#bug());
  }

  #bug(): [string, string][] {
    return [
      ["Media-Bug-Function", "session_record"],
      ["Media-Bug-Target", this.path],
    ];
  }
}

/** What is on disk until a recording stops. @returns whether it can be written */
export function startFile(path: string): boolean {
  try {
    writeFileSync(path, Buffer.alloc(wavHeaderBytes));
    return true;
  } catch {
    return false;
  }
}

/** Sets the size, under both names that FreeSWITCH gives it, and the length of what was recorded, in whole seconds, milliseconds and samples. */
export function setRecorded(variables: Variables, samples: number, channels = 1): void {
  const bytes = String(wavHeaderBytes + samples * 2 * channels);
  variables.set("record_record_file_size", bytes);
  variables.set("record_file_size", bytes);
  variables.set("record_seconds", String(Math.floor(samples / rateHz)));
  variables.set("record_ms", String(Math.floor((samples * 1000) / rateHz)));
  variables.set("record_samples", String(samples));
}

/** Writes 16-bit PCM; a file that can no longer be written is lost, as on the real switch. */
export function writeRecording(path: string, samples: Int16Array, channels: number): void {
  const wav = writeWav(samples);
  wav.writeUInt16LE(channels, 22);
  wav.writeUInt32LE(8000 * channels * 2, 28);
  wav.writeUInt16LE(channels * 2, 32);
  try {
    writeFileSync(path, wav);
  } catch {
    return;
  }
}
