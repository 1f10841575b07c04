import type { Act } from "../lab/carrier/persona.ts";

/** What a called party of the lab is told during its call, one act after the other. */
export class Directions implements AsyncIterable<Act> {
  readonly #acts: Act[] = [];
  #wake: (() => void) | undefined;
  #over = false;

  tell(...acts: readonly Act[]): void {
    this.#acts.push(...acts);
    this.#wake?.();
  }

  /** Nothing more is said; a party that is still on the line then hangs up. */
  end(): void {
    this.#over = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Act> {
    for (;;) {
      const act = this.#acts.shift();
      if (act) yield act;
      else if (this.#over) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
