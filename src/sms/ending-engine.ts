/** Messages that an SMSC has taken, and whose ids are being written down. */
export class Endings {
  readonly #under = new Map<string, Promise<unknown>>();

  /** @param remoteIds in the form in which ids are compared; empty for a part that was not taken */
  follow(bind: string, remoteIds: readonly string[], written: Promise<unknown>): void {
    const keys = remoteIds.filter((id) => id !== "").map((id) => `${bind} ${id}`);
    if (keys.length === 0) return;
    for (const key of keys) this.#under.set(key, written);
    const forget = () => {
      // An SMSC may give an id again.
      for (const key of keys) if (this.#under.get(key) === written) this.#under.delete(key);
    };
    written.then(forget, forget);
  }

  /** Resolves when it is written down, or could not be; undefined when nothing of it is under way. Never rejects. */
  written(bind: string, remoteId: string): Promise<void> | undefined {
    const nothing = () => undefined;
    return this.#under.get(`${bind} ${remoteId}`)?.then(nothing, nothing);
  }
}
