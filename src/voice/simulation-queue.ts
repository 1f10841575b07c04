/** What is to happen, earliest first; of two at the same moment the one that was put in first. A binary heap. */
export class EventQueue<T> {
  readonly #heap: { readonly atMs: number; readonly order: number; readonly what: T }[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  put(atMs: number, what: T): void {
    const heap = this.#heap;
    const entry = { atMs, order: this.#order, what };
    this.#order += 1;
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (!parent || !sooner(entry, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = entry;
  }

  take(): { readonly atMs: number; readonly what: T } | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      const left = heap[2 * place + 1];
      const right = heap[2 * place + 2];
      const child = left && right ? (sooner(right, left) ? right : left) : left;
      if (!child || !sooner(child, last)) break;
      heap[place] = child;
      place = 2 * place + (child === left ? 1 : 2);
    }
    heap[place] = last;
    return first;
  }
}

function sooner(a: { atMs: number; order: number }, b: { atMs: number; order: number }): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
