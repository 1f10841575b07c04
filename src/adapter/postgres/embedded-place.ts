import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, chown, readFile, realpath, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Fault } from "../../kernel/fault.ts";
import { makeFolder } from "../../kernel/folder.ts";
import type { Log } from "../../kernel/log.ts";

/** The operating-system user the server runs as, when it is not our own. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Where an embedded server keeps what it has. All paths are absolute and without symbolic links. */
export interface Place {
  /** Directory of everything; other users may pass through it but not list it. */
  readonly home: string;
  /** The server's own directory inside it, mode 0700: cluster, passwords, log. */
  readonly server: string;
  /** The cluster (PGDATA). */
  readonly cluster: string;
  /** Set when we are root: PostgreSQL refuses to run as root. */
  readonly user: ServerUser | undefined;
}

/**
 * Finds and prepares the directories. Started by root, the server runs as whoever owns an existing cluster, else as
 * `postgres`, else as `nobody`; when that user cannot reach `dataDir` (a 0700 directory above it), everything lies in
 * `/var/lib/carillon/` instead, under a name made from the path, and the log says so.
 * Faults: `database-directory` when it cannot be made or written.
 */
export async function prepare(dataDir: string, log: Log): Promise<Place> {
  if (process.getuid?.() !== 0) return furnish(dataDir, undefined);
  const wanted = resolve(dataDir);
  const instead = join("/var/lib/carillon", createHash("sha256").update(wanted).digest("hex").slice(0, 12));
  const [owner, ownerInstead] = [await ownerOf(clusterIn(wanted)), await ownerOf(clusterIn(instead))];
  const user = owner ?? ownerInstead ?? (await unprivileged());
  // Once there, the data stays there, even if the wanted directory becomes reachable: it must not seem to be gone.
  if (owner || (!ownerInstead && (await reaches(user, await existing(wanted))))) {
    const place = await furnish(wanted, user);
    if (await reaches(user, place.server)) return place;
    if (owner)
      throw new Fault("database-directory", `The user ${user.name}, who owns ${place.cluster}, cannot reach it: open the directories above it.`);
  }
  log.warn({ wanted, instead, user: user.name }, `The database user ${user.name} cannot reach ${wanted}; the database lies in ${instead}`);
  return furnish(instead, user);
}

function clusterIn(home: string): string {
  return join(home, "postgres", "data");
}

async function furnish(dataDir: string, user: ServerUser | undefined): Promise<Place> {
  const wanted = resolve(dataDir);
  try {
    if (await makeFolder(wanted, 0o711)) await chmod(wanted, 0o711);
    const home = await realpath(wanted);
    const server = join(home, "postgres");
    await makeFolder(server, 0o700);
    // Also when it was there: we may have been killed between the two.
    if (user && (await stat(server)).uid === 0) await chown(server, user.uid, user.gid);
    return { home, server, cluster: clusterIn(home), user };
  } catch (cause) {
    throw new Fault("database-directory", `Cannot write ${wanted}: make it writable, or set database.dataDir to a directory that is.`, { cause });
  }
}

/** The nearest ancestor (or the path itself) that is a directory. */
async function existing(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() || path === dirname(path) ? path : existing(dirname(path));
}

/** Whether the user can pass into the directory: asked of the kernel, since mode bits are not all there is. */
export function reaches(user: ServerUser, directory: string): Promise<boolean> {
  return runs(user, "/bin/sh", ["-c", 'cd "$0"', directory]);
}

/** Whether the program starts as that user (or as ourselves) and exits with 0. */
export function runs(user: ServerUser | undefined, program: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { ...identity(user), cwd: "/", stdio: "ignore", env: {} });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}

/** What `spawn` needs to run as the user. */
export function identity(user: ServerUser | undefined): { uid?: number; gid?: number } {
  return user ? { uid: user.uid, gid: user.gid } : {};
}

async function ownerOf(path: string): Promise<ServerUser | undefined> {
  try {
    const { uid, gid } = await stat(path);
    return uid === 0 ? undefined : { name: String(uid), uid, gid };
  } catch {
    return undefined;
  }
}

async function unprivileged(): Promise<ServerUser> {
  const users = (await readFile("/etc/passwd", "utf8").catch(() => "")).split("\n").map((line) => line.split(":"));
  for (const wanted of ["postgres", "nobody"]) {
    const [name, , uid, gid] = users.find(([name]) => name === wanted) ?? [];
    if (name && Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  return { name: "nobody", uid: 65534, gid: 65534 };
}
