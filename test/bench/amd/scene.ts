import { intBetween, pick, type Random } from "../../../src/kernel/random.ts";
import { decode, encode } from "../../../src/lab/media/g711.ts";
import { throughGsm } from "./debian.ts";
import { activity, background, fromDb, lengthMs, noise, type SpanMs } from "./sound.ts";
import type { Voice } from "./voices.ts";
import { utterance } from "./voices.ts";

/** What a person who hears the file would say answered. */
export type Label = "human" | "machine" | "fax" | "sit" | "silence" | "tone";

/** One labelled sample; its sound is `file`, 8 kHz mono. */
export interface Sample {
  readonly file: string;
  readonly half: "tuning" | "test";
  readonly label: Label;
  /** The recipe it was made by. */
  readonly kind: string;
  readonly real: boolean;
  /** Nothing but the voice on the line. */
  readonly clean: boolean;
  readonly voice?: string;
  readonly snrDb?: number;
  readonly channel: string;
  readonly durationMs: number;
  /** Where somebody speaks in the foreground. */
  readonly speech: readonly SpanMs[];
  readonly beep?: SpanMs;
  /** Where the tone that names the label begins. */
  readonly toneMs?: number;
}

/** What recipes draw from: one half's voices and music, nobody from the other half. */
export interface Cast {
  readonly half: "tuning" | "test";
  readonly people: readonly Voice[];
  readonly engines: readonly Voice[];
  readonly music: readonly Float32Array[];
}

/** A file in the making: sounds laid on a line of time. */
export class Scene {
  readonly samples: Float32Array;
  readonly speech: SpanMs[] = [];
  readonly random: Random;
  readonly cast: Cast;
  readonly voice: Voice;
  beep?: SpanMs;
  toneMs?: number;
  snrDb?: number;
  clean = true;

  constructor(durationMs: number, cast: Cast, voice: Voice, random: Random) {
    this.samples = new Float32Array(durationMs * 8);
    this.cast = cast;
    this.voice = voice;
    this.random = random;
  }

  between(low: number, high: number): number {
    return intBetween(this.random, low, high);
  }

  /** Mixes a sound in; what is beyond the end is lost. @returns where it ends, ms */
  add(atMs: number, sound: Float32Array, gain = 1): number {
    const from = Math.round(atMs * 8);
    for (let at = 0; at < sound.length && from + at < this.samples.length; at++) {
      this.samples[from + at] = (this.samples[from + at] ?? 0) + gain * (sound[at] ?? 0);
    }
    return atMs + lengthMs(sound);
  }

  /** The scene's voice says something that lasts about so long. @returns where it ends, ms */
  say(atMs: number, fromMs: number, toMs: number, gapMs: readonly [number, number] = [80, 220]): number {
    if (toMs > 2500 && !this.voice.fluent) throw new RangeError(`${this.voice.name} only spells`);
    const said = utterance(this.voice, fromMs, toMs, gapMs, this.random);
    if (!said) throw new RangeError(`${this.voice.name} cannot speak for ${fromMs} to ${toMs} ms`);
    for (const [start, end] of activity(said)) this.speech.push([atMs + start, atMs + end]);
    return this.add(atMs, said);
  }

  /** Noise or sound behind the voice, so many dB below it. */
  behind(snrDb: number, kind: "white" | "street" | "vehicle" | "hum" | "babble" | "television" | "music"): void {
    const durationMs = lengthMs(this.samples);
    const others = this.cast.people.filter(({ name }) => name !== this.voice.name);
    const clips = () => pick(this.random, others).clips.filter((clip) => clip.length > 4000);
    const sound = () => {
      if (kind === "babble")
        return background(
          others.flatMap(({ clips }) => clips).filter((clip) => clip.length > 4000),
          durationMs,
          [0, 10],
          this.random,
        );
      if (kind === "television") return background(clips(), durationMs, [50, 500], this.random);
      if (kind === "music") return background([this.excerpt(durationMs + 1000)], durationMs, [0, 1], this.random);
      return noise(kind, durationMs, this.random);
    };
    const layers = kind === "babble" ? 5 : 1;
    for (let layer = 0; layer < layers; layer++) this.add(0, sound(), (fromDb(-24 - snrDb) * 1) / Math.sqrt(layers));
    this.snrDb = snrDb;
    this.clean = false;
  }

  /** A piece of music from somewhere in a recording. */
  excerpt(durationMs: number): Float32Array {
    const whole = pick(this.random, this.cast.music);
    const from = this.between(0, Math.max(0, whole.length - durationMs * 8));
    return whole.slice(from, from + durationMs * 8);
  }
}

/** A second-order section, direct form 1; coefficients after R. Bristow-Johnson's cookbook. */
function filtered(samples: Float32Array, kind: "low" | "high", hz: number): Float32Array {
  const w = (2 * Math.PI * hz) / 8000;
  const alpha = Math.sin(w) / Math.SQRT2;
  const cos = Math.cos(w);
  const b1 = kind === "low" ? 1 - cos : -(1 + cos);
  const b0 = Math.abs(b1) / 2;
  const a0 = 1 + alpha;
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  return samples.map((x) => {
    const y = (b0 * x + b1 * x1 + b0 * x2 + 2 * cos * y1 - (1 - alpha) * y2) / a0;
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
    return y;
  });
}

/** The telephone network: band, loudness, codec, loss. @returns the sound and what was done to it */
export function throughNetwork(scene: Scene): { samples: Int16Array; channel: string; clean: boolean } {
  const { random } = scene;
  let sound = filtered(filtered(scene.samples, "high", 250), "low", 3400);
  const levelDb = pick(random, [0, 0, 0, -4, -8, -14, 4]);
  const way = pick(random, ["pcmu", "pcmu", "pcmu", "pcma", "pcma", "gsm", "loss"] as const);
  if (way === "gsm") sound = throughGsm(sound.map((sample) => Math.max(-1, Math.min(1, sample))));
  const gain = fromDb(levelDb);
  sound = sound.map((sample) => sample * gain);
  if (way === "loss") {
    const share = pick(random, [0.01, 0.03, 0.05]);
    // Bursts of lost packets, as jitter buffers see them; each is filled with nothing.
    for (let frame = 0; frame * 160 < sound.length; frame++) {
      if (random.next() < share) sound.fill(0, frame * 160, (frame + scene.between(1, 3)) * 160);
    }
  }
  const law = way === "pcma" ? ("PCMA" as const) : ("PCMU" as const);
  const linear = Int16Array.from(sound, (sample) => Math.max(-32768, Math.min(32767, Math.round(sample * 32767))));
  return { samples: decode(law, encode(law, linear)), channel: `${way} ${levelDb} dB`, clean: scene.clean && way !== "gsm" && way !== "loss" };
}
