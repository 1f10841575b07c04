import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import root from "tap";
import { type EmbeddedDatabase, startEmbedded } from "../../src/adapter/postgres/embedded.ts";
import { migrate } from "../../src/adapter/postgres/migrate.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";

/** What is needed of a tap test. */
export interface Teardown {
  teardown(fn: () => unknown): void;
}

/** A database that belongs to one test. */
export interface TestDatabase {
  /** As its owner, who is not a superuser. */
  readonly url: string;
  /** The same database as superuser, to look at locks or to break things. */
  readonly adminUrl: string;
  /** Drops the database at once. */
  close(): Promise<void>;
}

const postgresDir = new URL("../../src/adapter/postgres/", import.meta.url);
/** One server for all checkouts would lend one checkout's binaries to another. */
const dataDir = join(tmpdir(), `carillon-test-${createHash("sha256").update(postgresDir.pathname).digest("hex").slice(0, 8)}`);
const templateLock = 991;
let server: Promise<EmbeddedDatabase> | undefined;
let opened = 0;

/**
 * A fresh, migrated database on a real embedded PostgreSQL, dropped when the test ends (after what was registered later with
 * `t.teardown`). Test files that run at the same time share the server: each is one of its users, the last one stops it.
 * The migrated template is made once per state of the migrations and cloned.
 * @param migrated false for an empty database
 */
export async function openTestDatabase(t: Teardown, { migrated = true } = {}): Promise<TestDatabase> {
  const { url, adminUrl } = await sharedServer();
  opened += 1;
  const name = `test_${process.pid}_${opened}`;
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      await admin.query(`drop database if exists ${name} with (force)`);
      await admin.end();
    })();
    return closing;
  };
  t.teardown(close);
  // One at a time: a template cannot be cloned while it is made, and leftovers are dropped once.
  await admin.query("select pg_advisory_lock($1)", [templateLock]);
  await dropLeftovers(admin);
  const template = migrated ? await ensureTemplate(admin, url) : "template0";
  await admin.query(`drop database if exists ${name} with (force)`);
  await admin.query(`create database ${name} template ${template} owner carillon strategy file_copy`);
  await admin.query("select pg_advisory_unlock($1)", [templateLock]);
  return { url: onDatabase(url, name), adminUrl: onDatabase(adminUrl, name), close };
}

/** Started once per test file, stopped when the file is done. */
function sharedServer(): Promise<EmbeddedDatabase> {
  if (!server) {
    server = startEmbedded({ dataDir, log: silentLog, clock: systemClock, durable: false });
    root.teardown(async () => (await server)?.stop());
  }
  return server;
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
