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
  /** Where the greeting ended before it. */
  beforeRunMs: number;
  runEndMs: number;
  runMs: number;
  /** When a tone last sounded, which is no pause. */
  toneMs: number;
  /** The longest pause in it. */
  pauseMs: number;
  /** How far the clearest sound so far stands out of the noise, dB. */
  clearestDb: number;
  /** How long it has had the pitch of a voice, while it was not clear by its loudness alone. */
  pitchedMs: number;
  /** How long its loudness has been kept up after its beginning. */
  keptUpMs: number;
}

export function newSpeech(): Speech {
  return {
    startMs: undefined,
    endMs: 0,
    voicedMs: 0,
    runStartMs: 0,
    beforeRunMs: 0,
    runEndMs: longAgo,
    runMs: 0,
    toneMs: longAgo,
    pauseMs: 0,
    clearestDb: 0,
    pitchedMs: 0,
    keptUpMs: 0,
  };
}

/**
 * Takes whether there is foreground sound in the frame that ends at `nowMs`.
 * @returns whether a word may be under way that is too short yet
 */
export function hear(speech: Speech, active: boolean, nowMs: number, minimumWordMs: number): boolean {
  if (active) {
    if (nowMs - frameMs - speech.runEndMs > holeMs) {
      speech.runStartMs = nowMs - frameMs;
      speech.beforeRunMs = speech.endMs;
      speech.runMs = 0;
    }
    speech.runEndMs = nowMs;
    speech.runMs += frameMs;
    const isEnding = speech.startMs !== undefined && speech.runMs >= shortestEndingMs && speech.runStartMs - speech.endMs <= endingMs;
    if (speech.runMs >= minimumWordMs || isEnding) {
      if (speech.startMs !== undefined) speech.pauseMs = Math.max(speech.pauseMs, nowMs - frameMs - Math.max(speech.endMs, speech.toneMs));
      speech.startMs ??= speech.runStartMs;
      speech.voicedMs += !isEnding && speech.runMs - frameMs < minimumWordMs ? speech.runMs : frameMs;
      speech.endMs = nowMs;
    }
  }
  return nowMs - speech.runEndMs <= holeMs && speech.runMs < minimumWordMs;
}

/**
 * What was taken for words from `fromMs` on was a tone, which sounds until `toneMs`. What was heard just before it was its beginning, too: people who press
 * a key would wait so much longer.
 */
export function retract(speech: Speech, fromMs: number, toneMs: number): void {
  if (speech.startMs === undefined || speech.startMs >= fromMs - residueMs) Object.assign(speech, newSpeech());
  else speech.endMs = Math.min(speech.endMs, speech.runStartMs >= fromMs - residueMs ? speech.beforeRunMs : fromMs);
  speech.runEndMs = longAgo;
  speech.toneMs = toneMs;
}

/** So much later the greeting is past its beginning. */
const beginningMs = 1200;
/** A voice comes back to within that of the loudest it has been. */
const keptUpDb = 8;

/** Takes how far a frame in the foreground is below the loudest so far, dB. */
export function followLoudness(speech: Speech, belowPeakDb: number, nowMs: number): void {
  if (speech.startMs !== undefined && nowMs - speech.startMs >= beginningMs && belowPeakDb <= keptUpDb) speech.keptUpMs += frameMs;
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
