/** Documents that are compiled, and templates hold their attachments: no more than so many stay in memory. */
const mostKept = 100;

/** What was made of versions, by their ids: a version never changes. The one that was kept first goes first. */
export class KeptVersions<Made> {
  readonly #kept = new Map<string, Made>();

  get(id: string): Made | undefined {
    return this.#kept.get(id);
  }

  keep(id: string, made: Made): Made {
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= mostKept && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(id, made);
    return made;
  }
}
