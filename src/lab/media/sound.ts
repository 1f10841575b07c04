import { readFile, stat } from "node:fs/promises";
import { Fault } from "../../kernel/fault.ts";
import { encode, type Law, rateHz } from "./g711.ts";
import { silenceStream, toneStream } from "./tone.ts";
import { readWav } from "./wav.ts";

/** Something to say: 8 kHz mono, encoded once per law. */
export class Sound {
  readonly pcm: Int16Array;
  /** How often it plays; Infinity for ever. */
  readonly times: number;
  readonly #encoded: Partial<Record<Law, Uint8Array>> = {};

  constructor(pcm: Int16Array, times = 1) {
    this.pcm = pcm;
    this.times = times;
  }

  get durationMs(): number {
    return (this.pcm.length * 1000) / rateHz;
  }

  bytes(law: Law): Uint8Array {
    const bytes = this.#encoded[law] ?? encode(law, this.pcm);
    this.#encoded[law] = bytes;
    return bytes;
  }
}

/** Encoded sound kept in memory, at most; the least recently used goes first. */
const mostSamples = 64_000_000;

/** Sounds by FreeSWITCH file name: tone_stream://…, silence_stream://… or the path of a WAV file. Each file is read and encoded once. */
export class SoundLibrary {
  readonly #kept = new Map<string, { sound: Sound; changedMs: number; size: number }>();
  #samples = 0;

  /** @throws Fault `file-not-found`, `wav-broken`, `wav-unsupported`, `tone-syntax` */
  async load(name: string): Promise<Sound> {
    if (name.startsWith("tone_stream://") || name.startsWith("silence_stream://")) {
      const kept = this.#kept.get(name);
      if (kept) return kept.sound;
      const loop = name.startsWith("tone") ? toneStream(name) : silenceStream(name);
      return this.#keep(name, new Sound(loop.pcm, loop.times), 0, 0);
    }
    const path = name.replace(/^file:\/\//, "");
    const facts = await stat(path).catch(() => undefined);
    if (!facts?.isFile()) throw new Fault("file-not-found", `there is no sound file ${path}`);
    const kept = this.#kept.get(name);
    if (kept && kept.changedMs === facts.mtimeMs && kept.size === facts.size) {
      this.#kept.delete(name);
      this.#kept.set(name, kept);
      return kept.sound;
    }
    return this.#keep(name, new Sound(readWav(await readFile(path))), facts.mtimeMs, facts.size);
  }

  #keep(name: string, sound: Sound, changedMs: number, size: number): Sound {
    const old = this.#kept.get(name);
    if (old) {
      this.#kept.delete(name);
      this.#samples -= old.sound.pcm.length;
    }
    this.#kept.set(name, { sound, changedMs, size });
    this.#samples += sound.pcm.length;
    for (const [oldest, { sound: gone }] of this.#kept) {
      if (this.#samples <= mostSamples || oldest === name) break;
      this.#kept.delete(oldest);
      this.#samples -= gone.pcm.length;
    }
    return sound;
  }
}
