import { type CsvRecord, maxRecordChars } from "./csv.ts";

/** Reads text line by line, each made a record by `read`. A line that is too long is told and left out: only its beginning was kept. */
export class LineScanner {
  readonly #read: (text: string) => Omit<CsvRecord, "line">;
  #text = "";
  #line = 1;
  #dropping = false;

  constructor(read: (text: string) => Omit<CsvRecord, "line">) {
    this.#read = read;
  }

  /** The records that this piece completes. */
  push(piece: string): readonly CsvRecord[] {
    const found: CsvRecord[] = [];
    const text = this.#text + piece;
    let at = 0;
    for (let newline = text.indexOf("\n"); newline >= 0; newline = text.indexOf("\n", at)) {
      if (!this.#dropping) this.#take(text.slice(at, newline), found);
      this.#dropping = false;
      this.#line += 1;
      at = newline + 1;
    }
    this.#text = this.#dropping ? "" : text.slice(at);
    if (this.#text.length > maxRecordChars) {
      found.push(this.#tooLong(this.#text));
      this.#text = "";
      this.#dropping = true;
    }
    return found;
  }

  /** The record that is left at the end of the file. */
  end(): readonly CsvRecord[] {
    const found: CsvRecord[] = [];
    if (!this.#dropping) this.#take(this.#text, found);
    this.#text = "";
    return found;
  }

  #take(text: string, found: CsvRecord[]): void {
    const plain = text.endsWith("\r") ? text.slice(0, -1) : text;
    if (plain.trim() === "") return;
    found.push(plain.length > maxRecordChars ? this.#tooLong(plain) : { line: this.#line, ...this.#read(plain) });
  }

  #tooLong(text: string): CsvRecord {
    return { line: this.#line, cells: [text.slice(0, 200)], fault: { column: 0, reason: `the line is longer than ${maxRecordChars} characters` } };
  }
}

/** A line of NDJSON: one object, its properties the columns. */
export function readJsonLine(text: string): Omit<CsvRecord, "line"> {
  const broken = (reason: string) => ({ cells: [text.slice(0, 1000)], header: ["row"], fault: { column: 0, reason } });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return broken("is no JSON; each line must hold one object");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return broken("is no object; each line must hold one");
  const entries = Object.entries(value);
  const deep = entries.findIndex(([, cell]) => typeof cell === "object" && cell !== null);
  const header = entries.map(([name]) => name);
  const cells = entries.map(([, cell]) => (cell === null ? "" : typeof cell === "object" ? JSON.stringify(cell) : String(cell)));
  if (deep >= 0) return { cells, header, fault: { column: deep, reason: "holds a list or an object; give a text or a number" } };
  return { cells, header };
}

/** A line whose columns have fixed places. @param places each from 1, in characters */
export function readFixedLine(places: readonly { readonly from: number; readonly width: number }[]): (text: string) => Omit<CsvRecord, "line"> {
  return (text) => ({ cells: places.map(({ from, width }) => text.slice(from - 1, from - 1 + width)) });
}
