import { decode, encode, type Law, linearTable } from "../media/g711.ts";
import { frameSamples } from "../media/ticker.ts";
import type { Prompt } from "./prompt-cache.ts";

/** Changes the sound of a leg on its way, frame by frame and in place (a media bug that replaces). `write` is what leaves, `read` what comes. */
export interface MediaFilter {
  write(pcm: Int16Array): void;
  read(pcm: Int16Array): void;
  /** It has nothing more to do. */
  readonly isOver: boolean;
  /** Whether that will come by itself. */
  readonly passes: boolean;
}

/** The filters of one leg, by what they are called. */
export class MediaFilters {
  readonly #filters = new Map<string, MediaFilter>();

  /** Whether there is one that will be over by itself. */
  get passing(): boolean {
    return [...this.#filters.values()].some(({ isOver, passes }) => passes && !isOver);
  }

  get(name: string): MediaFilter | undefined {
    const filter = this.#filters.get(name);
    return filter?.isOver === false ? filter : undefined;
  }

  set(name: string, filter: MediaFilter): void {
    this.#filters.set(name, filter);
  }

  /** @returns false when there is none of that name, or no longer */
  remove(name: string): boolean {
    const there = this.get(name) !== undefined;
    this.#filters.delete(name);
    return there;
  }

  /** The frame bytes[start, start + 160) as the filters leave it, or undefined when there is none to ask. */
  filtered(way: "read" | "write", law: Law, bytes: Uint8Array, start = 0): Uint8Array | undefined {
    for (const [name, filter] of this.#filters) if (filter.isOver) this.#filters.delete(name);
    if (this.#filters.size === 0) return undefined;
    const pcm = decode(law, bytes.subarray(start, start + frameSamples));
    for (const filter of this.#filters.values()) filter[way](pcm);
    return encode(law, pcm);
  }
}

/** Two frames of the same law as one. */
export function mix(law: Law, one: Uint8Array, other: Uint8Array): Uint8Array {
  const linear = linearTable(law);
  const sum = new Int16Array(frameSamples);
  for (let at = 0; at < frameSamples; at++) sum[at] = clipped((linear[one[at] ?? 0] ?? 0) + (linear[other[at] ?? 0] ?? 0));
  return encode(law, sum);
}

function clipped(sample: number): number {
  return Math.max(-32768, Math.min(32767, Math.round(sample)));
}

export interface Displacement {
  readonly prompt: Prompt;
  /** Adds to what is said instead of taking its place; without it the leg is also not heard meanwhile. */
  readonly mux: boolean;
  readonly loop: boolean;
  /** Whether its time limit has been reached. */
  readonly late: () => boolean;
}

/** A sound over whatever the leg is made to hear (switch_ivr_async.c, write_displace_callback). It goes on only while something, if but silence, is sent. */
export class Displace implements MediaFilter {
  readonly #what: Displacement;
  #at = 0;

  constructor(what: Displacement) {
    this.#what = what;
  }

  get isOver(): boolean {
    const { prompt, loop, late } = this.#what;
    return late() || (!loop && this.#at >= prompt.samples * prompt.times);
  }

  get passes(): boolean {
    return !this.#what.loop;
  }

  write(pcm: Int16Array): void {
    const { prompt, mux } = this.#what;
    for (let at = 0; at < pcm.length; at++) {
      const sample = prompt.samples === 0 ? 0 : (prompt.pcm[(this.#at + at) % prompt.samples] ?? 0);
      const within = this.#what.loop || this.#at + at < prompt.samples * prompt.times;
      pcm[at] = clipped((mux ? (pcm[at] ?? 0) : 0) + (within ? sample : 0));
    }
    this.#at += pcm.length;
  }

  read(pcm: Int16Array): void {
    if (!this.#what.mux) pcm.fill(0);
  }
}

/** Steps of loudness (switch_resample.c, switch_change_sln_volume). */
const louder = [1, 1.3, 2.3, 3.3, 4.3];
const softer = [1, 0.8, 0.6, 0.4, 0.2];

/** uuid_audio: one or both directions muted, or made louder or softer by up to four steps. */
export class Loudness implements MediaFilter {
  readonly #factors = { read: 1, write: 1 };
  readonly isOver = false;
  readonly passes = false;

  setLevel(way: "read" | "write", level: number): void {
    const step = Math.min(4, Math.abs(Math.trunc(level)));
    this.#factors[way] = (level < 0 ? softer[step] : louder[step]) ?? 1;
  }

  mute(way: "read" | "write"): void {
    this.#factors[way] = 0;
  }

  write(pcm: Int16Array): void {
    scale(pcm, this.#factors.write);
  }

  read(pcm: Int16Array): void {
    scale(pcm, this.#factors.read);
  }
}

function scale(pcm: Int16Array, factor: number): void {
  if (factor !== 1) for (let at = 0; at < pcm.length; at++) pcm[at] = clipped((pcm[at] ?? 0) * factor);
}
