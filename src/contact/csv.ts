/** One record of the file. Its cells are as they stand there, quotes resolved; blanks at their ends are kept. */
export interface CsvRecord {
  /** The line of the file in which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
  /** The names of its columns, where each record has its own (NDJSON). */
  readonly header?: readonly string[];
  /** Why it cannot be trusted; `column` counts from 0. The cells are then those of its first line, split at every delimiter. */
  readonly fault?: { readonly column: number; readonly reason: string };
}

/** A record longer than that is no contact; it is what follows a quote that nobody closed. In characters. */
export const maxRecordChars = 262_144;

const quoteCode = 0x22;
const blankCode = 0x20;
const tabCode = 0x09;

type Scan =
  | { readonly kind: "record"; readonly cells: readonly string[]; readonly next: number }
  | { readonly kind: "fault"; readonly column: number; readonly reason: string }
  | { readonly kind: "more" };

/**
 * Reads CSV (RFC 4180, any one-character delimiter, CRLF or LF) piece by piece. A record with a broken quote costs its own
 * line only: reading goes on with the next one. That is why this is not a library: those give up the rest of the file.
 */
export class CsvScanner {
  readonly #delimiter: string;
  #text = "";
  #line = 1;
  /** Within a line that was too long: nothing counts until it ends. */
  #dropping = false;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  /** The records that this piece completes. */
  push(piece: string): readonly CsvRecord[] {
    this.#text += piece;
    return this.#records(false);
  }

  /** The records that are left at the end of the file. */
  end(): readonly CsvRecord[] {
    return this.#records(true);
  }

  #records(final: boolean): CsvRecord[] {
    const found: CsvRecord[] = [];
    const text = this.#text;
    let at = 0;
    if (this.#dropping) {
      const newline = text.indexOf("\n");
      if (newline < 0) {
        this.#text = "";
        return found;
      }
      this.#dropping = false;
      this.#line += 1;
      at = newline + 1;
    }
    let quote = text.indexOf('"', at);
    while (at < text.length) {
      if (quote >= 0 && quote < at) quote = text.indexOf('"', at);
      const newline = text.indexOf("\n", at);
      // Most lines have no quote at all.
      if (newline >= 0 && (quote < 0 || quote > newline)) {
        found.push({ line: this.#line, cells: text.slice(at, endOfLine(text, at, newline)).split(this.#delimiter) });
        this.#line += 1;
        at = newline + 1;
        continue;
      }
      let scan = scanRecord(text, at, this.#delimiter, final);
      if (scan.kind === "more") {
        if (text.length - at <= maxRecordChars) break;
        scan = { kind: "fault", column: 0, reason: `the row is longer than ${maxRecordChars} characters; is a quote not closed?` };
      }
      if (scan.kind === "record") {
        found.push({ line: this.#line, cells: scan.cells });
        this.#line += linesBetween(text, at, scan.next);
        at = scan.next;
        continue;
      }
      if (newline < 0 && !final && text.length - at <= maxRecordChars) break;
      const until = newline < 0 ? text.length : newline;
      const { column, reason } = scan;
      const cells = text.slice(at, Math.min(endOfLine(text, at, until), at + maxRecordChars)).split(this.#delimiter);
      found.push({ line: this.#line, cells, fault: { column, reason } });
      this.#line += 1;
      at = until + 1;
      if (newline < 0 && !final) {
        this.#dropping = true;
        this.#line -= 1;
      }
    }
    this.#text = at === 0 ? text : text.slice(at);
    if (final) this.#text = "";
    return found;
  }
}

/** One record that may hold quotes. */
function scanRecord(text: string, from: number, delimiter: string, final: boolean): Scan {
  const cells: string[] = [];
  let at = from;
  // Looked for once, and again only behind it: a row of commas would be searched to its end for each of them.
  let newline = text.indexOf("\n", at);
  for (;;) {
    const start = skipBlanks(text, at, delimiter);
    let cell: string;
    if (text.charCodeAt(start) === quoteCode) {
      const closed = closeQuote(text, start + 1, final);
      if (closed === "more") return { kind: "more" };
      if (closed === "open") return { kind: "fault", column: cells.length, reason: "a quote is opened here and never closed" };
      cell = closed.cell;
      at = skipBlanks(text, closed.next, delimiter);
    } else {
      if (newline >= 0 && newline < at) newline = text.indexOf("\n", at);
      const comma = text.indexOf(delimiter, at);
      if (newline < 0 && comma < 0 && !final) return { kind: "more" };
      const until = Math.min(newline < 0 ? text.length : endOfLine(text, at, newline), comma < 0 ? text.length : comma);
      cell = text.slice(at, until);
      at = until;
    }
    cells.push(cell);
    if (text[at] === "\r" && text[at + 1] === "\n") at += 1;
    if (text[at] === delimiter) at += 1;
    else if (text[at] === "\n") return { kind: "record", cells, next: at + 1 };
    else if (at >= text.length || (text[at] === "\r" && at + 1 >= text.length))
      return final ? { kind: "record", cells, next: text.length } : { kind: "more" };
    else return { kind: "fault", column: cells.length - 1, reason: "there is text after the closing quote" };
  }
}

/** What stands between the quotes, and where it goes on; `more`: the end may still come; `open`: it never does. */
function closeQuote(text: string, from: number, final: boolean): { readonly cell: string; readonly next: number } | "more" | "open" {
  let cell = "";
  let at = from;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return final || text.length - from > maxRecordChars ? "open" : "more";
    if (quote - from > maxRecordChars) return "open";
    if (text[quote + 1] !== '"') return quote + 1 >= text.length && !final ? "more" : { cell: cell + text.slice(at, quote), next: quote + 1 };
    cell += text.slice(at, quote + 1);
    at = quote + 2;
  }
}

function skipBlanks(text: string, from: number, delimiter: string): number {
  let at = from;
  for (let code = text.charCodeAt(at); code === blankCode || (code === tabCode && delimiter !== "\t"); code = text.charCodeAt(at)) at += 1;
  return at;
}

function endOfLine(text: string, from: number, newline: number): number {
  return newline > from && text[newline - 1] === "\r" ? newline - 1 : newline;
}

function linesBetween(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines;
}
