import { intBetween, type Random } from "../../../src/kernel/random.ts";

/* Sound as numbers in -1..1, 8,000 a second. */

export const rateHz = 8000;
/** A span of time from the start of the file. */
export type SpanMs = readonly [number, number];

export const db = (value: number): number => 20 * Math.log10(Math.max(value, 1e-9));
export const fromDb = (value: number): number => 10 ** (value / 20);
export const lengthMs = (samples: Float32Array): number => samples.length / 8;

export function rms(samples: Float32Array): number {
  let power = 0;
  for (const sample of samples) power += sample * sample;
  return Math.sqrt(power / Math.max(1, samples.length));
}

function frameLevels(samples: Float32Array): number[] {
  return Array.from({ length: Math.floor(samples.length / 80) }, (_, frame) => rms(samples.subarray(frame * 80, frame * 80 + 80)));
}

/** Where there is speech in a clean recording: 10 ms frames within 30 dB of the loudest; holes under 150 ms are part of it. */
export function activity(samples: Float32Array): SpanMs[] {
  const levels = frameLevels(samples);
  const floor = Math.max(...levels, 0) * fromDb(-30);
  const spans: [number, number][] = [];
  levels.forEach((level, frame) => {
    if (level <= floor) return;
    const last = spans.at(-1);
    if (last && frame * 10 - last[1] < 150) last[1] = frame * 10 + 10;
    else spans.push([frame * 10, frame * 10 + 10]);
  });
  return spans;
}

/** Whether the recording itself is free of noise, which would be speech to the labels: its quietest tenth is 30 dB below its loudest. */
export function isClean(samples: Float32Array): boolean {
  const levels = frameLevels(samples).toSorted((a, b) => a - b);
  return (levels[Math.floor(levels.length / 10)] ?? 1) < (levels.at(-1) ?? 0) * fromDb(-30);
}

/** Without the silence at both ends, its speech at -26 dB of full scale (ITU-T P.56's nominal level); undefined when there is none. */
export function clipOf(samples: Float32Array): Float32Array | undefined {
  const spans = activity(samples);
  const first = spans[0];
  const last = spans.at(-1);
  if (!first || !last || last[1] - first[0] < 120) return undefined;
  const cut = samples.slice(first[0] * 8, last[1] * 8);
  const levels = frameLevels(cut).toSorted((a, b) => b - a);
  const active = levels.slice(0, Math.ceil(levels.length * 0.6));
  const level = Math.sqrt(active.reduce((sum, value) => sum + value * value, 0) / Math.max(1, active.length));
  if (level < 1e-4) return undefined;
  const gain = fromDb(-24) / level;
  return cut.map((sample) => Math.max(-0.95, Math.min(0.95, sample * gain)));
}

/** Sines of equal loudness that together have this level; `fadeMs` at both ends. */
export function tone(frequenciesHz: readonly number[], durationMs: number, levelDb: number, fadeMs = 4): Float32Array {
  const samples = new Float32Array(Math.round(durationMs * 8));
  const peak = (fromDb(levelDb) * Math.SQRT2) / Math.sqrt(frequenciesHz.length);
  const fade = Math.max(1, fadeMs * 8);
  for (let at = 0; at < samples.length; at++) {
    const edge = Math.min(1, at / fade, (samples.length - at) / fade);
    for (const hz of frequenciesHz) samples[at] = (samples[at] ?? 0) + edge * peak * Math.sin((2 * Math.PI * hz * at) / rateHz);
  }
  return samples;
}

/** Gaussian, unit variance (Box and Muller). */
function gauss(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** Noise of unit level. `vehicle` is low and swells, `street` is pink with bursts, `hum` is mains with its harmonics. */
export function noise(kind: "white" | "street" | "vehicle" | "hum", durationMs: number, random: Random): Float32Array {
  const samples = new Float32Array(Math.round(durationMs * 8));
  const swell = 0.2 + random.next() * 0.5;
  const mainsHz = random.next() < 0.5 ? 50 : 60;
  const phase = random.next() * 7;
  let low = 0;
  let middle = 0;
  let burst = 0;
  for (let at = 0; at < samples.length; at++) {
    const white = gauss(random);
    low = 0.97 * low + 0.24 * white;
    middle = 0.75 * middle + 0.66 * white;
    const second = at / rateHz;
    if (random.next() < 1 / 12_000) burst = 1 + random.next() * 2;
    burst *= 0.9995;
    if (kind === "white") samples[at] = white;
    else if (kind === "street") samples[at] = (0.6 * low + 0.5 * middle + 0.2 * white) * (1 + burst);
    else if (kind === "vehicle") samples[at] = low * (1 + 0.5 * Math.sin(2 * Math.PI * swell * second + phase)) + 0.15 * middle;
    else samples[at] = [2, 3, 4, 5, 6, 7].reduce((sum, n) => sum + Math.sin(2 * Math.PI * mainsHz * n * second) / n, 0) + 0.1 * white;
  }
  const gain = 1 / Math.max(1e-9, rms(samples));
  return samples.map((sample) => sample * gain);
}

/** Clips one after the other with gaps, from a place in the middle, until the time is full. */
export function background(clips: readonly Float32Array[], durationMs: number, gapMs: readonly [number, number], random: Random): Float32Array {
  const samples = new Float32Array(Math.round(durationMs * 8));
  let at = -intBetween(random, 0, 4000);
  while (at < samples.length && clips.length > 0) {
    const clip = clips[intBetween(random, 0, clips.length - 1)];
    if (!clip) break;
    for (let index = Math.max(0, -at); index < clip.length && at + index < samples.length; index++) samples[at + index] = clip[index] ?? 0;
    at += clip.length + intBetween(random, gapMs[0] * 8, gapMs[1] * 8);
  }
  const gain = 1 / Math.max(1e-9, rms(samples));
  return samples.map((sample) => sample * gain);
}
