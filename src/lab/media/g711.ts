/** The two laws of ITU-T G.711, by their names in SDP (RFC 3551 §6). */
export type Law = "PCMU" | "PCMA";

/** Samples a second of everything in this folder. */
export const rateHz = 8000;

/** Static RTP payload type of a law (RFC 3551 table 4). */
export function payloadTypeOf(law: Law): 0 | 8 {
  return law === "PCMU" ? 0 : 8;
}

/** The law of a static payload type, or undefined. */
export function lawOf(payloadType: number): Law | undefined {
  return payloadType === 0 ? "PCMU" : payloadType === 8 ? "PCMA" : undefined;
}

/** The byte that stands for no sound: +0 in µ-law, and the smallest positive step in A-law, which has no zero. */
export function silenceByteOf(law: Law): number {
  return law === "PCMU" ? 0xff : 0xd5;
}

const ulawBias = 0x84;
const ulawClip = 32635;

function ulawFromLinear(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), ulawClip) + ulawBias;
  // The biased magnitude lies in 0x84..0x7fff; the position of its highest bit is the segment.
  const segment = 31 - Math.clz32(magnitude) - 7;
  return ~(sign | (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)) & 0xff;
}

function linearFromUlaw(byte: number): number {
  const bits = ~byte & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + ulawBias) << ((bits >> 4) & 7)) - ulawBias;
  return bits & 0x80 ? -magnitude : magnitude;
}

function alawFromLinear(sample: number): number {
  // Negative values go by the one's complement, so that -1 falls into the first negative step.
  const magnitude = (sample < 0 ? ~sample : sample) >> 3;
  const mask = sample < 0 ? 0x55 : 0xd5;
  if (magnitude < 32) return (magnitude >> 1) ^ mask;
  const segment = 31 - Math.clz32(magnitude) - 4;
  return ((segment << 4) | ((magnitude >> segment) & 0x0f)) ^ mask;
}

function linearFromAlaw(byte: number): number {
  const bits = byte ^ 0x55;
  const segment = (bits >> 4) & 7;
  const step = ((bits & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

function encoderTable(encode: (sample: number) => number): Uint8Array {
  const table = new Uint8Array(65536);
  for (let sample = -32768; sample < 32768; sample++) table[sample & 0xffff] = encode(sample);
  return table;
}

const encoders: Record<Law, Uint8Array> = { PCMU: encoderTable(ulawFromLinear), PCMA: encoderTable(alawFromLinear) };
const decoders: Record<Law, Int16Array> = {
  PCMU: Int16Array.from({ length: 256 }, (_, byte) => linearFromUlaw(byte)),
  PCMA: Int16Array.from({ length: 256 }, (_, byte) => linearFromAlaw(byte)),
};

/** The 256 linear values of a law, indexed by its byte: 16-bit, µ-law up to ±32124 and A-law up to ±32256. */
export function linearTable(law: Law): Int16Array {
  return decoders[law];
}

/** 16-bit linear samples as bytes of the law (ITU-T G.711 tables 1a, 2a). */
export function encode(law: Law, pcm: Int16Array): Uint8Array {
  const table = encoders[law];
  const bytes = new Uint8Array(pcm.length);
  for (let at = 0; at < pcm.length; at++) bytes[at] = table[(pcm[at] ?? 0) & 0xffff] ?? 0;
  return bytes;
}

/** Bytes of the law as 16-bit linear samples. */
export function decode(law: Law, bytes: Uint8Array): Int16Array {
  const table = decoders[law];
  const pcm = new Int16Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) pcm[at] = table[bytes[at] ?? 0] ?? 0;
  return pcm;
}
