import type { Cause, Outcome } from "../../../src/voice/amd/verdict.ts";

/*
 * Asterisk's app_amd, written anew from its published description and the comments of amd.conf.sample: the comparator.
 * It was not checked against a running Asterisk.
 */

/** Defaults of amd.conf.sample, ms; the threshold is a mean of absolute 16-bit samples. */
const initialSilenceMs = 2500;
const greetingMs = 1500;
const afterGreetingSilenceMs = 800;
const totalAnalysisMs = 5000;
const minimumWordMs = 100;
const betweenWordsMs = 50;
const maximumWords = 3;
const maximumWordMs = 5000;
const silenceThreshold = 256;
const frameMs = 20;

/** The verdict on a whole sound; where the file ends first it goes on as silence. */
export function appAmd(sound: Int16Array): { readonly outcome: Outcome; readonly cause: Cause; readonly atMs: number } {
  let [silenceMs, voiceMs, wordMs, words] = [0, 0, 0, 0];
  let inWord = false;
  let inGreeting = false;
  for (let nowMs = frameMs; ; nowMs += frameMs) {
    const frame = sound.subarray((nowMs - frameMs) * 8, nowMs * 8);
    const mean = frame.reduce((sum, sample) => sum + Math.abs(sample), 0) / 160;
    if (nowMs >= totalAnalysisMs) return { outcome: "unknown", cause: "no-decision", atMs: nowMs };
    if (mean < silenceThreshold) {
      silenceMs += frameMs;
      if (silenceMs >= betweenWordsMs) {
        inWord = false;
        wordMs = 0;
      }
      if (!inGreeting && silenceMs >= initialSilenceMs) return { outcome: "machine", cause: "no-speech", atMs: nowMs };
      if (inGreeting && silenceMs >= afterGreetingSilenceMs) return { outcome: "human", cause: "quiet-after-greeting", atMs: nowMs };
      continue;
    }
    wordMs += frameMs;
    voiceMs += frameMs;
    if (wordMs >= minimumWordMs) {
      if (!inWord) words++;
      inWord = true;
      inGreeting = true;
      silenceMs = 0;
    }
    if (wordMs >= maximumWordMs || words >= maximumWords || (inGreeting && voiceMs >= greetingMs)) {
      return { outcome: "machine", cause: "long-greeting", atMs: nowMs };
    }
  }
}
