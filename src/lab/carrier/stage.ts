import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import { intBetween, type Random } from "../../kernel/random.ts";
import type { Law } from "../media/g711.ts";
import { Sound, type SoundLibrary } from "../media/sound.ts";
import { speech } from "../media/speech.ts";
import type { Ticker } from "../media/ticker.ts";
import { type VoiceName, voiceSound } from "../media/voice.ts";
import type { Books } from "./books.ts";
import type { SpanMs, Utterance } from "./persona.ts";

/** What all called parties of a carrier share. */
export interface Stage {
  readonly clock: Clock;
  /** For ports and the like; what a persona does is drawn from its own source. */
  readonly random: Random;
  readonly log: Log;
  readonly host: string;
  readonly ticker: Ticker;
  readonly voices: Voices;
  readonly books: Books;
  /** Factor on every time that personas choose: 1 is lifelike, 0.1 ten times as fast. */
  readonly pace: number;
  /** No RTP packets while a persona is silent. */
  readonly quiet: boolean;
}

/** A time within the span, at the stage's pace unless it is exact. */
export function drawMs(stage: Stage, random: Random, [low, high]: SpanMs, exact = false): number {
  return Math.round((low + random.next() * (high - low)) * (exact ? 1 : stage.pace));
}

/** Different voices to choose from, and the shortest thing anybody says. */
const voiceCount = 6;
const shortestSpeechMs = 200;

/** What personas say, made once and kept: speech is costly to make and there are hundreds of calls. */
export class Voices {
  readonly #library: SoundLibrary;
  readonly #kept = new Map<string, Sound>();

  constructor(library: SoundLibrary) {
    this.#library = library;
  }

  /** A second of a voice, to be repeated. */
  tone(name: VoiceName, law: Law): Uint8Array {
    const sound = this.#kept.get(name) ?? new Sound(voiceSound(name));
    this.#kept.set(name, sound);
    return sound.bytes(law);
  }

  /** @throws Fault as SoundLibrary.load */
  async bytes(stage: Stage, random: Random, what: Utterance, law: Law): Promise<Uint8Array> {
    if ("sound" in what) return (await this.#library.load(what.sound)).bytes(law);
    const durationMs = Math.max(shortestSpeechMs, Math.round(drawMs(stage, random, what.speechMs, what.exact) / 100) * 100);
    const voice = intBetween(random, 1, voiceCount);
    const name = `${voice}/${durationMs}`;
    const sound = this.#kept.get(name) ?? new Sound(speech({ durationMs }, voice));
    this.#kept.set(name, sound);
    return sound.bytes(law);
  }
}
