/**
 * Who waits for an end that comes once, and may be long in coming. What hangs on a promise stays with it until it settles, and keeps all that it knows of: whoever
 * waits only for a while listens here, and takes that back.
 */
export class Listeners<T = void> {
  readonly promise: Promise<T>;
  readonly #listeners = new Set<(how: T) => void>();
  #over = false;

  /** @param promise never rejects */
  constructor(promise: Promise<T>) {
    this.promise = promise;
    promise.then((how) => {
      this.#over = true;
      for (const listener of this.#listeners) listener(how);
      this.#listeners.clear();
    });
  }

  get count(): number {
    return this.#listeners.size;
  }

  /** @param listener told when it comes, soon when it has come. @returns takes it back */
  on(listener: (how: T) => void): () => void {
    this.#listeners.add(listener);
    if (this.#over) this.promise.then((how) => this.#listeners.delete(listener) && listener(how));
    return () => void this.#listeners.delete(listener);
  }
}
