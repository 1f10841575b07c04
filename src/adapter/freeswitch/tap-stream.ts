import type { Clock, Timer } from "../../kernel/clock.ts";
import { decodeG711 } from "../../kernel/g711.ts";

/** 20 ms at 8 kHz. */
export const frameSamples = 160;
const frameMs = 20;
/** How long nothing has come before silence takes its place. Networks hold packets up for less. */
const patienceMs = 200;
/** Lost packets sound on as the one before them for so long (as ITU-T G.711 appendix I does, which fades out by then). */
const concealedFrames = 3;
/** A jump of the timestamp beyond this is a new stream and no gap. */
const longestGapFrames = 250;
const rtpHeaderBytes = 12;

export type FrameListener = (frame: Int16Array, heard: boolean) => void;

/**
 * RTP packets (RFC 3550 §5.1) of one tap, made into sound without holes: what was lost sounds on for a moment, and what a silent far side does not
 * send is silence of the same length, so that whoever listens can tell the time by it. Anything that is no such packet is passed over.
 */
export class TapStream {
  readonly #clock: Clock;
  #listener: FrameListener | undefined;
  #timer: Timer | undefined;
  #source: number | undefined;
  /** Timestamp of the next packet. */
  #next: number | undefined;
  #cameAt = 0;
  /** The last frame that came. */
  #last: Int16Array = new Int16Array(frameSamples);
  /** Frames of silence given since the last packet. */
  #filled = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** One listener at a time; the last one who came. @returns ends it */
  listen(listener: FrameListener): () => void {
    this.#listener = listener;
    this.#next = undefined;
    this.#cameAt = this.#clock.now();
    this.#filled = 0;
    this.#last = new Int16Array(frameSamples);
    this.#timer?.cancel();
    this.#watch();
    return () => {
      if (this.#listener === listener) this.stop();
    };
  }

  stop(): void {
    this.#listener = undefined;
    this.#timer?.cancel();
  }

  /** A datagram from the media server. */
  packet(bytes: Buffer): void {
    if (!this.#listener || bytes.length <= rtpHeaderBytes || bytes.readUInt8(0) >> 6 !== 2) return;
    const first = bytes.readUInt8(0);
    const hasExtension = (first & 0x10) !== 0;
    let start = rtpHeaderBytes + 4 * (first & 0x0f);
    if (hasExtension) start += bytes.length >= start + 4 ? 4 + 4 * bytes.readUInt16BE(start + 2) : bytes.length;
    const padding = (first & 0x20) !== 0 ? bytes.readUInt8(bytes.length - 1) : 0;
    const end = bytes.length - padding;
    if (end - start < frameSamples) return;
    const sound = decodeG711(bytes.readUInt8(1) & 0x7f, bytes.subarray(start, end));
    if (sound) this.#take(bytes.readUInt32BE(4), bytes.readUInt32BE(8), sound);
  }

  #take(timestamp: number, source: number, sound: Int16Array): void {
    if (source !== this.#source) this.#next = undefined;
    this.#source = source;
    const gapFrames = this.#next === undefined ? 0 : Math.round(((timestamp - this.#next) | 0) / frameSamples);
    // It came twice, or so late that its place is taken.
    if (gapFrames < 0 && gapFrames > -longestGapFrames) return;
    const lost = gapFrames <= longestGapFrames ? gapFrames - this.#filled : 0;
    this.#next = (timestamp + sound.length) >>> 0;
    this.#cameAt = this.#clock.now();
    this.#filled = 0;
    this.#conceal(lost);
    for (let at = 0; at + frameSamples <= sound.length; at += frameSamples) {
      this.#last = sound.subarray(at, at + frameSamples);
      this.#listener?.(this.#last, true);
    }
  }

  #conceal(frames: number): void {
    for (let count = 0; count < Math.min(frames, concealedFrames); count++) this.#listener?.(this.#last, false);
    this.#silence(frames - concealedFrames);
  }

  #silence(frames: number): void {
    for (let count = 0; count < frames; count++) this.#listener?.(new Int16Array(frameSamples), false);
  }

  #watch(): void {
    const listener = this.#listener;
    if (!listener) return;
    this.#timer = this.#clock.after(patienceMs / 2, () => {
      // A process that was held up finds its timers due before its packets: those are read first.
      setImmediate(() => {
        if (this.#listener !== listener) return;
        this.#fill();
        this.#watch();
      });
    });
  }

  #fill(): void {
    const missing = Math.floor((this.#clock.now() - this.#cameAt - patienceMs) / frameMs) - this.#filled;
    if (missing <= 0) return;
    this.#filled += missing;
    this.#silence(missing);
  }
}
