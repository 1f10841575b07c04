import { Fault } from "../kernel/fault.ts";
import { maxColumns } from "./columns.ts";
import type { CsvRecord } from "./csv.ts";
import type { XmlListener } from "./xml.ts";

/* Sheets of a workbook (ECMA-376 part 1, SpreadsheetML, sections 18.3 and 18.4): cells as a person sees them, without the shapes of numbers. */

/** Longer than any cell (32,767 characters), however many tags stand in it. */
const maxCellChars = 262_144;

/** The text of a cell with what comes next. */
function longer(text: string, piece: string): string {
  if (text.length + piece.length > maxCellChars) throw new Fault("import-format", "The workbook is damaged: it holds a cell that is too long.");
  return text + piece;
}

/** Longer than any that Excel takes (255), in which it is looked for a date. */
const longestFormatCode = 1000;
/** More than Excel takes in a sheet. */
const maxRows = 1_048_576;
/** Texts that are held for cells to point at, in bytes. */
const maxSharedBytes = 128 * 2 ** 20;

/** The texts that several cells share, which stand in a file of their own and are pointed at by place. Held as bytes: as strings they would take several times the room. */
export class SharedTexts implements XmlListener {
  #bytes = Buffer.alloc(1 << 16);
  #ends: number[] = [];
  #end = 0;
  #text = "";
  /** Within `t`, which is text; within `rPh` it is how the text is pronounced. */
  #listening = false;
  #aloud = false;

  open(name: string): void {
    if (name === "si") this.#text = "";
    else if (name === "rPh") this.#aloud = true;
    else if (name === "t") this.#listening = !this.#aloud;
  }

  text(text: string): void {
    if (this.#listening) this.#text = longer(this.#text, text);
  }

  close(name: string): void {
    if (name === "t") this.#listening = false;
    else if (name === "rPh") this.#aloud = false;
    else if (name === "si") this.#keep();
  }

  at(place: number): string | undefined {
    const end = this.#ends[place];
    return end === undefined ? undefined : this.#bytes.toString("utf8", this.#ends[place - 1] ?? 0, end);
  }

  #keep(): void {
    const length = Buffer.byteLength(this.#text);
    if (this.#end + length + this.#ends.length * 8 > maxSharedBytes)
      throw new Fault(
        "import-format",
        `The workbook holds more than ${maxSharedBytes / 2 ** 20} MB of text. Save it as “CSV UTF-8” and import that.`,
      );
    if (this.#end + length > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], Math.max(this.#bytes.length * 2, this.#end + length));
    this.#end += this.#bytes.write(this.#text, this.#end);
    this.#ends.push(this.#end);
  }
}

/** Which formats of cells are dates: number formats 14 to 22 and 45 to 47 (18.8.30), and those whose code has letters of dates. */
export class DateFormats implements XmlListener {
  readonly #codes = new Set<number>();
  readonly #formats: boolean[] = [];
  #inCells = false;

  open(name: string, attribute: (name: string) => string | undefined): void {
    if (name === "numFmt") {
      const code = (attribute("formatCode") ?? "").slice(0, longestFormatCode).replace(/"[^"]*"|\[[^\]]*\]|\\./g, "");
      if (/[ymdhs]/i.test(code)) this.#codes.add(Number(attribute("numFmtId")));
    } else if (name === "cellXfs") this.#inCells = true;
    else if (name === "xf" && this.#inCells) {
      const id = Number(attribute("numFmtId") ?? 0);
      if (this.#formats.length < 100_000) this.#formats.push((id >= 14 && id <= 22) || (id >= 45 && id <= 47) || this.#codes.has(id));
    }
  }

  text(): void {}

  close(name: string): void {
    if (name === "cellXfs") this.#inCells = false;
  }

  isDate(format: number): boolean {
    return this.#formats[format] ?? false;
  }
}

/** The rows of a sheet, one record each. */
export class SheetRows implements XmlListener {
  readonly #shared: SharedTexts;
  readonly #dates: DateFormats;
  #found: CsvRecord[] = [];
  #cells: string[] = [];
  #row = 0;
  #column = 0;
  #width = 0;
  #type = "n";
  #format = 0;
  #value = "";
  #listening = false;

  constructor(shared: SharedTexts, dates: DateFormats) {
    this.#shared = shared;
    this.#dates = dates;
  }

  /** The rows that are complete since it was last asked. */
  take(): readonly CsvRecord[] {
    const found = this.#found;
    this.#found = [];
    return found;
  }

  open(name: string, attribute: (name: string) => string | undefined): void {
    if (name === "row") {
      const row = Number(attribute("r") ?? this.#row + 1);
      if (!Number.isInteger(row) || row <= this.#row || row > maxRows)
        throw new Fault("import-format", `The workbook is damaged: behind row ${this.#row} comes a row ${String(attribute("r")).slice(0, 20)}.`);
      this.#row = row;
      this.#cells = [];
      this.#column = 0;
    } else if (name === "c") {
      const place = attribute("r");
      this.#column = place === undefined ? this.#column + 1 : columnOf(place);
      if (this.#column > maxColumns)
        throw new Fault("import-columns", `Row ${this.#row} of the sheet has a cell in column ${this.#column}; at most ${maxColumns} can be taken.`);
      this.#type = attribute("t") ?? "n";
      this.#format = Number(attribute("s") ?? 0);
      this.#value = "";
    } else if (name === "v" || name === "t") this.#listening = true;
    else if (name === "rPh") this.#listening = false;
  }

  text(text: string): void {
    if (this.#listening) this.#value = longer(this.#value, text);
  }

  close(name: string): void {
    if (name === "v" || name === "t") this.#listening = false;
    else if (name === "c" && this.#column > 0) {
      while (this.#cells.length < this.#column) this.#cells.push("");
      this.#cells[this.#column - 1] = this.#shown();
    } else if (name === "row") {
      if (this.#width === 0) this.#width = this.#cells.length;
      // Cells without anything are left out of the file.
      while (this.#cells.length < this.#width) this.#cells.push("");
      this.#found.push({ line: this.#row, cells: this.#cells });
    }
  }

  #shown(): string {
    const value = this.#value;
    if (this.#type === "s") {
      const text = this.#shared.at(Number(value));
      if (text === undefined)
        throw new Fault("import-format", `The workbook is damaged: row ${this.#row}, column ${this.#column} points at a text that is not there.`);
      return text;
    }
    if (this.#type === "b") return value === "1" ? "true" : "false";
    if (this.#type === "e") return "";
    if (this.#type !== "n" || value === "") return value;
    const number = Number(value);
    if (!Number.isFinite(number)) return value;
    if (this.#dates.isDate(this.#format)) return dateText(number) ?? value;
    return Number.isInteger(number) && Math.abs(number) < 1e16 ? number.toFixed(0) : String(number);
  }
}

/** The column of a place such as AB12, from 1; 0 of none. */
function columnOf(place: string): number {
  let column = 0;
  for (const letter of /^[A-Z]{0,3}/.exec(place)?.[0] ?? "") column = column * 26 + letter.charCodeAt(0) - 64;
  return column;
}

/** Days since 30 December 1899 (18.17.4.1) as ISO 8601: a date, a date with time, or a time of day. */
function dateText(days: number): string | undefined {
  if (days < 0 || days >= 2_958_466) return undefined;
  const at = new Date(Math.round((days - 25_569) * 86_400) * 1000).toISOString();
  if (days < 1) return at.slice(11, 19);
  return Number.isInteger(days) ? at.slice(0, 10) : at.slice(0, 19);
}
