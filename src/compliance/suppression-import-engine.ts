import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { TextDecoder } from "node:util";
import { type CsvRecord, CsvScanner } from "../contact/csv.ts";
import { readCountry } from "../contact/normalise.ts";
import type { Rejection } from "../contact/ports.ts";
import { sniffDelimiter, sniffEncoding } from "../contact/sniff.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault, toFault } from "../kernel/fault.ts";
import type { ListedWhom, LoadMode } from "./suppression.ts";
import type { LoadResult, SuppressionLoad, SuppressionStore } from "./suppression-ports.ts";
import { planSuppressions, readSuppressions, type SuppressionPlan } from "./suppression-row.ts";

export interface SuppressionFile {
  readonly store: Pick<SuppressionStore, "openLoad">;
  readonly listId: string;
  readonly mode: LoadMode;
  readonly content: Readable;
  readonly by: string;
  /** Its name, for people. */
  readonly file?: string;
  /** The day its data is of, YYYY-MM-DD. Fault `import-date` when there is no such day, or it has not come. */
  readonly dated?: string;
  /** The country of numbers that are written without one, ISO 3166-1 alpha-2. */
  readonly defaultCountry: string;
  /** Called once, with the names of the columns. */
  readonly headed?: (header: readonly string[]) => void;
  /** Called for each row that cannot be used, in file order; the import waits for it. */
  readonly rejected: (rejection: Rejection) => void | Promise<void>;
  readonly progress?: (progress: { readonly read: number; readonly rejected: number; readonly bytes: number }) => void;
  readonly clock: Clock;
}

export interface SuppressionReport extends LoadResult {
  readonly read: number;
  readonly rejected: number;
}

const pieceBytes = 65_536;
const headBytes = 65_536;
const batchEntries = 2000;

/**
 * Loads a file into a suppression list: streaming, so of any length; everything usable goes in, or nothing. CSV with a header, one column of numbers or
 * mailboxes without one, or the FTC's area code and seven digits.
 *
 * Faults, after which nothing has gone in: `suppression-list-unknown`; `import-country`, `import-date`, `import-format`, `import-empty`, `import-columns`;
 * `import-nothing-usable` when no row could be used; `import-broken-off` when the file ended untimely.
 */
export async function loadSuppressions(request: SuppressionFile): Promise<SuppressionReport> {
  const { store, listId, mode, by, file, dated } = request;
  const country = readCountry(request.defaultCountry);
  if (dated !== undefined) checkDay(dated, request.clock.now());
  const load = await store.openLoad(listId, mode);
  try {
    const reading = new Reading(request, country, load);
    for await (const chunk of chunksOf(request.content)) {
      for (let at = 0; at < chunk.length; at += pieceBytes) {
        await reading.take(chunk.subarray(at, at + pieceBytes));
        // Everything else in the process gets its turn.
        await setImmediate();
      }
    }
    const { read, rejected, sha256 } = await reading.end();
    const result = await load.commit({ by, ...(file !== undefined && { file }), ...(dated !== undefined && { dated }), read, rejected, sha256 });
    return { read, rejected, ...result };
  } catch (error) {
    // What went wrong first is what matters; a load that cannot even be aborted ends with its connection.
    await load.abort().catch(() => {});
    throw toFault(error, "import-failed");
  }
}

function checkDay(day: string, now: number): void {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== day)
    throw new Fault("import-date", `“${day.slice(0, 40)}” is no day; write it as 2026-11-30.`);
  // Somewhere it is tomorrow already.
  if (at > now + 86_400_000)
    throw new Fault("import-date", `Data of ${day} has not come yet; give the day on which the list was taken from its keeper.`);
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

class Reading {
  readonly #request: SuppressionFile;
  readonly #country: ReturnType<typeof readCountry>;
  readonly #load: SuppressionLoad;
  readonly #hash = createHash("sha256");
  #head: Uint8Array[] = [];
  #headLength = 0;
  #bytes = 0;
  #decoder: TextDecoder | undefined;
  #scanner: CsvScanner | undefined;
  #plan: SuppressionPlan | undefined;
  #entries: ListedWhom[] = [];
  #read = 0;
  #rejected = 0;

  constructor(request: SuppressionFile, country: ReturnType<typeof readCountry>, load: SuppressionLoad) {
    this.#request = request;
    this.#country = country;
    this.#load = load;
  }

  async take(piece: Uint8Array): Promise<void> {
    this.#bytes += piece.length;
    this.#hash.update(piece);
    if (this.#scanner && this.#decoder) return this.#records(this.#scanner.push(this.#decoder.decode(piece, { stream: true })));
    this.#head.push(piece);
    this.#headLength += piece.length;
    if (this.#headLength >= headBytes) await this.#begin();
  }

  async end(): Promise<{ readonly read: number; readonly rejected: number; readonly sha256: string }> {
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
        const { plan, isHeader } = planSuppressions(record.cells);
        this.#plan = plan;
        this.#request.headed?.(plan.header);
        if (isHeader) continue;
      }
      await this.#row(record, this.#plan);
      if (this.#entries.length >= batchEntries) await this.#flush();
    }
  }

  async #row(record: CsvRecord, plan: SuppressionPlan): Promise<void> {
    this.#read += 1;
    const read = readSuppressions(record, plan, this.#country, this.#request.clock.now());
    if ("entries" in read) {
      this.#entries.push(...read.entries);
      return;
    }
    this.#rejected += 1;
    await this.#request.rejected({ row: this.#read, line: record.line, column: read.column, reason: read.reason, raw: record.cells });
  }

  async #flush(): Promise<void> {
    if (this.#entries.length > 0) await this.#load.add(this.#entries);
    this.#entries = [];
    this.#request.progress?.({ read: this.#read, rejected: this.#rejected, bytes: this.#bytes });
  }
}
