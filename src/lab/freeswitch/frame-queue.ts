import { type Law, linearTable, silenceByteOf } from "../media/g711.ts";
import { frameSamples } from "../media/ticker.ts";

/** Frames held at most, as a rule: what is older has to give way, so that a listener that lags never lags further. */
const shallow = 8;

/** Frames gathered before any is given out smoothly: so much may one sender's packets be late or early. */
const cushion = 2;

/** A few frames of 20 ms G.711, in buffers that are used again and again. */
export class FrameQueue {
  readonly #depth: number;
  readonly #frames: Uint8Array[];
  #first = 0;
  #count = 0;
  #flowing = false;

  /** @param depth more for who wants every frame, however late */
  constructor(depth = shallow) {
    this.#depth = depth;
    this.#frames = Array.from({ length: depth }, () => new Uint8Array(frameSamples));
  }

  get length(): number {
    return this.#count;
  }

  /** Copies payload[start, start + 160) in, in another law if asked; the rest of a short one is silence. */
  push(law: Law, payload: Uint8Array, start = 0, as: Law = law): void {
    if (this.#count === this.#depth) this.shift();
    const frame = this.#frames[(this.#first + this.#count) % this.#depth];
    if (!frame) return;
    this.#count++;
    const table = law === as ? undefined : translation(law);
    const silence = silenceByteOf(as);
    for (let at = 0; at < frameSamples; at++) {
      const byte = payload[start + at];
      frame[at] = byte === undefined ? silence : table ? (table[byte] ?? silence) : byte;
    }
  }

  clear(): void {
    this.#count = 0;
    this.#flowing = false;
  }

  /** As `shift`, but after running dry only when a cushion has gathered again: frames that jitter come out without gaps. */
  next(): Uint8Array | undefined {
    this.#flowing = this.#count >= (this.#flowing ? 1 : cushion);
    return this.#flowing ? this.shift() : undefined;
  }

  /** The oldest frame, valid until the next push; undefined when there is none. */
  shift(): Uint8Array | undefined {
    if (this.#count === 0) return undefined;
    const frame = this.#frames[this.#first];
    this.#first = (this.#first + 1) % this.#depth;
    this.#count--;
    return frame;
  }
}

const translations = new Map<Law, Uint8Array>();

/** Byte for byte from one law to the other. */
export function translation(from: Law): Uint8Array {
  let table = translations.get(from);
  if (!table) {
    const linear = linearTable(from);
    const back = linearTable(from === "PCMU" ? "PCMA" : "PCMU");
    table = Uint8Array.from({ length: 256 }, (_, byte) => nearest(back, linear[byte] ?? 0));
    translations.set(from, table);
  }
  return table;
}

function nearest(table: Int16Array, value: number): number {
  let best = 0;
  for (let byte = 1; byte < table.length; byte++) if (Math.abs((table[byte] ?? 0) - value) < Math.abs((table[best] ?? 0) - value)) best = byte;
  return best;
}
