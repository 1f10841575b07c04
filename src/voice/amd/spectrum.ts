/* One look at the line: how loud it is, in which bands, and whether it is a tone. */

/** Samples a frame: 20 ms at 8 kHz. */
export const frameSamples = 160;
export const frameMs = 20;
/** Samples of a look. */
export const size = 256;
const half = size / 2;
const binHz = 8000 / size;
/** Nothing is quieter: half a step of 16 bits. */
export const quietestDb = -96;

/** Lower edges of the bands in which speech is looked for, Hz, and the upper edge of the last. */
const bandEdgesHz = [250, 450, 700, 1100, 1700, 2500, 3400];
const bandBins = bandEdgesHz.map((hz) => Math.round(hz / binHz));
export const bandCount = bandEdgesHz.length - 1;
/** Below lies mains hum, above nothing of a telephone. */
export const firstBin = 7;
export const lastBin = 112;

const window = Float64Array.from({ length: size }, (_, at) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (at + 0.5)) / size));
const cosines = Float64Array.from({ length: half }, (_, k) => Math.cos((2 * Math.PI * k) / size));
const sines = Float64Array.from({ length: half }, (_, k) => Math.sin((2 * Math.PI * k) / size));
const reversed = Uint16Array.from({ length: half }, (_, at) => Number.parseInt(at.toString(2).padStart(7, "0").split("").reverse().join(""), 2));

/** A peak of the spectrum. */
export interface Peak {
  readonly hz: number;
  /** Its part of the power on the line that is no noise, 0..1. */
  readonly share: number;
}

export interface Look {
  /** Level of the newest 20 ms, dB of full scale. */
  readonly levelDb: number;
  /** Level of each band over the last 32 ms, dB of full scale; good until the next look. */
  readonly bandsDb: Float64Array;
  readonly first: Peak;
  readonly second: Peak;
}

/** What is remembered between looks: the last 32 ms, and the power of the noise in each bin. */
export interface Lens {
  readonly samples: Float64Array;
  readonly noise: Float64Array;
  readonly power: Float64Array;
  readonly bandsDb: Float64Array;
}

export function newLens(): Lens {
  return { samples: new Float64Array(size), noise: new Float64Array(half), power: new Float64Array(half), bandsDb: new Float64Array(bandCount) };
}

const toDb = (power: number): number => Math.max(quietestDb, 10 * Math.log10(power + 1e-12));

/**
 * Takes 20 ms and looks at the last 32 (Hann window, 256-point FFT).
 * @param frame 160 samples, 16-bit
 */
export function look(lens: Lens, frame: Int16Array): Look {
  const { samples, power, noise, bandsDb } = lens;
  samples.copyWithin(0, frameSamples);
  let sum = 0;
  for (let at = 0; at < frameSamples; at++) {
    const sample = (frame[at] ?? 0) / 32768;
    samples[size - frameSamples + at] = sample;
    sum += sample * sample;
  }
  transform(samples, power);
  for (let band = 0; band < bandCount; band++) {
    let inBand = 0;
    for (let bin = bandBins[band] ?? 0; bin < (bandBins[band + 1] ?? 0); bin++) inBand += power[bin] ?? 0;
    bandsDb[band] = toDb(inBand);
  }
  let total = 1e-10;
  for (let bin = firstBin; bin <= lastBin; bin++) total += above(power, noise, bin);
  const first = peak(power, noise, total, -10);
  const second = peak(power, noise, total, first.bin);
  return { levelDb: toDb(sum / frameSamples), bandsDb, first, second };
}

/** Learns the noise of the line from a look in which nobody speaks and nothing sounds. */
export function learnNoise({ noise, power }: Lens): void {
  for (let bin = 0; bin < half; bin++) noise[bin] = (noise[bin] ?? 0) + 0.08 * ((power[bin] ?? 0) - (noise[bin] ?? 0));
}

