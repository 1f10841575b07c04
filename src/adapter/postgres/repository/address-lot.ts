import { copyHeaderBytes, copyMessage, pieceChars } from "./copy-into.ts";

/**
 * Lines of addresses for COPY, sent about in the order of the index that they go into: neighbours lie on one page of it, the more of them the more lines there are.
 * Held as bytes: so many texts would live longer than what the garbage collector does best with.
 */
export class AddressLot {
  #bytes = Buffer.allocUnsafeSlow(pieceChars);
  #used = 0;
  /** Of each line its place in the index, and where it ends. */
  #places = new Float64Array(leastLines);
  #ends = new Uint32Array(leastLines);
  #lines = 0;

  get lines(): number {
    return this.#lines;
  }

  /** @param place whole and less than 10¹⁰, so that it and the line's own number are one whole number below 2⁵³ */
  add(place: number, line: string): void {
    const room = line.length * mostBytesOfChar;
    if (this.#used + room > this.#bytes.length) this.#makeRoom(room);
    if (this.#lines === this.#ends.length) this.#makeLines();
    this.#used += this.#bytes.write(line, this.#used);
    this.#places[this.#lines] = place;
    this.#ends[this.#lines] = this.#used;
    this.#lines += 1;
  }

  /** All of it, as the messages that will be sent; nothing is left. */
  take(): readonly Buffer[] {
    const order = this.#order();
    const messages: Buffer[] = [];
    for (let first = 0; first < order.length; ) {
      let [next, bytes] = [first, 0];
      for (; next < order.length && bytes < pieceChars; next += 1) bytes += this.#end(order[next]) - this.#start(order[next]);
      const message = copyMessage(bytes);
      let at = copyHeaderBytes;
      for (; first < next; first += 1) at += this.#bytes.copy(message, at, this.#start(order[first]), this.#end(order[first]));
      messages.push(message);
    }
    [this.#used, this.#lines] = [0, 0];
    return messages;
  }

  #order(): Uint32Array {
    const lines = this.#lines;
    const order = new Float64Array(lines);
    for (let line = 0; line < lines; line += 1) order[line] = (this.#places[line] ?? 0) * lines + line;
    return Uint32Array.from(order.sort(), (each) => each % lines);
  }

  #start(line = 0): number {
    return line === 0 ? 0 : (this.#ends[line - 1] ?? 0);
  }

  #end(line = 0): number {
    return this.#ends[line] ?? 0;
  }

  #makeRoom(bytes: number): void {
    const before = this.#bytes;
    this.#bytes = Buffer.allocUnsafeSlow(2 * before.length + bytes);
    before.copy(this.#bytes, 0, 0, this.#used);
  }

  #makeLines(): void {
    const [places, ends] = [this.#places, this.#ends];
    this.#places = new Float64Array(2 * places.length);
    this.#ends = new Uint32Array(2 * ends.length);
    this.#places.set(places);
    this.#ends.set(ends);
  }
}

const leastLines = 1024;
/** In UTF-8, of a unit of UTF-16. */
const mostBytesOfChar = 3;
