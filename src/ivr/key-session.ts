import type { Caller } from "./ports.ts";

/**
 * Watches for keys that lead away from what is going on. A key counts once: it ends the work during which it was pressed, or that which
 * begins after it when it came between two.
 */
export class KeyWatch {
  readonly #caller: Pick<Caller, "listen">;
  #cut: (() => void) | undefined;
  #pressed: string | undefined;

  constructor(caller: Pick<Caller, "listen">) {
    this.#caller = caller;
  }

  /**
   * Does the work, in which the caller listens for these keys; it is not begun when one of them just was pressed.
   * @param cut makes work end soon that no key ends by itself
   * @returns what came of the work, undefined when it was not begun; and the key
   */
  async during<T>(keys: string, work: () => Promise<T>, cut: () => void = () => {}): Promise<{ readonly end: T | undefined; readonly key?: string }> {
    const early = this.#take();
    if (early !== undefined && keys.includes(early)) return { end: undefined, key: early };
    this.#cut = cut;
    this.#caller.listen(keys, (key) => this.#press(key));
    try {
      const end = await work();
      const key = this.#take();
      return { end, ...(key !== undefined && { key }) };
    } finally {
      this.#cut = undefined;
    }
  }

  #press(key: string): void {
    if (this.#cut && this.#pressed !== undefined) return;
    this.#pressed = key;
    this.#cut?.();
  }

  #take(): string | undefined {
    const pressed = this.#pressed;
    this.#pressed = undefined;
    return pressed;
  }
}
