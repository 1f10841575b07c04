import { Fault } from "../../kernel/fault.ts";
import { decode, rateHz } from "./g711.ts";

const formatPcm = 1;
const formatAlaw = 6;
const formatUlaw = 7;
const formatExtensible = 0xfffe;

interface Shape {
  format: number;
  channels: number;
  rateHz: number;
  bits: number;
}

function bad(code: string, message: string): Fault {
  return new Fault(code, message);
}

function readShape(bytes: Buffer, at: number, size: number): Shape {
  if (size < 16) throw bad("wav-broken", `the fmt chunk has ${size} bytes, fewer than 16`);
  let format = bytes.readUInt16LE(at);
  // WAVE_FORMAT_EXTENSIBLE names the real format in the first two bytes of its SubFormat GUID.
  if (format === formatExtensible && size >= 26) format = bytes.readUInt16LE(at + 24);
  return { format, channels: bytes.readUInt16LE(at + 2), rateHz: bytes.readUInt32LE(at + 4), bits: bytes.readUInt16LE(at + 14) };
}

function samplesOf(shape: Shape, sound: Buffer): Int16Array {
  if (shape.format === formatUlaw && shape.bits === 8) return decode("PCMU", sound);
  if (shape.format === formatAlaw && shape.bits === 8) return decode("PCMA", sound);
  if (shape.format !== formatPcm || shape.bits !== 16) {
    throw bad("wav-unsupported", `format ${shape.format} with ${shape.bits} bits; use 16-bit PCM, µ-law or A-law`);
  }
  const pcm = new Int16Array(sound.length >> 1);
  for (let at = 0; at < pcm.length; at++) pcm[at] = sound.readInt16LE(at * 2);
  return pcm;
}

function mixDown(pcm: Int16Array, channels: number): Int16Array {
  if (channels === 1) return pcm;
  const mono = new Int16Array(Math.floor(pcm.length / channels));
  for (let at = 0; at < mono.length; at++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += pcm[at * channels + channel] ?? 0;
    mono[at] = Math.round(sum / channels);
  }
  return mono;
}

const halfBandTaps = 31;
/** A 31-tap half-band low-pass (Hamming window), so that 4–8 kHz does not fold down into the telephone band. */
const halfBand = (() => {
  const middle = (halfBandTaps - 1) / 2;
  const taps = Float64Array.from({ length: halfBandTaps }, (_, tap) => {
    const x = tap - middle;
    const sinc = x === 0 ? 0.5 : Math.sin((Math.PI * x) / 2) / (Math.PI * x);
    return sinc * (0.54 - 0.46 * Math.cos((2 * Math.PI * tap) / (halfBandTaps - 1)));
  });
  const gain = taps.reduce((sum, tap) => sum + tap, 0);
  return taps.map((tap) => tap / gain);
})();

function halveRate(pcm: Int16Array): Int16Array {
  const middle = (halfBandTaps - 1) / 2;
  const half = new Int16Array(Math.ceil(pcm.length / 2));
  for (let at = 0; at < half.length; at++) {
    let sum = 0;
    for (let tap = 0; tap < halfBandTaps; tap++) sum += (halfBand[tap] ?? 0) * (pcm[at * 2 + tap - middle] ?? 0);
    half[at] = Math.max(-32768, Math.min(32767, Math.round(sum)));
  }
  return half;
}

/**
 * The sound of a WAV file as 8 kHz mono. Takes 16-bit PCM, µ-law and A-law at 8, 16 or 32 kHz with 1 to 8 channels.
 * A data chunk whose length was never filled in (0 or 0xffffffff, as a recorder that died leaves it) is read to the end of the file.
 * @throws Fault `wav-broken` (not RIFF/WAVE, a chunk missing or cut off), `wav-unsupported` (another coding or rate)
 */
export function readWav(bytes: Buffer): Int16Array {
  if (bytes.length < 12 || bytes.toString("latin1", 0, 4) !== "RIFF" || bytes.toString("latin1", 8, 12) !== "WAVE") {
    throw bad("wav-broken", "this is not a WAV file: it does not begin with RIFF … WAVE");
  }
  let shape: Shape | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = bytes.toString("latin1", at, at + 4);
    let size = bytes.readUInt32LE(at + 4);
    const start = at + 8;
    const left = bytes.length - start;
    if (name === "data" && (size === 0 || size === 0xffffffff)) size = left;
    if (size > left) throw bad("wav-broken", `chunk ${JSON.stringify(name)} says ${size} bytes but only ${left} are there`);
    if (name === "fmt ") shape = readShape(bytes, start, size);
    if (name === "data") {
      if (shape === undefined) throw bad("wav-broken", "the data chunk comes before any fmt chunk");
      if (shape.channels < 1 || shape.channels > 8) throw bad("wav-unsupported", `${shape.channels} channels; use 1 or 2`);
      let mono = mixDown(samplesOf(shape, bytes.subarray(start, start + size)), shape.channels);
      let rate = shape.rateHz;
      if (rate !== 8000 && rate !== 16000 && rate !== 32000) throw bad("wav-unsupported", `${rate} samples a second; use 8000 or 16000`);
      for (; rate > rateHz; rate /= 2) mono = halveRate(mono);
      return mono;
    }
    at = start + size + (size & 1);
  }
  throw bad("wav-broken", "there is no data chunk");
}

/**
 * A mono WAV file.
 * @param coding 16-bit PCM, or one of the laws in 8 bits
 */
export function writeWav(samples: Int16Array | Uint8Array, coding: "pcm" | "PCMU" | "PCMA" = "pcm", rate = rateHz): Buffer {
  const width = coding === "pcm" ? 2 : 1;
  const head = Buffer.alloc(44);
  const size = samples.length * width;
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(36 + size + (size & 1), 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(coding === "pcm" ? formatPcm : coding === "PCMU" ? formatUlaw : formatAlaw, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * width, 28);
  head.writeUInt16LE(width, 32);
  head.writeUInt16LE(width * 8, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(size, 40);
  const sound = Buffer.alloc(size + (size & 1));
  for (let at = 0; at < samples.length; at++) {
    if (width === 2) sound.writeInt16LE(samples[at] ?? 0, at * 2);
    else sound[at] = samples[at] ?? 0;
  }
  return Buffer.concat([head, sound]);
}