/** Power in a bin that is no noise. */
export function above(power: Float64Array, noise: Float64Array, bin: number): number {
  return Math.max(0, (power[bin] ?? 0) - 1.5 * (noise[bin] ?? 0));
}

/** The loudest bin that is not beside bin `not`, with its neighbours. */
function peak(power: Float64Array, noise: Float64Array, total: number, not: number): Peak & { readonly bin: number } {
  let best = firstBin;
  let most = -1;
  for (let bin = firstBin; bin <= lastBin; bin++) {
    if (Math.abs(bin - not) <= 3) continue;
    const here = above(power, noise, bin);
    if (here > most) {
      most = here;
      best = bin;
    }
  }
  let lobe = 0;
  for (let bin = best - 2; bin <= best + 2; bin++) if (Math.abs(bin - not) > 2) lobe += above(power, noise, bin);
  // The top of the parabola through the logarithms of three bins lies within 1 Hz of a steady tone.
  const left = logOf(power, best - 1);
  const right = logOf(power, best + 1);
  const bend = left - 2 * logOf(power, best) + right;
  const offset = bend < 0 ? Math.max(-0.5, Math.min(0.5, (0.5 * (left - right)) / bend)) : 0;
  return { hz: (best + offset) * binHz, share: Math.min(1, lobe / total), bin: best };
}

function logOf(power: Float64Array, bin: number): number {
  return Math.log((power[bin] ?? 0) + 1e-14);
}

const real = new Float64Array(half);
const imaginary = new Float64Array(half);

/**
 * Power of each bin, scaled so that the bins of a sound add up to its mean square. Even samples are taken for the real part and odd ones for the
 * imaginary part of half as many (Cooley and Tukey, radix 2), whose transform is split afterwards (Sorensen et al. 1987).
 */
function transform(samples: Float64Array, power: Float64Array): void {
  for (let at = 0; at < half; at++) {
    const from = 2 * (reversed[at] ?? 0);
    real[at] = (samples[from] ?? 0) * (window[from] ?? 0);
    imaginary[at] = (samples[from + 1] ?? 0) * (window[from + 1] ?? 0);
  }
  for (let width = 2; width <= half; width *= 2) {
    const step = size / width;
    const middle = width / 2;
    for (let start = 0; start < half; start += width) {
      for (let k = 0; k < middle; k++) {
        const low = start + k;
        const high = low + middle;
        const cos = cosines[k * step] ?? 0;
        const sin = sines[k * step] ?? 0;
        const re = (real[high] ?? 0) * cos + (imaginary[high] ?? 0) * sin;
        const im = (imaginary[high] ?? 0) * cos - (real[high] ?? 0) * sin;
        real[high] = (real[low] ?? 0) - re;
        imaginary[high] = (imaginary[low] ?? 0) - im;
        real[low] = (real[low] ?? 0) + re;
        imaginary[low] = (imaginary[low] ?? 0) + im;
      }
    }
  }
  // Twice for the mirrored half; the mean square of the window is 3/8.
  const scale = 2 / (0.375 * size * size);
  for (let bin = 0; bin < half; bin++) {
    const mirrored = (half - bin) % half;
    const evenRe = ((real[bin] ?? 0) + (real[mirrored] ?? 0)) / 2;
    const evenIm = ((imaginary[bin] ?? 0) - (imaginary[mirrored] ?? 0)) / 2;
    const oddRe = ((imaginary[bin] ?? 0) + (imaginary[mirrored] ?? 0)) / 2;
    const oddIm = ((real[mirrored] ?? 0) - (real[bin] ?? 0)) / 2;
    const cos = cosines[bin] ?? 0;
    const sin = sines[bin] ?? 0;
    const re = evenRe + oddRe * cos + oddIm * sin;
    const im = evenIm + oddIm * cos - oddRe * sin;
    power[bin] = scale * (re * re + im * im);
  }
}
