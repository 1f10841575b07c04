import type { Clock } from "../../kernel/clock.ts";
import { frameMs } from "../media/ticker.ts";
import type { MediaEnd } from "./media-end.ts";

/** So many packets of sound in a row are a prompt and not a click: 60 ms. */
const promptPackets = 3;
const keyMs = 100;
const promptMs = promptPackets * frameMs;

/** The time a called party spends on one call. Every wait ends with false as soon as the call is over, so nothing outlives it. */
export class Line {
  readonly #clock: Clock;
  readonly #waits = new Set<() => void>();
  #over = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** The call is over. A second call does nothing. */
  end(): void {
    this.#over = true;
    for (const give of [...this.#waits]) give();
  }

  /** True when the time has passed. */
  wait(forMs: number): Promise<boolean> {
    return this.#until((done) => {
      const timer = this.#clock.after(Math.max(0, forMs), done);
      return () => timer.cancel();
    });
  }

  /** Resolves, with false, when the call is over. */
  stay(): Promise<boolean> {
    return this.#until(() => () => {});
  }

  /** True when the bytes have been said. */
  say(media: MediaEnd, bytes: Uint8Array, rounds = 1): Promise<boolean> {
    return this.#until((done) => {
      const playing = media.stream.play(bytes, done, rounds);
      return () => media.stream.hush(playing);
    });
  }

  /** True when the other side is heard. */
  hear(media: MediaEnd): Promise<boolean> {
    return this.#until((done) => {
      media.onSound = (run) => {
        if (run >= promptPackets) done();
      };
      return () => {
        media.onSound = undefined;
      };
    });
  }

  /** True when an agent's voice is heard. */
  meet(media: MediaEnd): Promise<boolean> {
    return this.#until((done) => {
      media.onSound = () => {
        if (media.hearing.voices.now.some((voice) => voice.startsWith("agent"))) done();
      };
      return () => {
        media.onSound = undefined;
      };
    });
  }

  /** True when so much sound of the other side has been heard from now on, 60 ms at least. */
  hearMore(media: MediaEnd, soundMs: number): Promise<boolean> {
    const enoughMs = media.hearing.soundMs + Math.max(promptMs, soundMs);
    return this.#until((done) => {
      media.onSound = () => {
        if (media.hearing.soundMs >= enoughMs) done();
      };
      return () => {
        media.onSound = undefined;
      };
    });
  }

  /** True when the keys have been sent; at once when the other side takes none. */
  press(media: MediaEnd, keys: string): Promise<boolean> {
    return this.#until((done) => {
      let left = keys.length;
      const sent = () => {
        left--;
        if (left === 0) done();
      };
      for (const key of keys) if (!media.stream.press(key, keyMs, sent)) sent();
      return () => {};
    });
  }

  /** True when the other side has been silent for so long. */
  async hearOut(media: MediaEnd, silenceMs: number): Promise<boolean> {
    for (;;) {
      const now = this.#clock.now();
      const leftMs = (media.hearing.lastSoundAtMs ?? now) + silenceMs - now;
      if (leftMs <= 0) return !this.#over;
      if (!(await this.wait(leftMs))) return false;
      if (media.hearing.lastSoundAtMs === undefined) return true;
    }
  }

  /** Starts something that calls `done`, and whose return value takes it back. */
  #until(start: (done: () => void) => () => void): Promise<boolean> {
    if (this.#over) return Promise.resolve(false);
    return new Promise((resolve) => {
      let stop = (): void => {};
      const give = (): void => {
        this.#waits.delete(give);
        stop();
        resolve(false);
      };
      const done = (): void => {
        if (!this.#waits.delete(give)) return;
        stop();
        resolve(true);
      };
      this.#waits.add(give);
      stop = start(done);
    });
  }
}
