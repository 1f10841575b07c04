import { isSettled, push, startAmd } from "../../../src/voice/amd/amd.ts";
import type { AmdOptions } from "../../../src/voice/amd/options.ts";
import { appAmd } from "./app-amd.ts";
import type { Sample } from "./scene.ts";
import type { Judged } from "./score.ts";

/** Carillon's detector over a whole sample: the first verdict, and where it found the beep. */
export function judge(sample: Sample, sound: Int16Array, options: AmdOptions): Judged {
  const state = startAmd(options);
  let first: ReturnType<typeof push>;
  for (let at = 0; at < sound.length && !isSettled(state); at += 160) {
    const verdict = push(state, sound.subarray(at, at + 160));
    first ??= verdict;
  }
  const beep = state.verdict?.beep;
  const { message } = state;
  const { outcome = "none", cause = "", atMs = Number.POSITIVE_INFINITY } = first ?? {};
  return { sample, outcome, cause, atMs, ...(beep ? { beep } : {}), ...(message ? { message } : {}) };
}

export function judgeAsAppAmd(sample: Sample, sound: Int16Array): Judged {
  return { sample, ...appAmd(sound) };
}
