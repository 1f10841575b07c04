import { once } from "node:events";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { Fault } from "../../kernel/fault.ts";
import { obstaclesSql, plainFormsSql, quoted, type TableShape, tablesOf } from "./backup-catalog.ts";
import type { BackupHeader, BackupSequence, BackupTable } from "./backup-format.ts";
import { type ReadBackup, readBackup } from "./backup-read.ts";
import { type Stilled, still } from "./backup-still.ts";
import { databaseFault } from "./faults.ts";
import { migrating } from "./migrate.ts";
import { migrations } from "./migrations.ts";
import { migrationTable } from "./orm.ts";

/**
 * Numbers were given out between the backup and the loss, and stand in carriers' books, webhooks' idempotency keys and links: so many are skipped, so that none of those means somebody else.
 */
export const skippedNumbers = 1_000_000n;

/** Tables in which migrations themselves write a row. */
const seeded = new Set(["evidence_salt", "listening"]);

export interface RestoreParts {
  readonly url: string;
  readonly file: string;
  /** Called when a table is in. */
  readonly onTable?: (table: string, rows: number) => void;
}

export interface RestoredBackup extends ReadBackup {
  readonly stilled: Stilled;
  /** Those that have run since, on what was restored. */
  readonly migrated: readonly string[];
}

/** Reads all of a backup without a database, as `restoreBackup` does before it begins. @throws Fault as that */
export async function checkBackup(file: string): Promise<ReadBackup> {
  const read = await readBackup(file);
  const { carillon, migrations: ran } = read.header;
  const known = new Set(migrations.map(({ name }) => name));
  const foreign = ran.find((name) => !known.has(name));
  if (foreign !== undefined)
    throw new Fault(
      "backup-newer",
      `${file} was written by a newer Carillon (${carillon}; this one has no migration ${foreign}): restore it with that one.`,
    );
  return read;
}

/**
 * Puts a backup into an empty database: its schema as it was then, all rows in one transaction, and then the migrations since. A server that is started meanwhile waits. Read whole and
 * checked before anything is written; what fails later leaves no row.
 * @throws Fault `backup-file`, `backup-foreign`, `backup-newer`, `backup-damaged`, `database-not-empty`, `database-in-use`, `database-unreachable` (retryable), `database-refused`, `database-fault`
 */
export async function restoreBackup({ url, file, onTable }: RestoreParts): Promise<RestoredBackup> {
  const read = await checkBackup(file);
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000, keepAlive: true, application_name: "carillon restore" });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await migrating(url, "restore the backup", async (run) => {
      await mustBeEmpty(client, read.header);
      await run(read.header.migrations);
      const stilled = await load(client, file, read, onTable);
      await client.query("analyze");
      return { ...read, stilled, migrated: await run() };
    });
  } catch (error) {
    throw databaseFault(error, "restore the backup");
  } finally {
    await client.end().catch(() => undefined);
  }
}

const elsewhere =
  "A backup goes into an empty database: create one and set DATABASE_URL, or with the embedded one move its folder postgres away from database.dataDir.";

async function mustBeEmpty(client: pg.Client, header: BackupHeader): Promise<void> {
  const there = await tablesOf(client);
  if (there.length === 0) return;
  if (!there.some(({ table }) => table === migrationTable))
    throw new Fault("database-not-empty", `The database holds tables of something else (${there[0]?.table}). ${elsewhere}`);
  const { rows: living } = await client.query<{ name: string }>("select name from node where lease_until > clock_timestamp() limit 1");
  if (living[0]) throw new Fault("database-in-use", `Node ${living[0].name} runs on this database: stop it first.`);
  const filled: string[] = [];
  for (const { table } of there) {
    if (table === migrationTable || seeded.has(table)) continue;
    const { rowCount } = await client.query(`select from ${quoted(table)} limit 1`);
    if (rowCount) filled.push(table);
  }
  if (filled.length > 0) throw new Fault("database-not-empty", `The database is in use: there are rows in ${some(filled)}. ${elsewhere}`);
  const { rows: ran } = await client.query<{ name: string }>(`select name from ${migrationTable}`);
  const wanted = new Set(header.migrations);
  if (ran.length !== wanted.size || !ran.every(({ name }) => wanted.has(name)))
    throw new Fault("database-not-empty", `The database has the tables of another version already. ${elsewhere}`);
}

