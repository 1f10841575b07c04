import { above, firstBin, type Lens, lastBin, size } from "./spectrum.ts";

/* Whether a sound has a pitch, as vowels have and gusts of noise have not. */

/** Periods of voices, samples at 8 kHz: 400 to 73 Hz. */
const shortest = 20;
const longest = 110;

const cosines = Float64Array.from({ length: size }, (_, k) => Math.cos((2 * Math.PI * k) / size));

/**
 * How alike the newest 32 ms are to themselves one period later, the noise taken off: their autocorrelation, which is the transform of their power
 * (Wiener and Khinchin), at the period of a voice at which it is greatest.
 * @returns -1..1: gusts of noise reach .45 in few frames, most vowels .6 and more
 */
export function periodicity({ power, noise }: Lens): number {
  let total = 1e-10;
  for (let bin = firstBin; bin <= lastBin; bin++) total += above(power, noise, bin);
  let best = -1;
  for (let period = shortest; period <= longest; period++) {
    let sum = 0;
    for (let bin = firstBin; bin <= lastBin; bin++) sum += above(power, noise, bin) * (cosines[(bin * period) % size] ?? 0);
    best = Math.max(best, sum / total);
  }
  return best;
}
