import type { Readable } from "node:stream";
import type { CountryCode } from "libphonenumber-js/max";
import { Fault, toFault } from "../kernel/fault.ts";
import { type ColumnPlan, type ColumnWishes, planColumns } from "./columns.ts";
import type { NewContact } from "./contact.ts";
import type { CsvRecord } from "./csv.ts";
import { headerFor, type Mapping, planMapped } from "./mapping.ts";
import type { ContactLoad, ContactStore, ExistingMode, ImportCounts, ListEntry, Rejection } from "./ports.ts";
import { isBlank, readRow } from "./row.ts";
import { checkSelection, select } from "./selection.ts";
import { Tallier } from "./tally.ts";

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
  /** See `ListLoad`. */
  readonly existing?: ExistingMode;
  readonly dry?: boolean;
  readonly enter?: boolean;
  /** See `ListLoad`; those of the mapping besides. */
  readonly lookups?: readonly string[];
  readonly feedRun?: string;
  readonly csv: Readable;
  /** Called for each row that cannot be used, in file order; the import waits for it. */
  readonly rejected: (rejection: Rejection) => void | Promise<void>;
  /** Called for each number or mailbox that cannot be used of a contact that goes in with another address. */
  readonly dropped?: (rejection: Rejection) => void | Promise<void>;
  /** Called once, with what each column was taken for. */
  readonly planned?: (plan: ColumnPlan) => void;
  readonly progress?: (progress: ImportProgress) => void;
  readonly columns?: ColumnWishes;
  /** How the file is written and what its columns are, where it does not say it itself; instead of `columns`. */
  readonly mapping?: Mapping;
  /** The country of numbers that are written without one, ISO 3166-1 alpha-2. Default US. */
  readonly defaultCountry?: string;
}

/** Rows that go to the store together, where it says nothing else, and after which progress is told. */
const usualRows = 1000;

interface Placed {
  readonly record: CsvRecord;
  readonly row: number;
}

/** What goes to one list. */
interface Batch {
  readonly contacts: NewContact[];
  readonly places: Placed[];
}

/** One of the lists that a file goes to, and what has become of its rows. */
export interface Share {
  readonly name: string;
  readonly entry: ListEntry;
  readonly tallier: Tallier;
  accepted: number;
  duplicates: number;
  erased: number;
}

interface Filled {
  readonly batches: ReadonlyMap<Share, Batch>;
  readonly rejections: Rejection[];
  readonly drops: Rejection[];
  readonly bytes: number;
}

/** One file on its way into its lists. */
export class Run {
  readonly #request: ImportRequest;
  readonly #own: Share;
  readonly #others: ReadonlyMap<string, Share>;
  readonly #country: CountryCode;
  readonly #rowsAtOnce: number;
  #bytes = 0;
  #plan: ColumnPlan | undefined;
  /** What was given to the store is settled while the file is read on: at most one batch. */
  #settling: Promise<void> = Promise.resolve();
  #batches = new Map<Share, Batch>();
  #waiting = 0;
  #rejections: Rejection[] = [];
  #drops: Rejection[] = [];
  #read = 0;
  readonly #followed = new Map<string, number>();
  #settledBytes = 0;
  /** Rows of which progress was told. */
  #told = 0;
  readonly #settledCounts = { accepted: 0, rejected: 0, duplicates: 0, erased: 0, dropped: 0 };

  constructor(request: ImportRequest, load: ContactLoad, country: CountryCode) {
    this.#request = request;
    this.#own = shareOf(request.name, load);
    this.#others = new Map([...(load.others ?? [])].map(([name, entry]) => [name, shareOf(name, entry)]));
    this.#country = country;
    this.#rowsAtOnce = load.rowsAtOnce ?? usualRows;
  }

