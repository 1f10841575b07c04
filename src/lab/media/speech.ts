import { type Random, seededRandom } from "../../kernel/random.ts";
import { rateHz } from "./g711.ts";

/** Something that sounds like a person to a detector: syllables of a voice with harmonics, formants and pauses. Nobody can understand it. */
export interface SpeechShape {
  readonly durationMs: number;
  /** Fundamental, Hz: 85–180 for men, 165–255 for women. */
  readonly pitchHz?: number;
  /** Peak, 0..1 of full scale. Default 0.25. */
  readonly loudness?: number;
}

function syllable(length: number, pitchHz: number, random: Random): Float64Array {
  const first = 300 + random.next() * 500;
  const second = 900 + random.next() * 1300;
  const sound = new Float64Array(length);
  const glide = 0.9 + random.next() * 0.2;
  for (let harmonic = 1; harmonic * pitchHz < 3400; harmonic++) {
    const hz = harmonic * pitchHz;
    const gain = (Math.exp(-(((hz - first) / 250) ** 2)) + 0.6 * Math.exp(-(((hz - second) / 300) ** 2)) + 0.03) / Math.sqrt(harmonic);
    const phase = random.next() * 2 * Math.PI;
    for (let at = 0; at < length; at++) {
      const bend = 1 + (glide - 1) * (at / length);
      sound[at] = (sound[at] ?? 0) + gain * Math.sin(phase + (2 * Math.PI * hz * bend * at) / rateHz);
    }
  }
  for (let at = 0; at < length; at++) sound[at] = (sound[at] ?? 0) * Math.sin((Math.PI * at) / length) ** 0.6;
  return sound;
}

/** The same seed gives the same samples. Begins with sound at once and ends with it. */
export function speech(shape: SpeechShape, seed: number): Int16Array {
  const random = seededRandom(seed);
  const pitchHz = shape.pitchHz ?? 110 + random.next() * 100;
  const mixed = new Float64Array(Math.round((shape.durationMs * rateHz) / 1000));
  for (let at = 0; at < mixed.length; ) {
    const length = Math.min(mixed.length - at, Math.round(rateHz * (0.12 + random.next() * 0.13)));
    mixed.set(syllable(length, pitchHz * (0.95 + random.next() * 0.1), random), at);
    at += length + Math.round(rateHz * (random.next() < 0.2 ? 0.12 : 0.02));
  }
  const peak = mixed.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1e-9);
  const scale = (32767 * (shape.loudness ?? 0.25)) / peak;
  return Int16Array.from(mixed, (sample) => Math.round(sample * scale));
}
