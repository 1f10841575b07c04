import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { access, rename, rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { Fault } from "../../kernel/fault.ts";
import { fileTrouble } from "../../kernel/file-error.ts";
import { plainFormsSql, quoted, type TableShape, tablesOf } from "./backup-catalog.ts";
import { type BackupHeader, type BackupSequence, backupFormat, backupVersion, jsonRecord, mostInRecord, recordOf, rowsIn } from "./backup-format.ts";
import { codeOf, databaseFault } from "./faults.ts";
import { migrationLock } from "./migrate.ts";
import { migrationTable } from "./orm.ts";

/**
 * Not taken along: processes and logins of then, which would be taken for living ones, and the stream of events, whose order is that of the transactions of one cluster. Whoever reads
 * the stream is told that there is a gap.
 */
const leftBehind = new Set(["node", "server_seen", "trunk_line", "user_session", "stream_event", migrationTable]);

/** Rows are text: the lower half of zlib's levels is thrice as fast as its highest, for a twentieth more on the disk. */
const gzipLevel = 4;

export interface BackupParts {
  readonly url: string;
  /** Must not be there yet. */
  readonly file: string;
  /** Of this Carillon. */
  readonly version: string;
  readonly now: number;
  /** Called when a table is written. */
  readonly onTable?: (table: string, rows: number) => void;
}

export interface WrittenBackup {
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  readonly header: BackupHeader;
}

/**
 * Writes everything that the database holds into one file, as it was at one moment, while servers go on working. The file has its name when it is whole, and is for its owner's eyes.
 * @throws Fault `backup-exists`, `backup-file`, `backup-no-database`, `database-unreachable` (retryable), `database-refused`, `database-fault`
 */
export async function writeBackup(parts: BackupParts): Promise<WrittenBackup> {
  const { url, file } = parts;
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists) throw new Fault("backup-exists", `${file} is there already: give a name that is not, or remove it first.`);
  const part = `${file}.part`;
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000, keepAlive: true, application_name: "carillon backup" });
  client.on("error", () => undefined);
  try {
    await client.connect();
    // Whoever would change the schema waits, with none of its tables locked.
    await client.query("select pg_advisory_lock_shared($1)", [migrationLock]);
    await client.query(plainFormsSql);
    await client.query("begin isolation level repeatable read read only");
    const header = await headerOf(client, parts);
    const counted = { tables: 0, rows: 0 };
    const records = recordsFrom(client, header, (table, rows) => {
      counted.tables += 1;
      counted.rows += rows;
      parts.onTable?.(table, rows);
    });
    // Flushed: what has its name is on the disk.
    await pipeline(
      Readable.from(records, { objectMode: false }),
      createGzip({ level: gzipLevel }),
      createWriteStream(part, { mode: 0o600, flush: true }),
    );
    await client.query("commit");
    await rename(part, file);
    return { ...counted, bytes: (await stat(file)).size, header };
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw troubleWith(file, error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function headerOf(client: pg.Client, { version, now }: BackupParts): Promise<BackupHeader> {
  const tables = await tablesOf(client);
  if (!tables.some(({ table }) => table === migrationTable))
    throw new Fault("backup-no-database", "There is nothing of Carillon in this database: check DATABASE_URL, or database.dataDir.");
  const { rows: ran } = await client.query<{ name: string }>(`select name from ${migrationTable} order by id`);
  const { rows: server } = await client.query<{ server_version: string }>("show server_version");
  return {
    ...{ format: backupFormat, version: backupVersion, carillon: version, at: new Date(now).toISOString() },
    postgres: server[0]?.server_version ?? "",
    migrations: ran.map(({ name }) => name),
    tables: tables.filter(({ table }) => !leftBehind.has(table)).map(({ table }) => table),
  };
}

async function* recordsFrom(client: pg.Client, header: BackupHeader, onTable: (table: string, rows: number) => void): AsyncGenerator<Buffer> {
  yield jsonRecord("H", header);
  const wanted = new Set(header.tables);
  const shapes = (await tablesOf(client)).filter(({ table }) => wanted.has(table));
  let all = 0;
  for (const { table, columns } of shapes) {
    yield jsonRecord("T", { table, columns });
    const hash = createHash("sha256");
    let rows = 0;
    for await (const chunk of client.query(copyTo(`copy ${quoted(table)} (${columns.map(quoted).join(", ")}) to stdout`))) {
      for (let at = 0; at < chunk.length; at += mostInRecord) {
        const piece = chunk.subarray(at, at + mostInRecord);
        hash.update(piece);
        rows += rowsIn(piece);
        yield recordOf("D", piece);
      }
    }
    yield jsonRecord("E", { rows, sha256: hash.digest("hex") });
    all += rows;
    onTable(table, rows);
  }
  yield jsonRecord("Z", { rows: all, sequences: await sequencesOf(client, shapes) });
}

/** Asked last: sequences know no snapshot, and what was given out meanwhile is not given out again. */
async function sequencesOf(client: pg.Client, shapes: readonly TableShape[]): Promise<readonly BackupSequence[]> {
  const found: BackupSequence[] = [];
  for (const { table, identity: column } of shapes) {
    if (column === undefined) continue;
    const { rows } = await client.query<{ last: string | null }>(
      "select pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass)::text as last",
      [quoted(table), column],
    );
    const last = rows[0]?.last;
    if (last != null) found.push({ table, column, last });
  }
  return found;
}

function troubleWith(file: string, error: unknown): Fault {
  if (error instanceof Error && "syscall" in error && ("path" in error || "dest" in error || codeOf(error) === "ENOSPC"))
    return new Fault("backup-file", `${file} cannot be written: ${fileTrouble(error)}.`, { cause: error });
  return databaseFault(error, "back up the database");
}
