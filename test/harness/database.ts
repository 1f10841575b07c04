import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { startEmbedded } from "../../src/adapter/postgres/embedded.ts";
import { migrate } from "../../src/adapter/postgres/migrate.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";

/** A database that belongs to one test file. */
export interface TestDatabase {
  /** As its owner, who is not a superuser. */
  readonly url: string;
  /** The same database as superuser, to look at locks or to break things. */
  readonly adminUrl: string;
  /** Drops the database and stops the server if no other test file uses it. */
  close(): Promise<void>;
}

const postgresDir = new URL("../../src/adapter/postgres/", import.meta.url);
/** One server for all checkouts would lend one checkout's binaries to another. */
const dataDir = join(tmpdir(), `carillon-test-${createHash("sha256").update(postgresDir.pathname).digest("hex").slice(0, 8)}`);
const templateLock = 991;
let opened = 0;

/**
 * A fresh, migrated database on a real embedded PostgreSQL. Test files that run at the same time share the server (each is one of
 * its users, the last one stops it); the migrated template is made once per state of the migrations and cloned.
 * @param migrated false for an empty database
 */
export async function openTestDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const server = await startEmbedded({ dataDir, log: silentLog, clock: systemClock, durable: false });
  opened += 1;
  const name = `test_${process.pid}_${opened}`;
  const admin = new Client({ connectionString: server.adminUrl });
  try {
    await admin.connect();
    // One at a time: a template cannot be cloned while it is made, and leftovers are dropped once.
    await admin.query("select pg_advisory_lock($1)", [templateLock]);
    await dropLeftovers(admin);
    const template = migrated ? await ensureTemplate(admin, server.url) : "template0";
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.query(`create database ${name} template ${template} owner carillon strategy file_copy`);
    await admin.query("select pg_advisory_unlock($1)", [templateLock]);
  } catch (error) {
    await admin.end().catch(() => undefined);
    await server.stop();
    throw error;
  }
  let closing: Promise<void> | undefined;
  return {
    url: onDatabase(server.url, name),
    adminUrl: onDatabase(server.adminUrl, name),
    close() {
      closing ??= (async () => {
        await admin.query(`drop database if exists ${name} with (force)`);
        await admin.end();
        await server.stop();
      })();
      return closing;
    },
  };
}

function onDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function ensureTemplate(admin: Client, ownerUrl: string): Promise<string> {
  const template = `template_${await migrationsHash()}`;
  const { rowCount } = await admin.query("select 1 from pg_database where datname = $1", [template]);
  if (rowCount) return template;
  const half = `half_${template}`;
  await admin.query(`drop database if exists ${half} with (force)`);
  await admin.query(`create database ${half} template template0 owner carillon`);
  await migrate(onDatabase(ownerUrl, half));
  await untilUnused(admin, half);
  await admin.query(`alter database ${half} rename to ${template}`);
  const old = await admin.query<{ datname: string }>("select datname from pg_database where datname like 'template\\_%' and datname <> $1", [
    template,
  ]);
  for (const { datname } of old.rows) await admin.query(`drop database if exists ${datname} with (force)`);
  return template;
}

/** A server process is still there for a moment after its client has gone; a database in use can be neither renamed nor cloned. */
async function untilUnused(admin: Client, database: string): Promise<void> {
  await admin.query("select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = $1", [database]);
}

/** Drops the databases of test files that were killed. */
async function dropLeftovers(admin: Client): Promise<void> {
  const { rows } = await admin.query<{ datname: string }>("select datname from pg_database where datname like 'test\\_%'");
  for (const { datname } of rows) {
    if (!isAlive(Number(datname.split("_")[1]))) await admin.query(`drop database if exists ${datname} with (force)`);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function migrationsHash(): Promise<string> {
  const hash = createHash("sha256");
  const files = (await readdir(new URL("migration/", postgresDir))).sort().map((file) => new URL(`migration/${file}`, postgresDir));
  for (const file of [...files, new URL("migrations.ts", postgresDir), new URL("migrate.ts", postgresDir)]) hash.update(await readFile(file));
  return hash.digest("hex").slice(0, 12);
}
