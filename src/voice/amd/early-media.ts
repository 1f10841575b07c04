import { type SignalEar, signalIn } from "./signal.ts";
import { frameMs, frameSamples, type Lens, look, newLens } from "./spectrum.ts";
import { isCallProgress, lengthOf, listen, type ToneEar } from "./tone.ts";

/** What is heard before the answer. Ringing may go on to anything; `sit` and `busy` are the end of the call, whatever the signalling says. */
export type EarlyMedia = "ringback" | "busy" | "sit";

/** Everything heard before the answer; its clock is the samples. */
export interface EarlyMediaState {
  readonly lens: Lens;
  readonly toneEar: ToneEar;
  readonly signalEar: SignalEar;
  nowMs: number;
  heard?: { readonly is: EarlyMedia; readonly atMs: number };
}

export function startEarlyMedia(): EarlyMediaState {
  return { lens: newLens(), toneEar: {}, signalEar: { ended: [], answeringMs: 0 }, nowMs: 0 };
}

/**
 * Takes 20 ms of early media. A bad number is told by its tones before it can be answered by an announcement and cost a call.
 * @param frame 160 samples, 16-bit, 8 kHz; what is missing counts as silence
 * @returns what it is so far; after `sit` or `busy` nothing changes it
 */
export function pushEarlyMedia(state: EarlyMediaState, frame: Int16Array): EarlyMediaState["heard"] {
  if (state.heard && state.heard.is !== "ringback") return state.heard;
  state.nowMs += frameMs;
  const seen = look(state.lens, frame.length === frameSamples ? frame : whole(frame));
  const { now, ended } = listen(state.toneEar, seen, state.nowMs);
  const signal = signalIn(state.signalEar, seen, now, ended, false);
  if (signal?.outcome === "sit") state.heard = { is: "sit", atMs: state.nowMs };
  else if (signal?.cause === "busy") state.heard = { is: "busy", atMs: state.nowMs };
  else if (!state.heard && now && isCallProgress(now) && lengthOf(now) >= ringingMs) state.heard = { is: "ringback", atMs: state.nowMs };
  return state.heard;
}

/** Longer than any busy tone sounds (ITU-T E.180 §4, §5). */
const ringingMs = 700;

function whole(frame: Int16Array): Int16Array {
  const filled = new Int16Array(frameSamples);
  filled.set(frame.subarray(0, frameSamples));
  return filled;
}
