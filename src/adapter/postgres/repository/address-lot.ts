import { copyHeaderBytes, copyMessage, pieceBytes } from "./copy-into.ts";
import { CopyRows, copyBeginning } from "./copy-rows.ts";

/**
 * Rows of addresses for COPY, sent about in the order of the index that they go into: neighbours lie on one page of it, the more of them the more rows there are.
 * Held as bytes: so many texts would live longer than what the garbage collector does best with.
 */
export class AddressLot {
  /** To which each row is written, before it is added. */
  readonly rows = new CopyRows();
  /** Of each row its place in the index, and where it ends. */
  #places = new Float64Array(leastRows);
  #ends = new Uint32Array(leastRows);
  #many = 0;

  get many(): number {
    return this.#many;
  }

  /** The row that was written last. @param place whole and less than 10¹⁰, so that it and the row's own number are one whole number below 2⁵³ */
  add(place: number): void {
    if (this.#many === this.#ends.length) this.#makeRoom();
    this.#places[this.#many] = place;
    this.#ends[this.#many] = this.rows.length;
    this.#many += 1;
  }

  /** All of it, as the messages that will be sent; nothing is left. */
  take(): readonly Buffer[] {
    const order = this.#order();
    const messages = order.length === 0 ? [] : [copyBeginning()];
    for (let first = 0; first < order.length; ) {
      let [next, bytes] = [first, 0];
      for (; next < order.length && bytes < pieceBytes; next += 1) bytes += this.#end(order[next]) - this.#start(order[next]);
      const message = copyMessage(bytes);
      let at = copyHeaderBytes;
      for (; first < next; first += 1) at += this.rows.copy(message, at, this.#start(order[first]), this.#end(order[first]));
      messages.push(message);
    }
    this.rows.clear();
    this.#many = 0;
    return messages;
  }

  #order(): Uint32Array {
    const many = this.#many;
    const order = new Float64Array(many);
    for (let row = 0; row < many; row += 1) order[row] = (this.#places[row] ?? 0) * many + row;
    return Uint32Array.from(order.sort(), (each) => each % many);
  }

  #start(row = 0): number {
    return row === 0 ? 0 : (this.#ends[row - 1] ?? 0);
  }

  #end(row = 0): number {
    return this.#ends[row] ?? 0;
  }

  #makeRoom(): void {
    const [places, ends] = [this.#places, this.#ends];
    this.#places = new Float64Array(2 * places.length);
    this.#ends = new Uint32Array(2 * ends.length);
    this.#places.set(places);
    this.#ends.set(ends);
  }
}

const leastRows = 1024;
