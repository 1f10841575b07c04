import { isSettled, push, startAmd } from "./amd.ts";
import type { AmdOptions } from "./options.ts";
import { frameMs, frameSamples } from "./spectrum.ts";
import type { MessagePlace, Verdict } from "./verdict.ts";

/** One 20 ms frame as the detector saw it. */
export interface Moment {
  readonly atMs: number;
  /** dB of full scale. */
  readonly levelDb: number;
  readonly floorDb: number;
  /** How far it stands out of the noise, dB. */
  readonly prominenceDb: number;
  readonly speech: boolean;
}

/** What the detector made of a whole sound, and how it came to that. */
export interface Timeline {
  readonly durationMs: number;
  readonly moments: readonly Moment[];
  /** Verdicts in turn: a machine may become one that has beeped. */
  readonly verdicts: readonly Verdict[];
  readonly message?: MessagePlace;
}

/** @param sound 16-bit, 8 kHz, from the answer on */
export function timelineOf(sound: Int16Array, options: AmdOptions): Timeline {
  const state = startAmd(options);
  const moments: Moment[] = [];
  const verdicts: Verdict[] = [];
  for (let at = 0; at + frameSamples <= sound.length && !isSettled(state); at += frameSamples) {
    const verdict = push(state, sound.subarray(at, at + frameSamples));
    if (verdict && verdict !== verdicts.at(-1)) verdicts.push(verdict);
    const { nowMs, levelDb, prominenceDb, foreground } = state;
    moments.push({ atMs: nowMs - frameMs, levelDb, floorDb: state.activity.floorDb, prominenceDb, speech: foreground.active });
  }
  return { durationMs: sound.length / 8, moments, verdicts, ...(state.message ? { message: state.message } : {}) };
}
