import type { SoundEncoding } from "../../ivr/prompt-ports.ts";
import { decodeG711 } from "../../kernel/g711.ts";

/** The rate of a telephone line, in samples per second. Prompts are kept at it. */
export const telephoneRate = 8_000;
const headerBytes = 44;
/** Engines that write to a pipe, and do not know the length yet, write one from here on. */
const unknownBytes = 0x7f00_0000;
/** Longer than anybody listens to a recording; as samples of the engine it would fill the memory. */
const maxSoundS = 1_800;

/** Sound read from a WAV file: one channel, samples in −1..1. */
export interface Sound {
  readonly sampleRate: number;
  readonly samples: Float32Array;
  /** How long the header says that it lasts, ms, where the file ends before that: it was cut. */
  readonly announcedMs?: number;
}

/** The same, with how the file has it. */
export interface WavSound extends Sound {
  readonly encoding: SoundEncoding;
  /** That were mixed to one. */
  readonly channels: number;
}

/** A WAV file (RIFF, PCM 16 bit, 8 kHz, one channel) with these samples. */
export function writeWav(samples: Int16Array): Buffer {
  const file = Buffer.alloc(headerBytes + samples.length * 2);
  file.write("RIFF", 0, "latin1");
  file.writeUInt32LE(file.length - 8, 4);
  file.write("WAVEfmt ", 8, "latin1");
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(telephoneRate, 24);
  file.writeUInt32LE(telephoneRate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36, "latin1");
  file.writeUInt32LE(samples.length * 2, 40);
  for (let index = 0; index < samples.length; index++) file.writeInt16LE(samples[index] ?? 0, headerBytes + index * 2);
  return file;
}

/**
 * How long a file written by `writeWav` lasts, from its first 44 bytes and its size.
 * @returns milliseconds, or undefined when it is not whole
 */
export function wholeDurationMs(head: Buffer, fileBytes: number): number | undefined {
  if (head.length < headerBytes || head.toString("latin1", 0, 4) !== "RIFF" || head.toString("latin1", 36, 40) !== "data") return undefined;
  const dataBytes = head.readUInt32LE(40);
  if (dataBytes === 0 || headerBytes + dataBytes !== fileBytes || head.readUInt32LE(24) !== telephoneRate) return undefined;
  return Math.round(dataBytes / 2 / (telephoneRate / 1000));
}

/**
 * Reads a WAV file: integer PCM of 8, 16, 24 or 32 bits, 32-bit float, µ-law or A-law, any rate from 4 to 192 kHz, channels mixed to one.
 * A data length of 0 or beyond the end (engines that write to a pipe) means up to the end of the file.
 * @throws RangeError with a sentence about what is wrong; the bytes are a stranger's
 */
export function readWav(file: Buffer): WavSound {
  if (file.length < 12 || file.toString("latin1", 0, 4) !== "RIFF" || file.toString("latin1", 8, 12) !== "WAVE")
    throw new RangeError("it is not a WAV file");
  let format: { code: number; channels: number; rate: number; bits: number } | undefined;
  for (let at = 12; at + 8 <= file.length; ) {
    const id = file.toString("latin1", at, at + 4);
    const length = file.readUInt32LE(at + 4);
    const body = at + 8;
    if (id === "fmt ") {
      if (length < 16 || body + 16 > file.length) throw new RangeError("its format chunk is cut short");
      const code = file.readUInt16LE(body);
      // WAVE_FORMAT_EXTENSIBLE keeps the real code in the first two bytes of its GUID.
      const real = code === 0xfffe && length >= 40 && body + 26 <= file.length ? file.readUInt16LE(body + 24) : code;
      format = { code: real, channels: file.readUInt16LE(body + 2), rate: file.readUInt32LE(body + 4), bits: file.readUInt16LE(body + 14) };
    } else if (id === "data") {
      if (!format) throw new RangeError("its sound comes before its format");
      const open = length === 0 || body + length > file.length;
      const sound = decode(file.subarray(body, open ? file.length : body + length), format);
      if (!open || length === 0 || length >= unknownBytes) return sound;
      return { ...sound, announcedMs: (1000 * length) / ((format.bits / 8) * format.channels * format.rate) };
    }
    at = body + length + (length % 2);
  }
  throw new RangeError("it has no sound in it");
}

function decode(data: Buffer, format: { code: number; channels: number; rate: number; bits: number }): WavSound {
  const { code, channels, rate, bits } = format;
  if (rate < 4_000 || rate > 192_000) throw new RangeError(`its rate of ${rate} samples per second is not usable`);
  if (channels < 1 || channels > 8) throw new RangeError(`it has ${channels} channels`);
  const { encoding, read } = reader(data, code, bits);
  const bytes = bits / 8;
  const frames = Math.floor(data.length / (bytes * channels));
  if (frames > maxSoundS * rate) throw new RangeError(`it lasts ${Math.ceil(frames / rate / 60)} minutes; ${maxSoundS / 60} are allowed`);
  const samples = new Float32Array(frames);
  for (let frame = 0; frame < frames; frame++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += read((frame * channels + channel) * bytes);
    samples[frame] = sum / channels;
  }
  return { sampleRate: rate, samples, encoding, channels };
}

function reader(data: Buffer, code: number, bits: number): { readonly encoding: SoundEncoding; readonly read: (at: number) => number } {
  if (code === 1 && bits === 8) return { encoding: "pcm-8", read: (at) => (data.readUInt8(at) - 128) / 128 };
  if (code === 1 && bits === 16) return { encoding: "pcm-16", read: (at) => data.readInt16LE(at) / 32_768 };
  if (code === 1 && bits === 24) return { encoding: "pcm-24", read: (at) => data.readIntLE(at, 3) / 8_388_608 };
  if (code === 1 && bits === 32) return { encoding: "pcm-32", read: (at) => data.readInt32LE(at) / 2_147_483_648 };
  const law = bits === 8 ? laws.get(code) : undefined;
  if (law) {
    const linear = decodeG711(law.payloadType, data) ?? new Int16Array();
    return { encoding: law.encoding, read: (at) => (linear[at] ?? 0) / 32_768 };
  }
  if (code === 3 && bits === 32) {
    const read = (at: number) => {
      const value = data.readFloatLE(at);
      return Number.isFinite(value) ? value : 0;
    };
    return { encoding: "float-32", read };
  }
  throw new RangeError(`its encoding (format ${code}, ${bits} bits) is not one Carillon reads; save it as 16-bit PCM`);
}

/** What telephone systems write: WAVE_FORMAT_ALAW and WAVE_FORMAT_MULAW (RFC 2361), and what RTP calls them. */
const laws: ReadonlyMap<number, { readonly encoding: SoundEncoding; readonly payloadType: number }> = new Map([
  [6, { encoding: "a-law", payloadType: 8 }],
  [7, { encoding: "mu-law", payloadType: 0 }],
]);