  /** That of the import's own list, and those of the others that rules send people to. */
  get shares(): readonly Share[] {
    return [this.#own, ...this.#others.values()];
  }

  /** Of every rule how many rows it was followed for. */
  get rules(): Readonly<Record<string, number>> | undefined {
    const rules = this.#request.mapping?.rules;
    return rules && Object.fromEntries(rules.map(({ name }) => [name, this.#followed.get(name) ?? 0]));
  }

  get counts() {
    return { ...this.#settledCounts, read: this.#read };
  }

  read(bytes: number): void {
    this.#bytes = bytes;
  }

  async take(records: readonly CsvRecord[]): Promise<void> {
    for (const record of records) {
      if (isBlank(record)) continue;
      const plan = this.#planFor(record);
      if (plan) this.#row(record, plan);
      if (this.#waiting + this.#rejections.length >= this.#rowsAtOnce) await this.#flush();
    }
  }

  async end(): Promise<void> {
    if (!this.#plan) throw new Fault("import-empty", "The file is empty. Its first row must hold the names of the columns.");
    await this.#flush();
    await this.settled();
    this.#tell();
  }

  /** What the columns of a record are; undefined of the one that names them. */
  #planFor(record: CsvRecord): ColumnPlan | undefined {
    const { mapping = {} } = this.#request;
    const { header = record.cells } = record;
    if (record.header !== undefined) {
      // Of NDJSON each record names its columns, and most of them the same.
      if (this.#plan && sameNames(this.#plan.header, header)) return this.#plan;
      if (record.fault && !this.#plan) throw new Fault("import-format", `Line ${record.line} ${record.fault.reason}.`);
      if (record.fault) return this.#plan;
      return this.#plan ? this.#plannedAgain(record, header) : this.#planned(header);
    }
    if (this.#plan) return this.#plan;
    if (record.fault) throw new Fault("import-columns", `The header, in line ${record.line}, cannot be read: ${record.fault.reason}.`);
    if (mapping.header ?? mapping.format !== "fixed") {
      this.#checked(this.#planned(header));
      return undefined;
    }
    return this.#checked(this.#planned(headerFor(mapping, header.length)));
  }

  /** One record with other columns than those before it may be no good; the others are. */
  #plannedAgain({ line, cells: raw }: CsvRecord, header: readonly string[]): ColumnPlan | undefined {
    try {
      return this.#planned(header);
    } catch (error) {
      this.#read += 1;
      this.#rejections.push({ row: this.#read, line, column: "row", reason: toFault(error, "import-columns").message, raw, names: header });
      return undefined;
    }
  }

  #planned(header: readonly string[]): ColumnPlan {
    const { mapping, columns, planned } = this.#request;
    const plan = mapping?.columns ? planMapped(header, mapping) : planColumns(header, columns);
    if (!this.#plan) planned?.(plan);
    this.#plan = plan;
    return plan;
  }

  /** Where all rows have the same columns, rules may ask for those only. */
  #checked(plan: ColumnPlan): ColumnPlan {
    checkSelection(this.#request.mapping?.rules ?? [], plan.fields);
    return plan;
  }

  #row(record: CsvRecord, plan: ColumnPlan): void {
    this.#read += 1;
    const row = this.#read;
    const read = readRow(record, plan, this.#country);
    const told = (finding: { readonly column: string; readonly reason: string }) => ({ row, line: record.line, ...finding, ...rawOf(record) });
    if ("refused" in read) {
      this.#rejections.push(told(read.refused));
      return;
    }
    const { rules } = this.#request.mapping ?? {};
    const selected = rules && select(rules, read.contact);
    if (selected) this.#followed.set(selected.rule, (this.#followed.get(selected.rule) ?? 0) + 1);
    if (selected && "reason" in selected) {
      this.#rejections.push(told({ column: "row", reason: selected.reason }));
      return;
    }
    const { contacts, places } = this.#batchOf(selected?.list);
    contacts.push(selected?.contact ?? read.contact);
    places.push({ record, row });
    this.#waiting += 1;
    this.#drops.push(...read.dropped.map(told));
  }

  #batchOf(list: string | undefined): Batch {
    const share = (list === undefined ? undefined : this.#others.get(list)) ?? this.#own;
    const known = this.#batches.get(share);
    if (known) return known;
    const batch: Batch = { contacts: [], places: [] };
    this.#batches.set(share, batch);
    return batch;
  }

  /** Nothing of the file is on its way into the store any more; rejects when something of it went wrong. */
  settled(): Promise<void> {
    return this.#settling;
  }

  async #flush(): Promise<void> {
    const full: Filled = { batches: this.#batches, rejections: this.#rejections, drops: this.#drops, bytes: this.#bytes };
    this.#batches = new Map();
    this.#waiting = 0;
    this.#rejections = [];
    this.#drops = [];
    await this.#settling;
    this.#settling = this.#settle(full);
    // Heard of by whoever waits for it next.
    this.#settling.catch(() => undefined);
  }

  async #settle({ batches, rejections, drops, bytes }: Filled): Promise<void> {
    const gone = new Set<number>();
    for (const [share, batch] of batches) await this.#enter(share, batch, rejections, gone);
    const kept = drops.filter(({ row }) => !gone.has(row));
    this.#settledCounts.rejected += rejections.length;
    this.#settledCounts.dropped += kept.length;
    for (const rejection of rejections.sort((a, b) => a.row - b.row)) await this.#request.rejected(rejection);
    for (const drop of kept) await this.#request.dropped?.(drop);
    const { accepted, rejected } = this.#settledCounts;
    this.#settledBytes = bytes;
    if (accepted + rejected - this.#told >= usualRows) this.#tell();
  }

  #tell(): void {
    const { accepted, rejected } = this.#settledCounts;
    this.#told = accepted + rejected;
    this.#request.progress?.({ ...this.#settledCounts, read: this.#told, bytes: this.#settledBytes });
  }

  /** @param gone gets the rows that are left out */
  async #enter(share: Share, { contacts, places }: Batch, rejections: Rejection[], gone: Set<number>): Promise<void> {
    const leftOut = await share.entry.add(contacts);
    for (const { position, column, reason } of leftOut) {
      const place = places[position];
      if (!place) continue;
      gone.add(place.row);
      rejections.push({ row: place.row, line: place.record.line, column: this.#named(column), reason, ...rawOf(place.record) });
    }
    for (const [position, contact] of contacts.entries()) if (!gone.has(places[position]?.row ?? 0)) share.tallier.add(contact);
    const erased = leftOut.filter((each) => each.erased).length;
    const counts = { accepted: contacts.length - leftOut.length, duplicates: leftOut.length - erased, erased };
    for (const name of ["accepted", "duplicates", "erased"] as const) {
      share[name] += counts[name];
      this.#settledCounts[name] += counts[name];
    }
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

function shareOf(name: string, entry: ListEntry): Share {
  return { name, entry, tallier: new Tallier(), accepted: 0, duplicates: 0, erased: 0 };
}

function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index]);
}

function rawOf({ cells: raw, header: names }: CsvRecord): Pick<Rejection, "raw" | "names"> {
  return { raw, ...(names && { names }) };
}
