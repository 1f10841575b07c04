import { Fault } from "../../kernel/fault.ts";

/*
 * A backup is one gzip stream of records: a letter, the length of what follows (four bytes, big-endian), and that. `H` the header, then for each table `T`, any number of `D` (rows as
 * COPY writes them in its text format) and `E`, and at last `Z`, without which it is not whole. All but `D` are JSON.
 */

export const backupFormat = "carillon-backup";
/** One more whenever an older Carillon could not read it right. */
export const backupVersion = 1;
/** So that neither side ever holds more than this, however long a row is. */
export const mostInRecord = 1_048_576;

export const recordKinds = ["H", "T", "D", "E", "Z"] as const;
export type RecordKind = (typeof recordKinds)[number];

export interface BackupHeader {
  readonly format: typeof backupFormat;
  readonly version: number;
  /** Which Carillon wrote it, when, and from which PostgreSQL; for people. */
  readonly carillon: string;
  readonly at: string;
  readonly postgres: string;
  /** The migrations that had run, in their order: the schema that the rows fit. */
  readonly migrations: readonly string[];
  readonly tables: readonly string[];
}

export interface BackupTable {
  readonly table: string;
  readonly columns: readonly string[];
}

export interface BackupTableEnd {
  readonly rows: number;
  readonly sha256: string;
}

/** The last number that a table's identity column has given out. */
export interface BackupSequence {
  readonly table: string;
  readonly column: string;
  readonly last: string;
}

export interface BackupEnd {
  readonly rows: number;
  readonly sequences: readonly BackupSequence[];
}

export interface BackupRecord {
  readonly kind: RecordKind;
  readonly body: Buffer;
}

/** @throws RangeError when it is longer than a record may be */
export function recordOf(kind: RecordKind, body: Buffer): Buffer {
  if (body.length > mostInRecord) throw new RangeError(`a record of ${body.length} bytes`);
  const record = Buffer.allocUnsafe(5 + body.length);
  record.write(kind, 0, "latin1");
  record.writeUInt32BE(body.length, 1);
  body.copy(record, 5);
  return record;
}

export function jsonRecord(kind: RecordKind, value: BackupHeader | BackupTable | BackupTableEnd | BackupEnd): Buffer {
  return recordOf(kind, Buffer.from(JSON.stringify(value), "utf8"));
}

/** The records of a stream, cut wherever it likes. @throws Fault `backup-damaged` */
export async function* recordsOf(source: AsyncIterable<Buffer>): AsyncGenerator<BackupRecord> {
  let held: Buffer = Buffer.alloc(0);
  for await (const piece of source) {
    held = held.length === 0 ? piece : Buffer.concat([held, piece]);
    for (;;) {
      if (held.length < 5) break;
      const kind = recordKinds.find((known) => known.charCodeAt(0) === held[0]);
      const length = held.readUInt32BE(1);
      if (kind === undefined || length > mostInRecord) throw new Fault("backup-damaged", "there is a record of no known kind in it");
      if (held.length < 5 + length) break;
      yield { kind, body: held.subarray(5, 5 + length) };
      held = held.subarray(5 + length);
    }
  }
  if (held.length > 0) throw new Fault("backup-damaged", "it ends in the middle of a record");
}

/** How many rows there are in a piece: a line feed ends each, and those within values are escaped (PostgreSQL manual, COPY, "Text Format"). */
export function rowsIn(piece: Buffer): number {
  let rows = 0;
  for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) rows += 1;
  return rows;
}

/** Of our own format, and of a version that this Carillon reads? @throws Fault `backup-foreign`, `backup-newer`, `backup-damaged` */
export function readHeader(body: Buffer): BackupHeader {
  const { format, version, carillon, at, postgres, migrations, tables } = objectOf(body);
  if (format !== backupFormat) throw new Fault("backup-foreign", "it is no backup of Carillon");
  if (typeof version !== "number" || version > backupVersion)
    throw new Fault("backup-newer", `Carillon ${String(carillon)} wrote it, in a form that this one does not know: restore it with that one`);
  if (!areTexts([carillon, at, postgres]) || !areTexts(migrations) || !areTexts(tables)) throw damagedRecord();
  const [by = "", when = "", from = ""] = [carillon, at, postgres].map(String);
  return { format: backupFormat, version, carillon: by, at: when, postgres: from, migrations, tables };
}

export function readTable(body: Buffer): BackupTable {
  const { table, columns } = objectOf(body);
  if (typeof table !== "string" || !areTexts(columns)) throw damagedRecord();
  return { table, columns };
}

export function readTableEnd(body: Buffer): BackupTableEnd {
  const { rows, sha256 } = objectOf(body);
  if (typeof rows !== "number" || typeof sha256 !== "string") throw damagedRecord();
  return { rows, sha256 };
}

export function readEnd(body: Buffer): BackupEnd {
  const { rows, sequences } = objectOf(body);
  if (typeof rows !== "number" || !Array.isArray(sequences)) throw damagedRecord();
  return {
    rows,
    sequences: sequences.map((each: unknown) => {
      const { table, column, last } = isObject(each) ? each : {};
      if (typeof table !== "string" || typeof column !== "string" || typeof last !== "string" || !/^\d{1,19}$/.test(last)) throw damagedRecord();
      return { table, column, last };
    }),
  };
}

function objectOf(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    if (isObject(value)) return value;
  } catch {
    // Below.
  }
  throw damagedRecord();
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function damagedRecord(): Fault {
  return new Fault("backup-damaged", "a record in it cannot be read");
}
