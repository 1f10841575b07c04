/** Whole numbers from 1 to 2⁵³ − 1, in eight to sixteen bytes each: open addressing with linear probing (D. E. Knuth, The Art of Computer Programming 3, 6.4, algorithm L). */
export class NumberSet {
  /** 0 is nobody's. A power of two of them, half of which are taken at most. */
  #slots = new Float64Array(leastSlots);
  #many = 0;

  has(number: number): boolean {
    return this.#slots[this.#placeOf(number)] === number;
  }

  add(number: number): void {
    const place = this.#placeOf(number);
    if (this.#slots[place] === number) return;
    this.#slots[place] = number;
    this.#many += 1;
    if (2 * this.#many > this.#slots.length) this.#grow();
  }

  values(): readonly number[] {
    return [...this.#slots].filter((number) => number !== 0);
  }

  /** Where it is, or would be. */
  #placeOf(number: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    // Numbers of one place follow each other: multiplied they lie apart (Knuth, 6.4, "Fibonacci hashing").
    let place = (Math.imul(number | 0, 0x9e3779b1) ^ Math.imul(Math.floor(number / 2 ** 32), 0x85ebca6b)) >>> 0;
    place = (place ^ (place >>> 15)) & mask;
    while (slots[place] !== 0 && slots[place] !== number) place = (place + 1) & mask;
    return place;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Float64Array(2 * before.length);
    for (const number of before) if (number !== 0) this.#slots[this.#placeOf(number)] = number;
  }
}

const leastSlots = 16;
