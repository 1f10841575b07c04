import { seededRandom } from "../../../src/kernel/random.ts";

/* Sounds by hand, 8 kHz. A voice is noise that comes in words: what has no pitch is no tone. */

const random = seededRandom(7);

export function quiet(durationMs: number): Int16Array {
  return new Int16Array(durationMs * 8);
}

/** One word of an even loudness. @param levelDb of full scale */
export function word(durationMs: number, levelDb = -22): Int16Array {
  const peak = 32768 * 10 ** (levelDb / 20) * Math.sqrt(3);
  return Int16Array.from({ length: durationMs * 8 }, () => (random.next() * 2 - 1) * peak);
}

/** Words of 240 ms with holes of 80 ms, the last cut so that all lasts as long as asked for. */
export function speech(durationMs: number, levelDb = -22): Int16Array {
  const sound = word(durationMs, levelDb);
  for (let at = 240 * 8; at < sound.length - 640; at += 320 * 8) sound.fill(0, at, Math.min(at + 640, sound.length - 640));
  return sound;
}

export function tone(frequenciesHz: readonly number[], durationMs: number, levelDb = -16): Int16Array {
  const peak = (32768 * 10 ** (levelDb / 20) * Math.SQRT2) / frequenciesHz.length;
  return Int16Array.from({ length: durationMs * 8 }, (_, at) =>
    frequenciesHz.reduce((sum, hz) => sum + peak * Math.sin((2 * Math.PI * hz * at) / 8000), 0),
  );
}

export function join(...parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function times(count: number, ...parts: readonly Int16Array[]): Int16Array {
  return join(...Array.from({ length: count }, () => parts).flat());
}

/** Two sounds at once, as long as the first. */
export function mixed(sound: Int16Array, other: Int16Array): Int16Array {
  return sound.map((sample, at) => Math.max(-32768, Math.min(32767, sample + (other[at] ?? 0))));
}
