/**
 * Watches for keys that lead away from what is going on. A key counts once: it ends the work during which it was pressed, or that which
 * begins after it when it came between two.
 */
export class KeyWatch {
  #keys = "";
  #cut: (() => void) | undefined;
  #pressed: string | undefined;

  /** A key was pressed. */
  press(key: string): void {
    if (this.#cut && (this.#pressed !== undefined || !this.#keys.includes(key))) return;
    this.#pressed = key;
    this.#cut?.();
  }

  /**
   * Does the work, and cuts it short when one of the keys is pressed; it is not begun when one just was.
   * @param cut makes the work end soon
   * @returns what came of the work, undefined when it was not begun; and the key
   */
  async during<T>(keys: string, work: () => Promise<T>, cut: () => void): Promise<{ readonly end: T | undefined; readonly key?: string }> {
    const early = this.#take();
    if (early !== undefined && keys.includes(early)) return { end: undefined, key: early };
    this.#keys = keys;
    this.#cut = cut;
    try {
      const end = await work();
      const key = this.#take();
      return { end, ...(key !== undefined && { key }) };
    } finally {
      this.#cut = undefined;
      this.#pressed = undefined;
    }
  }

  #take(): string | undefined {
    const pressed = this.#pressed;
    this.#pressed = undefined;
    return pressed;
  }
}
