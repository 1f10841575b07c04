import type { Clock } from "../kernel/clock.ts";
import type { PromptSounds, UploadedSounds } from "./prompt-ports.ts";

/** A prompt that is replaced is heard in the calls that are made ready from so much later on. */
const trustMs = 1_000;

/** The names of the uploaded prompts as this process knows them: each call asks for its own, and the database is asked once a second at most. */
export class PromptIndex implements UploadedSounds {
  readonly #sounds: PromptSounds;
  readonly #clock: Clock;
  #known: { readonly mark: string; readonly names: ReadonlyMap<string, string> } | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;

  constructor(sounds: PromptSounds, clock: Clock) {
    this.#sounds = sounds;
    this.#clock = clock;
  }

  async current(name: string, now = false): Promise<string | undefined> {
    // A look that began before the question may have missed what it is about.
    if (now) await this.#looking?.catch(() => undefined);
    if (now || this.#clock.now() - this.#lookedAt >= trustMs) await this.look();
    return this.#known?.names.get(name);
  }

  sound(sha256: string): Promise<Uint8Array | undefined> {
    return this.#sounds.sound(sha256);
  }

  /** Takes over what has changed. While the database is away what was known holds. @throws its Fault when nothing is known yet */
  async look(): Promise<void> {
    this.#looking ??= this.#read().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
  }

  async #read(): Promise<void> {
    try {
      const mark = await this.#sounds.mark();
      if (mark !== this.#known?.mark) this.#known = { mark, names: await this.#sounds.current() };
    } catch (error) {
      if (this.#known === undefined) throw error;
    }
    this.#lookedAt = this.#clock.now();
  }
}
