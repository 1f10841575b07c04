import { pipeline, Readable } from "node:stream";
import { crc32, createDeflateRaw } from "node:zlib";
import type { Cell } from "./table.ts";

/*
 * Workbooks (ECMA-376, Office Open XML) with one sheet, written while the rows come. By hand: of the libraries, exceljs is not kept up and the others hold the whole book in memory, while what
 * is needed is five small files in a zip (PKWARE APPNOTE 6.3.10). Texts stand in their cells (`inlineStr`), where they are never formulas; sizes follow their data, so nothing has to be known before.
 */

/** Rows of a sheet, by the format; more go onto further sheets. */
export const mostRows = 1_048_576;

const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const relationships = "http://schemas.openxmlformats.org/package/2006/relationships";
const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/** @param name of the sheet @param rows the first with the heads @returns the bytes of the file @throws RangeError for a sheet of more than 4 GB */
export async function* workbook(name: string, rows: AsyncIterable<readonly Cell[]> | Iterable<readonly Cell[]>): AsyncGenerator<Buffer> {
  const zip = new ZipWriter();
  const iterator = Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]();
  let sheets = 0;
  try {
    for (const state = { full: true }; state.full; ) {
      sheets += 1;
      state.full = false;
      yield* zip.file(`xl/worksheets/sheet${sheets}.xml`, sheet(iterator, state));
    }
  } finally {
    await iterator.return?.();
  }
  const numbers = Array.from({ length: sheets }, (_, at) => at + 1);
  const title = (number: number) => text(`${name.replaceAll(/[\\/*?:[\]]/g, " ").slice(0, 25)}${number > 1 ? ` ${number}` : ""}`);
  const list = numbers.map((number) => `<sheet name="${title(number)}" sheetId="${number}" r:id="rId${number}"/>`).join("");
  const files: Readonly<Record<string, string>> = {
    "xl/workbook.xml": `${xml}<workbook xmlns="${main}" xmlns:r="${office}"><sheets>${list}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `${xml}<Relationships xmlns="${relationships}">${numbers.map((number) => `<Relationship Id="rId${number}" Type="${office}/worksheet" Target="worksheets/sheet${number}.xml"/>`).join("")}</Relationships>`,
    "_rels/.rels": `${xml}<Relationships xmlns="${relationships}"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "[Content_Types].xml": `${xml}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>${numbers.map((number) => `<Override PartName="/xl/worksheets/sheet${number}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`).join("")}</Types>`,
  };
  for (const [path, content] of Object.entries(files)) yield* zip.file(path, [content]);
  yield zip.end();
}

async function* sheet(rows: AsyncIterator<readonly Cell[]> | Iterator<readonly Cell[]>, state: { full: boolean }): AsyncGenerator<string> {
  yield `${xml}<worksheet xmlns="${main}"><sheetData>`;
  for (let row = 1; row <= mostRows; row += 1) {
    const next = await rows.next();
    if (next.done) {
      yield "</sheetData></worksheet>";
      return;
    }
    yield `<row r="${row}">${next.value.map((cell, column) => cellText(cell, `${columnName(column)}${row}`)).join("")}</row>`;
  }
  state.full = true;
  yield "</sheetData></worksheet>";
}

function cellText(cell: Cell, place: string): string {
  if (cell === null || cell === "") return "";
  if (typeof cell === "number") return Number.isFinite(cell) ? `<c r="${place}"><v>${cell}</v></c>` : "";
  // No cell holds more than 32,767 characters.
  return `<c r="${place}" t="inlineStr"><is><t xml:space="preserve">${text(cell.slice(0, 32_767))}</t></is></c>`;
}

/** Without what XML 1.0 has no way to write. */
function text(value: string): string {
  return value
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** A, B, …, Z, AA. @param column from 0 */
function columnName(column: number): string {
  const rest = Math.floor(column / 26);
  return `${rest > 0 ? columnName(rest - 1) : ""}${String.fromCharCode(65 + (column % 26))}`;
}

/** Files one after the other, deflated, with their sizes behind them (APPNOTE 4.3.9), and the table of contents at the end. */
class ZipWriter {
  #at = 0;
  readonly #entries: Buffer[] = [];

  async *file(path: string, content: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Buffer> {
    const from = this.#at;
    const name = Buffer.from(path);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    writeCommon(head, 4, name.length);
    yield this.#count(Buffer.concat([head, name]));
    let [crc, size, packed] = [0, 0, 0];
    const measured = async function* () {
      for await (const piece of batched(content)) {
        crc = crc32(piece, crc);
        size += piece.length;
        yield piece;
      }
    };
    const deflate = createDeflateRaw({ level: 5 });
    // Whichever of the two ends before its time takes the other with it; what went wrong is thrown below.
    pipeline(Readable.from(measured()), deflate, () => undefined);
    for await (const chunk of deflate) {
      const bytes: Buffer = chunk;
      packed += bytes.length;
      yield this.#count(bytes);
    }
    const sizes = Buffer.alloc(16);
    sizes.writeUInt32LE(0x08074b50, 0);
    for (const [at, value] of [crc, packed, size].entries()) sizes.writeUInt32LE(value, 4 + at * 4);
    yield this.#count(sizes);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(20, 4);
    writeCommon(entry, 6, name.length);
    for (const [at, value] of [crc, packed, size].entries()) entry.writeUInt32LE(value, 16 + at * 4);
    entry.writeUInt32LE(from, 42);
    this.#entries.push(Buffer.concat([entry, name]));
  }

  end(): Buffer {
    const contents = Buffer.concat(this.#entries);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(this.#entries.length, 8);
    end.writeUInt16LE(this.#entries.length, 10);
    end.writeUInt32LE(contents.length, 12);
    end.writeUInt32LE(this.#at, 16);
    return Buffer.concat([contents, end]);
  }

  #count(bytes: Buffer): Buffer {
    this.#at += bytes.length;
    return bytes;
  }
}

/** Version, flags (sizes follow; names are UTF-8), deflate, 1980-01-01, and after the sizes, which are not known yet, the length of the name. */
function writeCommon(into: Buffer, at: number, nameLength: number): void {
  into.writeUInt16LE(20, at);
  into.writeUInt16LE(0x0808, at + 2);
  into.writeUInt16LE(8, at + 4);
  into.writeUInt16LE(0x21, at + 8);
  into.writeUInt16LE(nameLength, at + 22);
}

/** In pieces of 64 kB, of which each costs a turn. */
async function* batched(content: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Buffer> {
  let waiting = "";
  for await (const piece of content) {
    waiting += piece;
    if (waiting.length < 65_536) continue;
    yield Buffer.from(waiting);
    waiting = "";
  }
  if (waiting !== "") yield Buffer.from(waiting);
}
