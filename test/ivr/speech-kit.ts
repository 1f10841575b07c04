import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PromptBook, type PromptFile, type PromptRef, promptKey } from "../../src/ivr/ports.ts";

/** A spoken prompt in English. */
export function english(say: string): PromptRef {
  return { say, language: "en-US" };
}

export async function folder(test: { teardown(work: () => unknown): void }): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "carillon-speech-test-"));
  test.teardown(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

export function fileOf(book: PromptBook, ref: PromptRef): PromptFile {
  const file = book.get(promptKey(ref));
  if (!file) throw new Error(`no ${promptKey(ref)}`);
  return file;
}

/** The share of a tone's power at a frequency, by the Goertzel algorithm. */
export function powerAt(samples: Float32Array, rate: number, hertz: number): number {
  const turn = (2 * Math.PI * hertz) / rate;
  let cosine = 0;
  let sine = 0;
  for (const [index, sample] of samples.entries()) {
    cosine += sample * Math.cos(turn * index);
    sine += sample * Math.sin(turn * index);
  }
  return (4 * (cosine * cosine + sine * sine)) / samples.length ** 2;
}

export function tone(rate: number, hertz: number, seconds: number, level = 0.5): Float32Array {
  return Float32Array.from({ length: Math.round(rate * seconds) }, (_, index) => level * Math.sin((2 * Math.PI * hertz * index) / rate));
}

/** A WAV file as another program would write it. */
export function foreignWav(samples: Float32Array, rate: number, channels: number, bits: 8 | 16 | 24 | 32 | "float"): Buffer {
  const bytes = bits === "float" ? 4 : bits / 8;
  const data = Buffer.alloc(samples.length * channels * bytes);
  for (const [index, sample] of samples.entries()) {
    for (let channel = 0; channel < channels; channel++) {
      const at = (index * channels + channel) * bytes;
      if (bits === "float") data.writeFloatLE(sample, at);
      else if (bits === 8) data.writeUInt8(Math.round(sample * 127) + 128, at);
      else data.writeIntLE(Math.round(sample * (2 ** (bits - 1) - 1)), at, bytes);
    }
  }
  const head = Buffer.alloc(20);
  head.writeUInt32LE(16, 0);
  head.writeUInt16LE(bits === "float" ? 3 : 1, 4);
  head.writeUInt16LE(channels, 6);
  head.writeUInt32LE(rate, 8);
  head.writeUInt32LE(rate * channels * bytes, 12);
  head.writeUInt16LE(channels * bytes, 16);
  head.writeUInt16LE(bytes * 8, 18);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(data.length);
  const list = Buffer.from("LIST\u0003\u0000\u0000\u0000abc\u0000", "latin1");
  return Buffer.concat([
    Buffer.from("RIFF\u0000\u0000\u0000\u0000WAVE", "latin1"),
    list,
    Buffer.from("fmt "),
    head,
    Buffer.from("data"),
    length,
    data,
  ]);
}
