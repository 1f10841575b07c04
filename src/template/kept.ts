/** The column a value comes from may hold anything, so there is an end to what is kept for its values. */
const mostKept = 200;

/** What is dear to find out (Intl takes 20 µs and more) and the same for most contacts of a list. */
export class Kept<T> {
  readonly #kept = new Map<string, T>();

  get(key: string, make: () => T): T {
    const known = this.#kept.get(key);
    if (known !== undefined || this.#kept.has(key)) return known as T;
    const made = make();
    if (this.#kept.size >= mostKept) this.#kept.clear();
    this.#kept.set(key, made);
    return made;
  }
}
