import type { RecordingFinding } from "../../ivr/recording-ports.ts";
import { levelOf, silentPeakDb } from "./telephone.ts";
import type { Sound } from "./wav.ts";

/** Speech on a telephone line lies at −30 to −15 dB; below this it has to be raised so much that its noise comes with it. */
const quietRmsDb = -40;
/** This near to full scale, samples that do not move any more were cut off. */
const fullScale = 0.98;
const flatSamples = 3;
/** A click is no clipping: this share of the sound must be cut off. */
const clippedShare = 0.001;
/** Silence at the beginning that a person waits through, and thinks that nobody is there. */
const lateMs = 1_000;
const windowMs = 20;
/** What is so much quieter than the whole, or quieter than anything on a line, is silence. */
const silenceBelowRmsDb = 25;
const silenceDb = -50;

/**
 * What is wrong with the level of a recording, as it was made: before anything is converted.
 * @returns findings, the weightiest first
 */
export function judgeRecording(sound: Sound): RecordingFinding[] {
  const { samples, sampleRate } = sound;
  const { peakDb } = levelOf(samples);
  if (peakDb < silentPeakDb) {
    return [{ code: "prompt-unplayable", severity: "error", message: "is silent: nothing can be heard in it", fix: "Record it again." }];
  }
  const found: RecordingFinding[] = [];
  const spoken = soundingPart(sound);
  const { rmsDb } = levelOf(samples.subarray(spoken.from, spoken.to));
  if (rmsDb < quietRmsDb) {
    const message = `is very quiet: ${Math.round(rmsDb)} dB on the average, and its noise will be raised with it`;
    found.push({ code: "recording-quiet", severity: "warning", message, fix: "Record it nearer to the microphone, at −30 to −15 dB." });
  }
  const share = clippedSamples(samples) / Math.max(1, spoken.to - spoken.from);
  if (share > clippedShare) {
    const message = `is clipped: ${(share * 100).toFixed(1)} % of it was too loud for the recorder, and will crackle`;
    found.push({ code: "recording-clipped", severity: "warning", message, fix: "Record it again, not so loud." });
  }
  const silentMs = (spoken.from / sampleRate) * 1000;
  if (silentMs > lateMs) {
    const message = `begins with ${(silentMs / 1000).toFixed(1)} s of silence`;
    found.push({ code: "recording-late", severity: "warning", message, fix: "Cut the silence: whoever hears nothing hangs up." });
  }
  return found;
}

/** From the first to the last 20 ms in which there is something to hear. */
function soundingPart({ samples, sampleRate }: Sound): { readonly from: number; readonly to: number } {
  const width = Math.max(1, Math.round((sampleRate * windowMs) / 1000));
  const floor = Math.max(silenceDb, levelOf(samples).rmsDb - silenceBelowRmsDb);
  const sounds = (at: number) => levelOf(samples.subarray(at, at + width)).rmsDb > floor;
  let from = 0;
  while (from + width < samples.length && !sounds(from)) from += width;
  let to = samples.length;
  while (to - width > from && !sounds(to - width)) to -= width;
  return { from, to };
}

/** Samples that lie in runs at full scale. */
function clippedSamples(samples: Float32Array): number {
  let clipped = 0;
  let run = 0;
  let before = 0;
  const end = () => {
    if (run >= flatSamples) clipped += run;
  };
  for (const sample of samples) {
    if (Math.abs(sample) < fullScale) {
      end();
      run = 0;
    } else if (run > 0 && sample === before) run += 1;
    else {
      end();
      run = 1;
    }
    before = sample;
  }
  end();
  return clipped;
}
