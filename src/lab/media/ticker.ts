import { performance } from "node:perf_hooks";

/** Length of an RTP packet's sound here. */
export const frameMs = 20;
/** A frame at 8 kHz: samples, and bytes of G.711. */
export const frameSamples = 160;

/** The 20 ms are cut into slots, and streams are spread over them, so that hundreds of streams do not send in one burst. */
const slots = 4;
const slotMs = frameMs / slots;
/**
 * More than this many slots late, and the rest is let go instead of being sent in a burst. Half a second: a stall of a busy
 * machine shall not look like a prompt that was cut.
 */
const mostCatchUpSlots = 25 * slots;

/** Where the ticker gets its time from. Media follows the machine's monotonic time, not the call engine's Clock. */
export interface Beat {
  /** Monotonic milliseconds, with fractions. */
  nowMs(): number;
  /** Calls back once; returns what takes it back. */
  after(delayMs: number, fire: () => void): () => void;
}

/** The machine's own. */
export const machineBeat: Beat = {
  nowMs: () => performance.now(),
  after(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * One drift-free 20 ms beat for any number of streams. It runs only while it has some. A late turn is caught up with at most 25
 * frames per stream; what is later than that is skipped for all.
 */
export class Ticker {
  readonly #beat: Beat;
  readonly #slots: Set<() => void>[] = Array.from({ length: slots }, () => new Set<() => void>());
  readonly #slotOf = new Map<() => void, number>();
  #stop: (() => void) | undefined;
  #epochMs = 0;
  /** Slots done since the epoch. */
  #done = 0;
  /** Frames let go because the process was held up, for tests and reports. */
  skippedFrames = 0;

  constructor(beat: Beat = machineBeat) {
    this.#beat = beat;
  }

  get streams(): number {
    return this.#slotOf.size;
  }

  /** Calls `frame` every 20 ms, for the first time within 20 ms. A function already there stays as it is. */
  add(frame: () => void): void {
    if (this.#slotOf.has(frame)) return;
    let emptiest = 0;
    for (let slot = 1; slot < slots; slot++) if ((this.#slots[slot]?.size ?? 0) < (this.#slots[emptiest]?.size ?? 0)) emptiest = slot;
    this.#slots[emptiest]?.add(frame);
    this.#slotOf.set(frame, emptiest);
    if (!this.#stop) {
      this.#epochMs = this.#beat.nowMs();
      this.#done = 0;
      this.#arm();
    }
  }

  remove(frame: () => void): void {
    const slot = this.#slotOf.get(frame);
    if (slot === undefined) return;
    this.#slotOf.delete(frame);
    this.#slots[slot]?.delete(frame);
    if (this.#slotOf.size === 0) this.close();
  }

  /** Stops the beat; streams still there are forgotten. */
  close(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#slotOf.clear();
    for (const slot of this.#slots) slot.clear();
  }

  #arm(): void {
    const dueMs = this.#epochMs + (this.#done + 1) * slotMs;
    this.#stop = this.#beat.after(Math.max(0, dueMs - this.#beat.nowMs()), () => this.#turn());
  }

  #turn(): void {
    this.#stop = inTurn;
    const due = Math.floor((this.#beat.nowMs() - this.#epochMs) / slotMs);
    const late = due - this.#done - mostCatchUpSlots;
    if (late > 0) {
      // Whole frames, so that every stream loses the same and keeps its place in the order.
      const frames = Math.ceil(late / slots);
      this.skippedFrames += frames;
      this.#epochMs += frames * frameMs;
    }
    const target = Math.floor((this.#beat.nowMs() - this.#epochMs) / slotMs);
    while (this.#done < target && this.#slotOf.size > 0) {
      const slot = this.#slots[this.#done % slots];
      this.#done++;
      if (slot) for (const frame of slot) frame();
    }
    // A stream that was added after the last one left has armed the beat anew.
    if (this.#stop === inTurn && this.#slotOf.size > 0) this.#arm();
  }
}

/** Stands for the timer while its turn runs. */
function inTurn(): void {}