function some(names: readonly string[]): string {
  const more = names.length - 3;
  return `${names.slice(0, 3).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** All rows, or none. */
async function load(client: pg.Client, file: string, read: ReadBackup, onTable: RestoreParts["onTable"]): Promise<Stilled> {
  await client.query(plainFormsSql);
  await client.query("begin");
  const shapes = new Map((await tablesOf(client)).map((shape) => [shape.table, shape]));
  const { rows: obstacles } = await client.query<{ drop: string; make: string }>(obstaclesSql);
  // Foreign keys first: an index may be what one stands on.
  for (const { drop } of obstacles.toReversed()) await client.query(drop);
  for (const table of shapes.keys()) await client.query(`alter table ${quoted(table)} disable trigger user`);
  for (const table of seeded) if (shapes.has(table)) await client.query(`truncate ${quoted(table)}`);
  let into: TableLoad | undefined;
  await readBackup(file, {
    async table(table) {
      into = new TableLoad(client, shapeOf(shapes, table), table.columns);
    },
    rows: async (piece) => into?.write(piece),
    async tableEnd({ table }, rows) {
      const came = await into?.end();
      if (came !== rows) throw new Fault("backup-damaged", `of table ${table} ${came} rows were taken instead of ${rows}`);
      onTable?.(table, rows);
    },
  });
  for (const { make } of obstacles) await client.query(make);
  for (const table of shapes.keys()) await client.query(`alter table ${quoted(table)} enable trigger user`);
  for (const sequence of read.end.sequences) await goOn(client, shapes, sequence);
  const stilled = await still(client);
  await client.query("commit");
  return stilled;
}

function shapeOf(shapes: ReadonlyMap<string, TableShape>, { table, columns }: BackupTable): TableShape {
  const shape = shapes.get(table);
  const strange = shape ? columns.find((column) => !shape.columns.includes(column)) : "";
  if (!shape || strange !== undefined) throw new Fault("backup-damaged", `its schema has no ${strange ? `column ${strange} of ` : ""}table ${table}`);
  return shape;
}

async function goOn(client: pg.Client, shapes: ReadonlyMap<string, TableShape>, { table, column, last }: BackupSequence): Promise<void> {
  if (shapes.get(table)?.identity !== column) throw new Fault("backup-damaged", `table ${table} numbers no column ${column}`);
  await client.query("select setval(pg_get_serial_sequence($1, $2)::regclass, $3::bigint)", [
    quoted(table),
    column,
    String(BigInt(last) + skippedNumbers),
  ]);
}

/** One COPY … FROM STDIN, fed as fast as the database takes it. */
class TableLoad {
  readonly #stream: ReturnType<typeof copyFrom>;
  readonly #failed = Promise.withResolvers<never>();

  constructor(client: pg.Client, { table }: TableShape, columns: readonly string[]) {
    this.#stream = client.query(copyFrom(`copy ${quoted(table)} (${columns.map(quoted).join(", ")}) from stdin`));
    this.#failed.promise.catch(() => undefined);
    this.#stream.once("error", this.#failed.reject);
  }

  async write(piece: Buffer): Promise<void> {
    if (!this.#stream.write(piece)) await Promise.race([once(this.#stream, "drain"), this.#failed.promise]);
  }

  /** @returns how many rows were taken */
  async end(): Promise<number> {
    const finished = once(this.#stream, "finish");
    this.#stream.end();
    await Promise.race([finished, this.#failed.promise]);
    return this.#stream.rowCount;
  }
}
