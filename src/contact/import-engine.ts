import type { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { TextDecoder } from "node:util";
import type { CountryCode } from "libphonenumber-js/max";
import { Fault, toFault } from "../kernel/fault.ts";
import { type ColumnPlan, type ColumnWishes, planColumns } from "./columns.ts";
import type { NewContact } from "./contact.ts";
import { type CsvRecord, CsvScanner } from "./csv.ts";
import { readCountry } from "./normalise.ts";
import type { ContactLoad, ContactStore, ImportCounts, Rejection } from "./ports.ts";
import { isBlank, readRow } from "./row.ts";
import { sniffDelimiter, sniffEncoding } from "./sniff.ts";

export interface ImportProgress extends ImportCounts {
  /** Of the file. */
  readonly bytes: number;
}

export interface ImportRequest {
  readonly store: ContactStore;
  /** Of the list; 1 to 200 characters. */
  readonly name: string;
  /** Adds to a list that exists. Without it a list of that name is a Fault `list-exists`. */
  readonly append: boolean;
  readonly csv: Readable;
  /** Called for each row that cannot be used, in file order; the import waits for it. */
  readonly rejected: (rejection: Rejection) => void | Promise<void>;
  /** Called for each number or mailbox that cannot be used of a contact that goes in with another address. */
  readonly dropped?: (rejection: Rejection) => void | Promise<void>;
  /** Called once, with what each column was taken for. */
  readonly planned?: (plan: ColumnPlan) => void;
  readonly progress?: (progress: ImportProgress) => void;
  readonly columns?: ColumnWishes;
  /** The country of numbers that are written without one, ISO 3166-1 alpha-2. Default US. */
  readonly defaultCountry?: string;
}

export interface ImportReport extends ImportCounts {
  readonly listId: string;
  /** Numbers and mailboxes that could not be used of contacts that went in. */
  readonly dropped: number;
}

/** Rows that go to the store together. */
const batchRows = 1000;
/** The file is read on in pieces of so many bytes, and everything else in the process gets its turn in between. */
const pieceBytes = 32_768;
/** What the delimiter is recognised by. */
const headBytes = 65_536;

/**
 * Brings a CSV file into a list: streaming, so of any length; everything usable goes in, or nothing.
 *
 * Faults, after which nothing has gone in: `list-exists`; `import-name`, `import-country`, `import-format`, `import-empty`,
 * `import-columns`; `import-nothing-usable` when no row could be used; `import-broken-off` when the file ended untimely.
 */
export async function importContacts(request: ImportRequest): Promise<ImportReport> {
  const country = readCountry(request.defaultCountry ?? "US");
  if (request.name.trim() === "" || request.name.length > 200 || /\p{Cc}/u.test(request.name))
    throw new Fault("import-name", "Give the list a name of 1 to 200 characters, all of which can be printed.");
  const load = await request.store.openLoad({ name: request.name, append: request.append });
  try {
    const run = new Run(request, load, country);
    for await (const piece of pieces(request.csv)) await run.take(piece);
    await run.end();
    if (run.counts.accepted === 0) throw nothingUsable(run.counts);
    const { listId } = await load.commit();
    return { ...run.counts, listId };
  } catch (error) {
    // What went wrong first is what matters; a load that cannot even be aborted ends with its connection.
    await load.abort().catch(() => {});
    throw toFault(error, "import-failed");
  }
}

function nothingUsable({ read, rejected }: ImportCounts): Fault {
  if (read === 0) return new Fault("import-empty", "The file has a header and no rows.");
  return new Fault("import-nothing-usable", `None of the ${read} rows could be used, so no list was made; each was rejected with its reason.`, {
    detail: { read, rejected },
  });
}

async function* pieces(csv: Readable): AsyncGenerator<Uint8Array> {
  let since = 0;
  try {
    for await (const chunk of csv) {
      const bytes: unknown = typeof chunk === "string" ? Buffer.from(chunk, "utf8") : chunk;
      if (!(bytes instanceof Uint8Array)) throw new Fault("import-format", "The file is no stream of bytes.");
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        yield bytes.subarray(at, at + pieceBytes);
        since += Math.min(pieceBytes, bytes.length - at);
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

interface Placed {
  readonly record: CsvRecord;
  readonly row: number;
}

/** One file on its way into one list. */
class Run {
  readonly #request: ImportRequest;
  readonly #load: ContactLoad;
  readonly #country: CountryCode;
  #head: Uint8Array[] = [];
  #headLength = 0;
  #bytes = 0;
  #decoder: TextDecoder | undefined;
  #scanner: CsvScanner | undefined;
  #plan: ColumnPlan | undefined;
  #batch: NewContact[] = [];
  #places: Placed[] = [];
  #rejections: Rejection[] = [];
  #drops: Rejection[] = [];
  #counts = { read: 0, accepted: 0, rejected: 0, duplicates: 0, dropped: 0 };

  constructor(request: ImportRequest, load: ContactLoad, country: CountryCode) {
    this.#request = request;
    this.#load = load;
    this.#country = country;
  }

  get counts() {
    return this.#counts;
  }

  async take(piece: Uint8Array): Promise<void> {
    this.#bytes += piece.length;
    if (this.#scanner && this.#decoder) return this.#records(this.#scanner.push(this.#decoder.decode(piece, { stream: true })));
    this.#head.push(piece);
    this.#headLength += piece.length;
    if (this.#headLength >= headBytes) await this.#begin();
  }

  async end(): Promise<void> {
    if (!this.#scanner) await this.#begin();
    if (this.#scanner && this.#decoder) {
      await this.#records(this.#scanner.push(this.#decoder.decode()));
      await this.#records(this.#scanner.end());
    }
    if (!this.#plan) throw new Fault("import-empty", "The file is empty. Its first row must hold the names of the columns.");
    await this.#flush();
  }

  async #begin(): Promise<void> {
    const head = Buffer.concat(this.#head);
    this.#head = [];
    // Bytes that are no UTF-8 become U+FFFD, and the row is rejected for it; the byte order mark goes.
    this.#decoder = new TextDecoder(sniffEncoding(head));
    const text = this.#decoder.decode(head, { stream: true });
    this.#scanner = new CsvScanner(sniffDelimiter(text));
    await this.#records(this.#scanner.push(text));
  }

  async #records(records: readonly CsvRecord[]): Promise<void> {
    for (const record of records) {
      if (isBlank(record)) continue;
      if (this.#plan) this.#row(record, this.#plan);
      else this.#header(record);
      if (this.#batch.length + this.#rejections.length >= batchRows) await this.#flush();
    }
  }

  #header(record: CsvRecord): void {
    if (record.fault) throw new Fault("import-columns", `The header, in line ${record.line}, cannot be read: ${record.fault.reason}.`);
    this.#plan = planColumns(record.cells, this.#request.columns);
    this.#request.planned?.(this.#plan);
  }

  #row(record: CsvRecord, plan: ColumnPlan): void {
    this.#counts.read += 1;
    const row = this.#counts.read;
    const read = readRow(record, plan, this.#country);
    const told = (finding: { readonly column: string; readonly reason: string }) => ({ row, line: record.line, ...finding, raw: record.cells });
    if ("refused" in read) {
      this.#rejections.push(told(read.refused));
      return;
    }
    this.#batch.push(read.contact);
    this.#places.push({ record, row });
    this.#drops.push(...read.dropped.map(told));
  }

  async #flush(): Promise<void> {
    const duplicates = this.#batch.length === 0 ? [] : await this.#load.add(this.#batch);
    const gone = new Set<number>();
    for (const { position, column, reason } of duplicates) {
      const place = this.#places[position];
      if (!place) continue;
      gone.add(place.row);
      this.#rejections.push({ row: place.row, line: place.record.line, column: this.#named(column), reason, raw: place.record.cells });
    }
    this.#counts.accepted += this.#batch.length - gone.size;
    this.#counts.rejected += this.#rejections.length;
    this.#counts.duplicates += gone.size;
    const drops = this.#drops.filter(({ row }) => !gone.has(row));
    this.#counts.dropped += drops.length;
    const rejections = this.#rejections.sort((a, b) => a.row - b.row);
    this.#batch = [];
    this.#places = [];
    this.#rejections = [];
    this.#drops = [];
    for (const rejection of rejections) await this.#request.rejected(rejection);
    for (const drop of drops) await this.#request.dropped?.(drop);
    this.#request.progress?.({ ...this.#counts, bytes: this.#bytes });
  }

  /** The store speaks of `client_id`, `phone` and `email`; the reader of the report knows the columns of the file. */
  #named(column: string): string {
    const plan = this.#plan;
    const indexes: Readonly<Record<string, number | undefined>> = {
      client_id: plan?.clientId,
      phone: plan?.phones[0]?.index,
      email: plan?.mailboxes[0],
    };
    const index = indexes[column];
    return (index === undefined ? undefined : plan?.header[index]?.trim()) ?? column;
  }
}
