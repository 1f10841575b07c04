import { copyHeaderBytes, copyMessage, pieceBytes } from "./copy-into.ts";

/** What a COPY in binary format begins with: the signature, no flags, no extension. */
const signature = "PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/** The message before those that hold rows. */
export function copyBeginning(): Buffer {
  const message = copyMessage(signature.length);
  message.write(signature, copyHeaderBytes, "latin1");
  return message;
}

/**
 * Rows as COPY takes them in its binary format (PostgreSQL manual, COPY, "Binary Format"), which each program that writes them must give column by column in the order and of the
 * types of the table. The server looks at each character of its text format twice, and at none of these: that is a fifth of what it takes to write a person.
 */
export class CopyRows {
  #bytes = Buffer.allocUnsafeSlow(2 * pieceBytes);
  #used = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#used;
  }

  /** Begins a row of so many columns. */
  begin(columns: number): void {
    const at = this.#take(2);
    this.#bytes[at] = columns >>> 8;
    this.#bytes[at + 1] = columns;
  }

  /** @param value whole and from 0 to 2⁵³ − 1 */
  bigint(value: number): void {
    const at = this.#take(12);
    this.#int4(at, 8);
    this.#int4(at + 4, Math.floor(value / 2 ** 32));
    this.#int4(at + 8, value % 2 ** 32);
  }

  /** @param value from 0 to 2¹⁵ − 1 */
  smallint(value: number): void {
    const at = this.#take(6);
    this.#int4(at, 2);
    this.#bytes[at + 4] = value >>> 8;
    this.#bytes[at + 5] = value;
  }

  /** @param value as `storable` gives it; undefined is null */
  text(value: string | undefined): void {
    if (value === undefined) {
      this.#int4(this.#take(4), -1);
      return;
    }
    const at = this.#take(4 + mostBytesOfChar * value.length);
    const written = value.length <= shortText && this.#ascii(at + 4, value) ? value.length : this.#bytes.write(value, at + 4);
    this.#int4(at, written);
    this.#used = at + 4 + written;
  }

  /** All of it, as the messages that will be sent; nothing is left. */
  take(): readonly Buffer[] {
    const messages = this.#used === 0 ? [] : [copyBeginning()];
    for (let from = 0; from < this.#used; from += pieceBytes) {
      const to = Math.min(from + pieceBytes, this.#used);
      const message = copyMessage(to - from);
      this.copy(message, copyHeaderBytes, from, to);
      messages.push(message);
    }
    this.clear();
    return messages;
  }

  /** Bytes from one place up to another. @returns how many */
  copy(target: Buffer, at: number, from: number, to: number): number {
    return this.#bytes.copy(target, at, from, to);
  }

  /** Nothing is left. */
  clear(): void {
    this.#used = 0;
  }

  /** Of few characters it takes longer to ask for them to be written. @returns whether they are all ASCII, and written */
  #ascii(at: number, value: string): boolean {
    const bytes = this.#bytes;
    for (let index = 0; index < value.length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) return false;
      bytes[at + index] = code;
    }
    return true;
  }

  #int4(at: number, value: number): void {
    const bytes = this.#bytes;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
  }

  #take(bytes: number): number {
    const at = this.#used;
    this.#used = at + bytes;
    if (this.#used > this.#bytes.length) {
      const before = this.#bytes;
      this.#bytes = Buffer.allocUnsafeSlow(2 * this.#used);
      before.copy(this.#bytes, 0, 0, at);
    }
    return at;
  }
}

/** In UTF-8, of a unit of UTF-16. */
const mostBytesOfChar = 3;
const shortText = 24;
