import { readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { RecordEnd, RecordRequest } from "../../ivr/ports.ts";
import { Fault } from "../../kernel/fault.ts";
import { promptDelimiter } from "./dialplan.ts";
import { joinPrompts } from "./digits.ts";
import type { EslEvent } from "./modesl.ts";

/** Where the media server keeps what people say. */
export interface RecordingPlace {
  /** As we see it; it may not be there when the media server is on another machine. */
  readonly dir: string;
  /** As the media server sees it. */
  readonly mediaDir: string;
}

/** Mean magnitude of a 20 ms frame below which nobody speaks: about -45 dBm0, above the noise of an idle line. */
const speechFloor = 200;
/** Less speech than this is a click or a breath. */
const leastSpeechMs = 300;
const frameSamples = 160;
const samplesPerMs = 8;

/** Tells the person to speak. */
const beep = "tone_stream://v=-13;%(300,0,1000)";

export function recordingFile(name: string): string {
  return `${name}.wav`;
}

/** What is heard before a recording, as one FreeSWITCH file name. */
export function withBeep({ prompts, beep: beeps }: RecordRequest): string {
  if (!beeps) return joinPrompts(prompts);
  return prompts.length === 0 ? beep : `${joinPrompts(prompts)}${promptDelimiter}${beep}`;
}

/**
 * Where the media server writes a recording.
 * @throws Fault `recording-path` for a directory that would break out of the command line it goes into
 */
export function recordingPath({ mediaDir }: RecordingPlace, name: string): string {
  if (/[\s'"\\{}$]|\p{Cc}/u.test(mediaDir))
    throw new Fault(
      "recording-path",
      `"${mediaDir}" has a blank or a special character in it; choose another voice.recordingsDir or recordingsMediaDir`,
    );
  return join(mediaDir, recordingFile(name));
}

/**
 * The argument of record: file, limit in s, silence threshold, silence in s (mod_dptools.c, record_function). It knows whole seconds only.
 * @throws Fault `recording-path`, as `recordingPath`
 */
export function recordArgument(place: RecordingPlace, { name, maxMs, silenceMs }: RecordRequest): string {
  return `${recordingPath(place, name)} ${Math.ceil(maxMs / 1000)} ${speechFloor} ${silenceSeconds(silenceMs)}`;
}

function silenceSeconds(silenceMs: number): number {
  return Math.max(1, Math.ceil(silenceMs / 1000));
}

/**
 * What came of a recording. A file in which nobody speaks is removed. Where we cannot read it (the media server keeps it on
 * another machine) it is judged by its length, less the silence that ended it.
 */
export async function readRecorded(event: EslEvent, place: RecordingPlace, { name, silenceMs }: RecordRequest): Promise<RecordEnd> {
  const recording = recordingFile(name);
  const path = join(place.dir, recording);
  const durationMs = Number(event.getHeader("variable_record_ms")) || 0;
  const silenceEndedIt = event.getHeader("variable_silence_hits_exhausted") === "true";
  const spokenMs = (await spokenIn(path)) ?? durationMs - (silenceEndedIt ? silenceSeconds(silenceMs) * 1000 : 0);
  if (spokenMs >= leastSpeechMs) return { end: "recorded", recording, durationMs };
  await unlink(path).catch(() => {});
  return { end: "silent" };
}

async function spokenIn(path: string): Promise<number | undefined> {
  try {
    return spokenMs(await readFile(path));
  } catch {
    return undefined;
  }
}

/** How long somebody speaks in a WAV file of 16-bit PCM, 8 kHz, one channel, as FreeSWITCH writes it; undefined when it is none. */
export function spokenMs(file: Buffer): number | undefined {
  let at = 12;
  if (file.length < at || file.toString("latin1", 0, 4) !== "RIFF") return undefined;
  while (at + 8 <= file.length && file.toString("latin1", at, at + 4) !== "data") at += 8 + file.readUInt32LE(at + 4);
  if (at + 8 > file.length) return undefined;
  const first = at + 8;
  // Five minutes are 2.4 million samples, and calls wait meanwhile: a typed array takes some milliseconds for them.
  const samples = new Int16Array(Math.floor((file.length - first) / 2));
  Buffer.from(samples.buffer).set(file.subarray(first, first + samples.byteLength));
  let speaking = 0;
  for (let start = 0; start + frameSamples <= samples.length; start += frameSamples) {
    let sum = 0;
    for (let sample = start; sample < start + frameSamples; sample += 1) sum += Math.abs(samples[sample] ?? 0);
    if (sum >= speechFloor * frameSamples) speaking += 1;
  }
  return (speaking * frameSamples) / samplesPerMs;
}
