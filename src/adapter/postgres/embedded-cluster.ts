import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "pg";
import { Fault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import type { Binaries } from "./embedded-binaries.ts";
import { identity, type Place } from "./embedded-place.ts";

/** Passwords of the two roles: `carillon_admin` runs the server, `carillon` owns the database and is not a superuser. */
export interface Credentials {
  readonly admin: string;
  readonly owner: string;
}

/** Address of a database on the embedded server. */
export function urlOf(role: "carillon_admin" | "carillon", password: string, port: number, database: string): string {
  return `postgres://${role}:${password}@127.0.0.1:${port}/${database}`;
}

/**
 * Makes the cluster unless it is there: UTF-8, byte order that never changes with a C library, passwords by SCRAM for every
 * connection. It is made beside its place and renamed when complete and flushed, so that a crash leaves none or a whole one.
 * Faults: `database-version` for the cluster of another major version, `database-credentials`, `database-directory`, `database-init`.
 */
export async function ensureCluster(place: Place, binaries: Binaries, durable: boolean, log: Log): Promise<Credentials> {
  const version = await readFile(join(place.cluster, "PG_VERSION"), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new Fault("database-directory", `Cannot read ${place.cluster}: run Carillon as the user who owns it.`, { cause: error });
  });
  if (version !== undefined && version.trim() !== String(binaries.major)) {
    throw new Fault(
      "database-version",
      `The data in ${place.cluster} is PostgreSQL ${version.trim()}'s, this Carillon brings ${binaries.major}: move it with pg_dump, or set database.dataDir to a new directory.`,
    );
  }
  return version === undefined ? create(place, binaries, durable, log) : readCredentials(place);
}

async function create(place: Place, binaries: Binaries, durable: boolean, log: Log): Promise<Credentials> {
  log.info({ directory: place.cluster }, "Making a new database");
  const credentials = { admin: randomBytes(24).toString("base64url"), owner: randomBytes(24).toString("base64url") };
  const half = `${place.cluster}.new`;
  const passwordFile = join(place.server, "password.new");
  try {
    await rm(half, { recursive: true, force: true });
    await writePrivate(place, passwordFile, credentials.admin);
    await writePrivate(place, credentialsFile(place), JSON.stringify(credentials));
  } catch (cause) {
    throw new Fault("database-directory", `Cannot write ${place.server}: run Carillon as the user who owns it.`, { cause });
  }
  try {
    await initialise(place, binaries, half, passwordFile, durable);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(half, place.cluster);
  return credentials;
}

function initialise(place: Place, binaries: Binaries, directory: string, passwordFile: string, durable: boolean): Promise<void> {
  const args = ["-D", directory, "--username=carillon_admin", `--pwfile=${passwordFile}`, "--auth=scram-sha-256", "--encoding=UTF8"];
  args.push("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--data-checksums", "--no-instructions");
  if (!durable) args.push("--no-sync");
  return new Promise((resolve, reject) => {
    const child = spawn(binaries.initdb, args, {
      ...identity(place.user),
      cwd: "/",
      stdio: ["ignore", "ignore", "pipe"],
      env: { LC_ALL: "C", TZ: "UTC", PATH: "/usr/bin:/bin" },
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-2000);
    });
    const fail = (reason: string) => reject(new Fault("database-init", `Cannot make a database in ${directory}: ${reason}`));
    child.once("error", (error) => fail(error.message));
    child.once("close", (code) => (code === 0 ? resolve() : fail(said.trim() || `initdb exited with ${code}`)));
  });
}

function credentialsFile(place: Place): string {
  return join(place.server, "credentials.json");
}

async function readCredentials(place: Place): Promise<Credentials> {
  try {
    const read: unknown = JSON.parse(await readFile(credentialsFile(place), "utf8"));
    const { admin, owner } = read as Partial<Credentials>;
    if (typeof admin === "string" && typeof owner === "string") return { admin, owner };
    throw new TypeError("no passwords in it");
  } catch (cause) {
    throw new Fault("database-credentials", `Cannot read the database's passwords in ${credentialsFile(place)}; put the file back from a backup.`, {
      cause,
    });
  }
}

/** Writes a file only the server's user can read, and flushes it. */
async function writePrivate(place: Place, path: string, text: string): Promise<void> {
  await rm(path, { force: true });
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  if (place.user) await chown(path, place.user.uid, place.user.gid);
}

/** Makes the role and the database Carillon works with, where they are missing. `admin` is connected as the superuser. */
export async function ensureDatabase(admin: Client, ownerPassword: string): Promise<void> {
  const roles = await admin.query("select 1 from pg_roles where rolname = 'carillon'");
  if (roles.rowCount === 0) await admin.query(`create role carillon login password ${admin.escapeLiteral(ownerPassword)}`);
  const databases = await admin.query("select 1 from pg_database where datname = 'carillon'");
  if (databases.rowCount === 0) await admin.query("create database carillon owner carillon");
  await admin.query("revoke connect on database postgres from public");
}
