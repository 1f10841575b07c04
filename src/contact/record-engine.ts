import { setImmediate } from "node:timers/promises";
import { TextDecoder } from "node:util";
import { Fault } from "../kernel/fault.ts";
import { type CsvRecord, CsvScanner } from "./csv.ts";
import { decoderLabel, sniffFormat } from "./form.ts";
import { LineScanner, readFixedLine, readJsonLine } from "./lines.ts";
import type { Mapping } from "./mapping.ts";
import { sniffDelimiter, sniffEncoding } from "./sniff.ts";
import { readWorkbook } from "./workbook-engine.ts";

/** The file is read on in pieces of so many bytes, and everything else in the process gets its turn in between. */
const pieceBytes = 32_768;
/** What the form of a file is recognised by. */
const headBytes = 65_536;

/** Makes records of text, piece by piece. */
interface Scanner {
  push(piece: string): readonly CsvRecord[];
  end(): readonly CsvRecord[];
}

/**
 * The records of a file in any form, some at a time. Bytes that are not of the encoding become U+FFFD.
 * @param counted told how many bytes were read
 * @throws Fault `import-format`, `import-broken-off` (retryable)
 */
export async function* readRecords(
  file: AsyncIterable<unknown>,
  mapping: Mapping,
  counted: (bytes: number) => void,
): AsyncGenerator<readonly CsvRecord[]> {
  const { head, rest } = await split(pieces(file, counted));
  const format = mapping.format ?? sniffFormat(head);
  if (format === "xlsx") return yield* readWorkbook(joined(head, rest), mapping.sheet);
  const encoding = mapping.encoding ?? sniffEncoding(head);
  const decoder = new TextDecoder(decoderLabel(encoding));
  const text = decoder.decode(head, { stream: true });
  const scanner = scannerFor(format, mapping, text);
  yield scanner.push(text);
  for await (const piece of rest) yield scanner.push(decoder.decode(piece, { stream: true }));
  yield scanner.push(decoder.decode());
  yield scanner.end();
}

function scannerFor(format: "csv" | "ndjson" | "fixed", { delimiter, columns }: Mapping, head: string): Scanner {
  if (format === "csv") return new CsvScanner(delimiter ?? sniffDelimiter(head));
  if (format === "ndjson") return new LineScanner(readJsonLine);
  return new LineScanner(readFixedLine((columns ?? []).flatMap(({ column }) => (typeof column === "object" ? [column] : []))));
}

/** The beginning of a file, and what follows it. */
async function split(file: AsyncGenerator<Uint8Array>): Promise<{ readonly head: Uint8Array; readonly rest: AsyncIterable<Uint8Array> }> {
  const held: Uint8Array[] = [];
  for (let length = 0; length < headBytes; ) {
    const { value, done } = await file.next();
    if (done) break;
    held.push(value);
    length += value.length;
  }
  return { head: Buffer.concat(held), rest: file };
}

async function* joined(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  yield* rest;
}

async function* pieces(file: AsyncIterable<unknown>, counted: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let since = 0;
  let read = 0;
  try {
    for await (const chunk of file) {
      const bytes: unknown = typeof chunk === "string" ? Buffer.from(chunk, "utf8") : chunk;
      if (!(bytes instanceof Uint8Array)) throw new Fault("import-format", "The file is no stream of bytes.");
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        const piece = bytes.subarray(at, at + pieceBytes);
        read += piece.length;
        counted(read);
        yield piece;
        since += piece.length;
        if (since < pieceBytes) continue;
        since = 0;
        await setImmediate();
      }
    }
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault("import-broken-off", "The file could not be read to its end; nothing was imported.", { cause: error, retryable: true });
  }
}
