import pg from "pg";
import { checkBackup, restoreBackup } from "../adapter/postgres/backup-restore.ts";
import { writeBackup } from "../adapter/postgres/backup-write.ts";
import { pendingMigrations } from "../adapter/postgres/migrate.ts";
import { PostgresAuditStore } from "../adapter/postgres/repository/audit-store.ts";
import { systemClock } from "../adapter/system/clock.ts";
import { openLog } from "../adapter/system/log.ts";
import { openDatabaseAsItIs } from "../start/database.ts";
import { recordCommand } from "./audited.ts";
import { type CommonOptions, configFor } from "./context.ts";
import { counted, openProgress, version } from "./terminal.ts";

const said = (count: number) => count.toLocaleString("en-US");

/** `carillon backup FILE`: everything that the database holds, as it is now, while servers run. The schema stays as it is: this is what one does before an upgrade. */
export async function backUp(file: string, options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return await onDatabase(options, async (url) => {
    const progress = openProgress(process.stderr, () => systemClock.now());
    let soFar = 0;
    const onTable = (table: string, rows: number) => {
      soFar += rows;
      if (rows > 0) progress.show(`${said(soFar)} rows, with those of ${table}`);
    };
    const { tables, rows, bytes, header } = await writeBackup({ url, file, version, now: systemClock.now(), onTable }).finally(() => progress.end());
    await noteInAudit(url);
    if (options.json) return JSON.stringify({ file, rows, tables, bytes, schema: header.migrations.at(-1) });
    return `${file}: ${said(rows)} rows of ${counted(tables, "table")}, ${said(Math.ceil(bytes / 1024))} KiB, schema ${header.migrations.at(-1)}.`;
  });
}

/** `carillon restore FILE` */
export async function restore(file: string, options: CommonOptions & { readonly check?: boolean; readonly json?: boolean }): Promise<string> {
  const facts = ({ header, end }: Awaited<ReturnType<typeof checkBackup>>) => ({
    ...{ file, rows: end.rows, tables: header.tables.length, carillon: header.carillon, at: header.at, schema: header.migrations.at(-1) },
  });
  const about = ({ header, end }: Awaited<ReturnType<typeof checkBackup>>) =>
    `${file}: ${said(end.rows)} rows of ${counted(header.tables.length, "table")}, written by Carillon ${header.carillon} at ${header.at}, schema ${header.migrations.at(-1)}`;
  if (options.check) {
    const whole = await checkBackup(file);
    return options.json ? JSON.stringify({ ...facts(whole), whole: true }) : `${about(whole)}: whole and undamaged.`;
  }
  return await onDatabase(options, async (url) => {
    const progress = openProgress(process.stderr, () => systemClock.now());
    const onTable = (table: string, rows: number) => {
      if (rows > 0) progress.show(`${table}: ${said(rows)} rows`);
    };
    const restored = await restoreBackup({ url, file, onTable }).finally(() => progress.end());
    await noteInAudit(url);
    const { stilled, migrated } = restored;
    if (options.json) return JSON.stringify({ ...facts(restored), migrated, ...stilled });
    const { campaigns, attempts, messages, schedules } = stilled;
    return [
      `${about(restored)}: restored${migrated.length > 0 ? `, and brought to the present schema (${counted(migrated.length, "migration")})` : ""}.`,
      campaigns.length > 0 ? `Paused: ${campaigns.join(", ")}.` : "No campaign was running.",
      `Over and not repeated: ${counted(attempts, "attempt")} that were under way, ${counted(messages, "message")} that were due. Held: ${counted(schedules, "schedule")}.`,
      "Whoever was contacted after the backup is not known here: see Restore in docs/operations.md before you resume a campaign.",
    ].join("\n");
  });
}

async function onDatabase(options: CommonOptions, work: (url: string) => Promise<string>): Promise<string> {
  const config = configFor(options, "admin");
  const database = await openDatabaseAsItIs(config, systemClock, openLog("error"));
  try {
    return await work(database.url);
  } finally {
    await database.stop();
  }
}

/** Who took everything along, or put it there. An older schema has no place for it, and is not changed for that. */
async function noteInAudit(url: string): Promise<void> {
  if ((await pendingMigrations(url)).length > 0) return;
  const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 5000 });
  try {
    // Not all the stores: what is restored may be sealed with a key that this machine does not have yet.
    await recordCommand(new PostgresAuditStore(pool));
  } finally {
    await pool.end();
  }
}
