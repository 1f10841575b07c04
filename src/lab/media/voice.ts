import { type Law, linearTable } from "./g711.ts";
import { frameMs, frameSamples } from "./ticker.ts";
import { join, sines } from "./tone.ts";

/*
 * Voices that can be told apart by machine: two sines each, at multiples of 50 Hz, so that a voice repeats itself every 20 ms and each packet of it is the same as the
 * one before. Agents and people have bands of their own; what neither speech nor the tones of a telephone network can be taken for.
 */

const stepHz = 50;
/** In steps; so many of each that no two voices of a kind with neighbouring numbers have a sine in common. */
const kinds = {
  agent: { low: 7, lows: 11, high: 18, highs: 10 },
  person: { low: 30, lows: 14, high: 44, highs: 23 },
} as const;

export type VoiceKind = keyof typeof kinds;
/** `agent-3`, `person-17`. */
export type VoiceName = `${VoiceKind}-${number}`;

/** How many voices of a kind there are: numbers that differ by it sound the same. */
export const voiceCounts: Readonly<Record<VoiceKind, number>> = { agent: 110, person: 322 };

/** The voice of a number, which may be a telephone number: its digits count. */
export function voiceNamed(kind: VoiceKind, number: number | string): VoiceName {
  const digits = typeof number === "number" ? String(number) : number.replace(/\D/g, "");
  return `${kind}-${Number(digits.slice(-15)) % voiceCounts[kind]}`;
}

export function isVoiceName(text: string): text is VoiceName {
  return /^(agent|person)-\d{1,9}$/.test(text);
}

function stepsOf(name: VoiceName): readonly [number, number] {
  const [kind, digits] = name.split("-") as [VoiceKind, string];
  const { low, lows, high, highs } = kinds[kind];
  const number = Number(digits);
  return [low + (number % lows), high + (number % highs)];
}

/** One second of a voice; repeated, it goes on without a seam. */
export function voiceSound(name: VoiceName): Int16Array {
  const one = sines(
    stepsOf(name).map((step) => step * stepHz),
    frameMs,
  );
  return join(Array.from({ length: 1000 / frameMs }, () => one));
}

/** One stretch in which a voice was heard. Times are those of whoever listens. */
export interface VoiceSpan {
  readonly voice: VoiceName;
  readonly fromMs: number;
  /** End of its last packet. */
  readonly untilMs: number;
  /** How much of it was heard; less than the stretch where packets are missing. */
  readonly heardMs: number;
}

const [lowestStep, highestStep] = [kinds.agent.low, kinds.person.high + kinds.person.highs - 1];
/** Share of a packet's energy that a sine must have: a third of the least that one of three voices has. */
const leastShare = 0.05;
/** What all sines found must have together: speech, chance and other tones spread further. */
const leastTogether = 0.85;
/** Pauses up to this do not end a stretch. */
const longestPauseMs = 250;
const mostSpans = 20_000;

const waves = Array.from({ length: highestStep + 1 }, (_, step) => ({
  cos: Float64Array.from({ length: frameSamples }, (_, at) => Math.cos((2 * Math.PI * step * at) / frameSamples)),
  sin: Float64Array.from({ length: frameSamples }, (_, at) => Math.sin((2 * Math.PI * step * at) / frameSamples)),
}));

const allVoices = (Object.keys(kinds) as VoiceKind[]).flatMap((kind) =>
  Array.from({ length: voiceCounts[kind] }, (_, number): VoiceName => `${kind}-${number}`),
);

/** The voices in 20 ms of sound; none when there is anything else in it of some strength. Of several at once the lowest numbers that explain all of it. */
export function voicesIn(law: Law, payload: Uint8Array): readonly VoiceName[] {
  const table = linearTable(law);
  const samples = Float64Array.from(payload.subarray(0, frameSamples), (byte) => table[byte] ?? 0);
  const energy = samples.reduce((sum, sample) => sum + sample * sample, 0);
  if (energy === 0) return [];
  const found = new Set<number>();
  let together = 0;
  for (let step = lowestStep; step <= highestStep; step++) {
    const wave = waves[step];
    let [real, imaginary] = [0, 0];
    for (let at = 0; at < samples.length; at++) {
      real += (samples[at] ?? 0) * (wave?.cos[at] ?? 0);
      imaginary += (samples[at] ?? 0) * (wave?.sin[at] ?? 0);
    }
    // Parseval: a sine of amplitude A has the energy A²N/2, and AN/2 in its own step.
    const share = (2 * (real * real + imaginary * imaginary)) / (frameSamples * energy);
    if (share < leastShare) continue;
    found.add(step);
    together += share;
  }
  if (together < leastTogether) return [];
  const explained = new Set<number>();
  return allVoices.filter((name) => {
    const steps = stepsOf(name);
    if (!steps.every((step) => found.has(step)) || steps.every((step) => explained.has(step))) return false;
    for (const step of steps) explained.add(step);
    return true;
  });
}

/** Who is heard from when to when, packet by packet. */
export class VoiceEar {
  readonly #open = new Map<VoiceName, { fromMs: number; untilMs: number; heardMs: number }>();
  readonly #spans: VoiceSpan[] = [];
  readonly #last = new Uint8Array(frameSamples);
  #lastAtMs = 0;
  /** Whether that was the packet before this one. */
  #sounding = false;
  #repeated = false;
  /** Who is heard at the moment. */
  now: readonly VoiceName[] = [];

  /** Every stretch so far, by the time it began. */
  get spans(): readonly VoiceSpan[] {
    const open = [...this.#open].map(([voice, span]): VoiceSpan => ({ voice, ...span }));
    return [...this.#spans, ...open].toSorted((one, other) => one.fromMs - other.fromMs);
  }

  /** A packet with sound. */
  push(atMs: number, law: Law, payload: Uint8Array): void {
    const same = this.#sounding && payload.length === frameSamples && Buffer.compare(payload, this.#last) === 0;
    if (!same) {
      this.quiet();
      this.#last.set(payload.subarray(0, frameSamples));
      this.#lastAtMs = atMs;
      this.#sounding = true;
      return;
    }
    if (!this.#repeated) {
      this.#repeated = true;
      this.now = voicesIn(law, payload);
      // The first of the equal packets was the voice already.
      for (const voice of this.now) this.#hear(voice, this.#lastAtMs);
    }
    for (const voice of this.now) this.#hear(voice, atMs);
  }

  /** A packet without sound. */
  quiet(): void {
    this.#sounding = false;
    this.#repeated = false;
    if (this.now.length > 0) this.now = [];
  }

  #hear(voice: VoiceName, atMs: number): void {
    const open = this.#open.get(voice);
    if (open && atMs - open.untilMs <= longestPauseMs) {
      open.untilMs = atMs + frameMs;
      open.heardMs += frameMs;
      return;
    }
    if (open && this.#spans.length < mostSpans) this.#spans.push({ voice, ...open });
    this.#open.set(voice, { fromMs: atMs, untilMs: atMs + frameMs, heardMs: frameMs });
  }
}
