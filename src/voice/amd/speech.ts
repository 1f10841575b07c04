import { frameMs } from "./spectrum.ts";
import type { Span } from "./verdict.ts";

/* Words out of frames: a greeting from its first word to its last. */

/** A hole inside a word that is still the same word: the closure before a p, t or k. */
const holeMs = 40;
const longAgo = -1000;
/** So soon after a word even a short sound is its ending: the burst of a t or k. */
const endingMs = 300;
const shortestEndingMs = 40;
/** Less than that before a tone is the beginning of the tone. */
const residueMs = 60;

export interface Speech {
  /** The greeting so far, from its first word to the end of its last. */
  startMs: number | undefined;
  endMs: number;
  /** Sound in it. */
  voicedMs: number;
  /** The sound being heard: a word, once it is long enough. */
  runStartMs: number;
  runEndMs: number;
  runMs: number;
  /** The longest pause in it. */
  pauseMs: number;
  /** How far the clearest sound so far stands out of the noise, dB. */
  clearestDb: number;
}

export function newSpeech(): Speech {
  return { startMs: undefined, endMs: 0, voicedMs: 0, runStartMs: 0, runEndMs: longAgo, runMs: 0, pauseMs: 0, clearestDb: 0 };
}

/**
 * Takes whether there is foreground sound in the frame that ends at `nowMs`.
 * @returns whether a word may be under way that is too short yet
 */
export function hear(speech: Speech, active: boolean, nowMs: number, minimumWordMs: number): boolean {
  if (active) {
    if (nowMs - frameMs - speech.runEndMs > holeMs) {
      speech.runStartMs = nowMs - frameMs;
      speech.runMs = 0;
    }
    speech.runEndMs = nowMs;
    speech.runMs += frameMs;
    const isEnding = speech.startMs !== undefined && speech.runMs >= shortestEndingMs && speech.runStartMs - speech.endMs <= endingMs;
    if (speech.runMs >= minimumWordMs || isEnding) {
      if (speech.startMs !== undefined) speech.pauseMs = Math.max(speech.pauseMs, nowMs - frameMs - speech.endMs);
      speech.startMs ??= speech.runStartMs;
      speech.voicedMs += !isEnding && speech.runMs - frameMs < minimumWordMs ? speech.runMs : frameMs;
      speech.endMs = nowMs;
    }
  }
  return nowMs - speech.runEndMs <= holeMs && speech.runMs < minimumWordMs;
}

/** What was taken for words from `fromMs` on was a tone. */
export function retract(speech: Speech, fromMs: number): void {
  if (speech.startMs === undefined || speech.startMs >= fromMs - residueMs) Object.assign(speech, newSpeech());
  else speech.endMs = Math.min(speech.endMs, fromMs);
  speech.runEndMs = longAgo;
}

/** What was taken for a tone was a note or a long vowel: a part of the greeting after all. */
export function include(speech: Speech, { startMs, endMs }: Span): void {
  speech.startMs = Math.min(speech.startMs ?? startMs, startMs);
  speech.endMs = Math.max(speech.endMs, endMs);
  speech.voicedMs += endMs - startMs;
  // A tone is no noise.
  speech.clearestDb = Number.POSITIVE_INFINITY;
}

/** The greeting so far; undefined before the first word. */
export function greetingOf({ startMs, endMs }: Speech): Span | undefined {
  return startMs === undefined ? undefined : { startMs, endMs };
}
