import { type Sound, telephoneRate } from "./wav.ts";

/** How loud a sound is, in dB relative to full scale (0 is the loudest there is). */
export interface Level {
  readonly peakDb: number;
  readonly rmsDb: number;
}

/** Half the width of the low-pass, in samples of the lower rate: 16 keeps aliases more than 60 dB down. */
const halfWidth = 16;
/** Quieter peaks are raised to `targetPeakDb`, louder ones lowered: what comes between is left as it was spoken. */
const quietPeakDb = -9;
const loudPeakDb = -1;
const targetPeakDb = -3;
/** Below this, on a telephone, there is nothing to hear. */
export const silentPeakDb = -45;
/** What counts as silence at either end of synthesized speech, and how much of it stays. */
const edgeDb = -50;
const keptEdgeMs = 60;

const toDb = (value: number): number => (value <= 0 ? -120 : Math.max(-120, 20 * Math.log10(value)));
const fromDb = (db: number): number => 10 ** (db / 20);

/** The low-pass for output samples that lie at the same place between two input samples. */
interface Kernel {
  /** Of the first weight, from the input sample at or before the output sample. */
  readonly first: number;
  readonly weights: Float64Array;
  readonly sum: number;
}

/** @param offset of the output sample behind an input sample, in input samples, 0..1 */
function kernelAt(offset: number, scale: number): Kernel {
  const reach = halfWidth / scale;
  const first = Math.ceil(offset - reach);
  const weights = Float64Array.from({ length: Math.floor(offset + reach) - first + 1 }, (_, tap) => {
    const distance = first + tap - offset;
    const angle = Math.PI * distance * scale;
    return (angle === 0 ? 1 : Math.sin(angle) / angle) * (0.5 + 0.5 * Math.cos((Math.PI * distance) / reach));
  });
  return { first, weights, sum: weights.reduce((sum, weight) => sum + weight, 0) };
}

/** Brings a sound to 8,000 samples a second by a Hann-windowed sinc, which is also the low-pass against aliases. */
export function resample({ samples, sampleRate }: Sound): Float32Array {
  if (sampleRate === telephoneRate) return samples;
  const scale = Math.min(1, telephoneRate / sampleRate);
  const output = new Float32Array(Math.floor((samples.length * telephoneRate) / sampleRate));
  // As many as there are places between two samples: 1 for 48 kHz, 80 for 44.1 kHz. The sines in them would take most of the time.
  const kernels = new Map<number, Kernel>();
  for (let index = 0; index < output.length; index++) {
    const rest = (index * sampleRate) % telephoneRate;
    const kernel = kernels.get(rest) ?? kernelAt(rest / telephoneRate, scale);
    kernels.set(rest, kernel);
    const from = (index * sampleRate - rest) / telephoneRate + kernel.first;
    const { weights } = kernel;
    let sum = 0;
    if (from >= 0 && from + weights.length <= samples.length) {
      for (let tap = 0; tap < weights.length; tap++) sum += (samples[from + tap] ?? 0) * (weights[tap] ?? 0);
      output[index] = kernel.sum === 0 ? 0 : sum / kernel.sum;
      continue;
    }
    // At the ends only what is there counts.
    let present = 0;
    for (let tap = Math.max(0, -from); tap < weights.length && from + tap < samples.length; tap++) {
      sum += (samples[from + tap] ?? 0) * (weights[tap] ?? 0);
      present += weights[tap] ?? 0;
    }
    output[index] = present === 0 ? 0 : sum / present;
  }
  return output;
}

/** Peak and root-mean-square level. */
export function levelOf(samples: Float32Array): Level {
  let peak = 0;
  let power = 0;
  for (const sample of samples) {
    peak = Math.max(peak, Math.abs(sample));
    power += sample * sample;
  }
  return { peakDb: toDb(peak), rmsDb: toDb(Math.sqrt(power / Math.max(1, samples.length))) };
}

/** The sound without the silence at its ends, but for 60 ms each. */
export function trimmed(samples: Float32Array): Float32Array {
  const floor = fromDb(edgeDb);
  const kept = (telephoneRate * keptEdgeMs) / 1000;
  let first = 0;
  let last = samples.length - 1;
  while (first < last && Math.abs(samples[first] ?? 0) < floor) first++;
  while (last > first && Math.abs(samples[last] ?? 0) < floor) last--;
  return samples.subarray(Math.max(0, first - kept), Math.min(samples.length, last + 1 + kept));
}

/** As 16-bit samples, its peak brought into the range that a telephone line carries well. */
export function levelled(samples: Float32Array): Int16Array {
  const { peakDb } = levelOf(samples);
  const gain = peakDb > silentPeakDb && (peakDb < quietPeakDb || peakDb > loudPeakDb) ? fromDb(targetPeakDb - peakDb) : 1;
  const output = new Int16Array(samples.length);
  for (let index = 0; index < samples.length; index++) {
    output[index] = Math.max(-32_768, Math.min(32_767, Math.round((samples[index] ?? 0) * gain * 32_767)));
  }
  return output;
}
