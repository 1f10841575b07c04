import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { Fault } from "../../kernel/fault.ts";
import { fileTrouble } from "../../kernel/file-error.ts";
import {
  type BackupEnd,
  type BackupHeader,
  type BackupRecord,
  type BackupTable,
  readEnd,
  readHeader,
  readTable,
  readTableEnd,
  recordsOf,
  rowsIn,
} from "./backup-format.ts";

/** What is done with a backup while it is read; each is waited for. */
export interface BackupReader {
  table?(table: BackupTable): Promise<void>;
  rows?(piece: Buffer): Promise<void>;
  tableEnd?(table: BackupTable, rows: number): Promise<void>;
}

export interface ReadBackup {
  readonly header: BackupHeader;
  readonly end: BackupEnd;
}

/**
 * Reads a backup from its first byte to its last, and holds it against the counts and checksums in it. No more than a record of it is in memory.
 * @throws Fault `backup-file`, `backup-foreign`, `backup-newer`, `backup-damaged`; and whatever `reader` throws
 */
export async function readBackup(file: string, reader: BackupReader = {}): Promise<ReadBackup> {
  const source = createReadStream(file);
  const gunzip = createGunzip();
  source.on("error", (error) => gunzip.destroy(error));
  let begun = false;
  try {
    const records = recordsOf(source.pipe(gunzip));
    const first = await records.next();
    if (first.done || first.value.kind !== "H") throw new Fault("backup-foreign", "it is no backup of Carillon");
    const header = readHeader(first.value.body);
    begun = true;
    return { header, end: await readTables(header, records, reader) };
  } catch (error) {
    throw troubleWith(file, error, begun);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

async function readTables(header: BackupHeader, records: AsyncGenerator<BackupRecord>, reader: BackupReader): Promise<BackupEnd> {
  let at: { readonly table: BackupTable; readonly hash: ReturnType<typeof createHash>; rows: number } | undefined;
  let all = 0;
  let tables = 0;
  let end: BackupEnd | undefined;
  for await (const { kind, body } of records) {
    if (end) throw new Fault("backup-damaged", "it goes on behind its end");
    if (kind === "T" && !at) {
      const table = readTable(body);
      if (table.table !== header.tables[tables]) throw new Fault("backup-damaged", `table ${table.table} does not stand where it should`);
      at = { table, hash: createHash("sha256"), rows: 0 };
      await reader.table?.(table);
    } else if (kind === "D" && at) {
      at.hash.update(body);
      at.rows += rowsIn(body);
      await reader.rows?.(body);
    } else if (kind === "E" && at) {
      const { rows, sha256 } = readTableEnd(body);
      const { table } = at.table;
      if (at.rows !== rows) throw new Fault("backup-damaged", `table ${table} has ${at.rows} rows instead of ${rows}`);
      if (at.hash.digest("hex") !== sha256) throw new Fault("backup-damaged", `the rows of table ${table} are not those that were written`);
      await reader.tableEnd?.(at.table, rows);
      all += rows;
      tables += 1;
      at = undefined;
    } else if (kind === "Z" && !at) {
      end = readEnd(body);
    } else throw new Fault("backup-damaged", "its records do not stand in order");
  }
  if (!end) throw new Fault("backup-damaged", "its end is missing");
  if (tables !== header.tables.length || all !== end.rows) throw new Fault("backup-damaged", "tables or rows are missing");
  return end;
}

/** What zlib says of bytes that are no gzip, are damaged, or end too soon. */
const unzipping = /^Z_/;
const again = "Nothing was restored: take another backup.";

/** @param begun whether its header was read: before that nothing shows that it was ever one of ours, but that it ends too soon */
function troubleWith(file: string, error: unknown, begun: boolean): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const cutOff = code === "Z_BUF_ERROR";
  if (!begun && (code === "backup-foreign" || code === "backup-damaged" || (unzipping.test(code) && !cutOff)))
    return new Fault("backup-foreign", `${file} is no backup of Carillon: carillon backup writes one.`, { cause: error });
  if (cutOff) return new Fault("backup-damaged", `${file} is cut off. ${again}`, { cause: error });
  if (unzipping.test(code)) return new Fault("backup-damaged", `${file} is damaged. ${again}`, { cause: error });
  if (error instanceof Fault && code === "backup-damaged") return new Fault(code, `${file} is damaged: ${error.message}. ${again}`);
  if (error instanceof Fault && code === "backup-newer") return new Fault(code, `${file} cannot be restored: ${error.message}.`);
  if (error instanceof Error && "syscall" in error)
    return new Fault("backup-file", `${file} cannot be read: ${fileTrouble(error)}.`, { cause: error });
  return error;
}
