import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { TextDecoder } from "node:util";
import { type CsvRecord, CsvScanner } from "../contact/csv.ts";
import type { Rejection } from "../contact/ports.ts";
import { sniffDelimiter, sniffEncoding } from "../contact/sniff.ts";
import { Fault } from "../kernel/fault.ts";

/** A file of rows, and who is told what of it. */
export interface RowsFile {
  readonly content: Readable;
  /** Called once, with the names of the columns. */
  readonly headed?: (header: readonly string[]) => void;
  /** Called for each row that cannot be used, in file order; the reader waits for it. */
  readonly rejected: (rejection: Rejection) => void | Promise<void>;
  readonly progress?: (progress: { readonly read: number; readonly rejected: number; readonly bytes: number }) => void;
}

/** What the rows of a file are, and where they go. */
export interface RowsForm<Plan extends { readonly header: readonly string[] }, Entry> {
  /** What the first record says of the columns. What it throws ends the reading. */
  plan(first: readonly string[]): { readonly plan: Plan; readonly isHeader: boolean };
  /** The entries of a row, or why it cannot be used. */
  read(record: CsvRecord, plan: Plan): { readonly entries: readonly Entry[] } | { readonly column: string; readonly reason: string };
  add(entries: readonly Entry[]): Promise<void>;
}

export interface RowsRead {
  readonly read: number;
  readonly rejected: number;
  /** Of the bytes, hex. */
  readonly sha256: string;
}

const pieceBytes = 65_536;
const headBytes = 65_536;
const batchEntries = 2000;

/**
 * Reads a delimited file as a stream, so of any length. Faults: `import-format`, `import-empty`, `import-nothing-usable` when no row could be used; `import-broken-off` when the file
 * ended untimely.
 */
export async function readRows<Plan extends { readonly header: readonly string[] }, Entry>(
  file: RowsFile,
  form: RowsForm<Plan, Entry>,
): Promise<RowsRead> {
  const reading = new Reading(file, form);
  for await (const chunk of chunksOf(file.content)) {
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      await reading.take(chunk.subarray(at, at + pieceBytes));
      // Everything else in the process gets its turn.
      await setImmediate();
    }
  }
  return await reading.end();
}

async function* chunksOf(content: Readable): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of content) {
      const bytes: unknown = typeof chunk === "string" ? Buffer.from(chunk, "utf8") : chunk;
      if (!(bytes instanceof Uint8Array)) throw new Fault("import-format", "The file is no stream of bytes.");
      yield bytes;
    }
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault("import-broken-off", "The file could not be read to its end; nothing was changed.", { cause: error, retryable: true });
  }
}

class Reading<Plan extends { readonly header: readonly string[] }, Entry> {
  readonly #file: RowsFile;
  readonly #form: RowsForm<Plan, Entry>;
  readonly #hash = createHash("sha256");
  #head: Uint8Array[] = [];
  #headLength = 0;
  #bytes = 0;
  #decoder: TextDecoder | undefined;
  #scanner: CsvScanner | undefined;
  #plan: Plan | undefined;
  #entries: Entry[] = [];
  #read = 0;
  #rejected = 0;

  constructor(file: RowsFile, form: RowsForm<Plan, Entry>) {
    this.#file = file;
    this.#form = form;
  }

  async take(piece: Uint8Array): Promise<void> {
    this.#bytes += piece.length;
    this.#hash.update(piece);
    if (this.#scanner && this.#decoder) return this.#records(this.#scanner.push(this.#decoder.decode(piece, { stream: true })));
    this.#head.push(piece);
    this.#headLength += piece.length;
    if (this.#headLength >= headBytes) await this.#begin();
  }

  async end(): Promise<RowsRead> {
    if (!this.#scanner) await this.#begin();
    if (this.#scanner && this.#decoder) {
      await this.#records(this.#scanner.push(this.#decoder.decode()));
      await this.#records(this.#scanner.end());
    }
    await this.#flush();
    if (this.#read === 0) throw new Fault("import-empty", "The file has no rows; nothing was changed.");
    if (this.#rejected === this.#read)
      throw new Fault(
        "import-nothing-usable",
        `None of the ${this.#read} rows could be used, so nothing was changed; each was rejected with its reason.`,
      );
    return { read: this.#read, rejected: this.#rejected, sha256: this.#hash.digest("hex") };
  }

  async #begin(): Promise<void> {
    const head = Buffer.concat(this.#head);
    this.#head = [];
    this.#decoder = new TextDecoder(sniffEncoding(head));
    const text = this.#decoder.decode(head, { stream: true });
    this.#scanner = new CsvScanner(sniffDelimiter(text));
    await this.#records(this.#scanner.push(text));
  }

  async #records(records: readonly CsvRecord[]): Promise<void> {
    for (const record of records) {
      if (record.cells.every((cell) => cell.trim() === "")) continue;
      if (!this.#plan) {
        const { plan, isHeader } = this.#form.plan(record.cells);
        this.#plan = plan;
        this.#file.headed?.(plan.header);
        if (isHeader) continue;
      }
      await this.#row(record, this.#plan);
      if (this.#entries.length >= batchEntries) await this.#flush();
    }
  }

  async #row(record: CsvRecord, plan: Plan): Promise<void> {
    this.#read += 1;
    const read = this.#form.read(record, plan);
    if ("entries" in read) {
      this.#entries.push(...read.entries);
      return;
    }
    this.#rejected += 1;
    await this.#file.rejected({ row: this.#read, line: record.line, column: read.column, reason: read.reason, raw: record.cells });
  }

  async #flush(): Promise<void> {
    if (this.#entries.length > 0) await this.#form.add(this.#entries);
    this.#entries = [];
    this.#file.progress?.({ read: this.#read, rejected: this.#rejected, bytes: this.#bytes });
  }
}
