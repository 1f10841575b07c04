/** Lets so many go at once; the others wait in line, the urgent ones before the rest. */
export class Turns {
  readonly #limit: number;
  readonly #urgent: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];
  #going = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Does the work when its turn has come; settles as the work does. */
  async take<T>(work: () => Promise<T>, urgent: boolean): Promise<T> {
    if (this.#going < this.#limit) this.#going += 1;
    // Whoever ends hands their place on, so nobody slips in between.
    else await new Promise<void>((resolve) => (urgent ? this.#urgent : this.#waiting).push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#urgent.shift() ?? this.#waiting.shift();
      if (next) next();
      else this.#going -= 1;
    }
  }
}
