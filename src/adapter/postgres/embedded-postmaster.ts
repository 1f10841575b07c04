import { spawn } from "node:child_process";
import { open, readdir, readFile, readlink, rename, rm, stat } from "node:fs/promises";
import { totalmem } from "node:os";
import { join } from "node:path";
import { type Clock, pause } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import type { Binaries } from "./embedded-binaries.ts";
import { identity, type Place } from "./embedded-place.ts";

const pollMs = 20;
/** Crash recovery replays at most the WAL between two checkpoints (5 min of work); this is far above it. */
const startTimeoutMs = 120_000;
const fastStopTimeoutMs = 30_000;
/** A backend notices that its postmaster died as soon as it waits for anything. */
const leftoverTimeoutMs = 20_000;
const keptLogBytes = 10_000_000;

/** A server that has taken the cluster. */
export interface Postmaster {
  readonly pid: number;
  /** TCP port on 127.0.0.1. */
  readonly port: number;
  /** Whether it accepts connections by now. */
  readonly ready: boolean;
}

/** The server that runs on this cluster, if one does; a lock file alone is not one, nor is a process that is dead and not yet reaped. */
export async function running(cluster: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(cluster, "postmaster.pid"), "utf8").catch(() => "");
  const [pid, , , port, , , , state] = text.split("\n");
  if (!pid || !(await worksOn(Number(pid), cluster))) return undefined;
  return { pid: Number(pid), port: Number(port), ready: state?.trim() === "ready" };
}

/**
 * Starts a server on the cluster and waits until it accepts connections. The lock file of a dead one is removed first, once none of its processes is left.
 * It is not our process group's: a signal from the terminal does not reach it, and it outlives us when we are killed.
 * @param durable false only where data may be lost on a crash of the machine (tests)
 * Faults: `database-port` (retryable with another port), `database-start`.
 */
export async function launch(place: Place, binaries: Binaries, port: number, durable: boolean, clock: Clock): Promise<Postmaster> {
  await clearStale(place.cluster, clock);
  const logFile = join(place.server, "server.log");
  const before = await stat(logFile).catch(() => undefined);
  if (before && before.size > keptLogBytes) await rename(logFile, `${logFile}.old`);
  const output = await open(logFile, "a", 0o600);
  const from = (await output.stat()).size;
  const child = spawn(binaries.postgres, ["-D", place.cluster, ...settings(port, durable)], {
    ...identity(place.user),
    cwd: "/",
    detached: true,
    stdio: ["ignore", output.fd, output.fd],
    env: { LC_ALL: "C", TZ: "UTC", PATH: "/usr/bin:/bin" },
  });
  let ended: string | undefined;
  child.once("error", (error) => {
    ended = error.message;
  });
  child.once("exit", (code, signal) => {
    ended = `exit ${code ?? signal}`;
  });
  child.unref();
  await output.close();
  for (const deadline = clock.now() + startTimeoutMs; clock.now() < deadline; ) {
    if (ended !== undefined) throw await whyNot(logFile, from, port, ended);
    const server = await running(place.cluster);
    if (server?.ready && server.pid === child.pid) return server;
    await pause(clock, pollMs);
  }
  throw new Fault("database-start", `The database in ${place.cluster} did not come up in ${startTimeoutMs / 1000} s; see ${logFile}.`);
}

/** Waits until a server that was found starting accepts connections; undefined if it ends instead. */
export async function untilReady(cluster: string, clock: Clock): Promise<Postmaster | undefined> {
  for (const deadline = clock.now() + startTimeoutMs; clock.now() < deadline; ) {
    const server = await running(cluster);
    if (!server || server.ready) return server;
    await pause(clock, pollMs);
  }
  throw new Fault("database-start", `The database server already running on ${cluster} does not get ready.`);
}

/** Ends the server: open transactions are rolled back, what is committed is flushed. Returns when every process of it is gone. */
export async function halt(cluster: string, clock: Clock, log: Log): Promise<void> {
  const server = await running(cluster);
  if (!server) return;
  signal(server.pid, "SIGINT");
  for (const deadline = clock.now() + fastStopTimeoutMs; clock.now() < deadline && (await worksOn(server.pid, cluster)); ) await pause(clock, pollMs);
  if (await gone(cluster, clock, leftoverTimeoutMs)) return;
  log.warn({ pid: server.pid }, "The database does not stop; stopping it without a checkpoint");
  signal(server.pid, "SIGQUIT");
  if (!(await gone(cluster, clock, leftoverTimeoutMs))) throw new Fault("database-stop", `The database server (pid ${server.pid}) does not stop.`);
}

function settings(port: number, durable: boolean): string[] {
  const values = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: 200,
    shared_buffers: `${sharedBuffersMb()}MB`,
    // Of four times the usual size, so that whoever writes a lot goes on while the log before it is written to its file.
    wal_buffers: `${Math.round(sharedBuffersMb() / 8)}MB`,
    // An import of a million rows writes a gigabyte; each checkpoint in the middle of it makes it write whole pages again.
    max_wal_size: "4GB",
    // Room is made beforehand by a process that has time for it: whoever needs a buffer when all are full would have to write what is in it first. Imports into
    // a database with a million people waited for that a sixth of their time. A server that stands idle looks once a second.
    bgwriter_delay: "20ms",
    bgwriter_lru_maxpages: 1000,
    timezone: "UTC",
    log_timezone: "UTC",
    log_checkpoints: "off",
    // Queries here are short; compiling them costs more than it saves.
    jit: "off",
    // A forgotten transaction keeps dead rows of the work table alive. Long enough for an upload that pauses.
    idle_in_transaction_session_timeout: "10min",
    // DETAIL lines hold telephone numbers.
    log_error_verbosity: "terse",
    ...(durable ? {} : { fsync: "off", full_page_writes: "off" }),
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/**
 * A sixteenth of the memory, from 128 to 512 MB. With less, the indexes of lists of a million people are read from files and written back all the time: an import took
 * twice as long. Only what is used is taken.
 */
function sharedBuffersMb(): number {
  return Math.round(Math.min(512, Math.max(128, totalmem() / 16 / 1_048_576)));
}

/** Whether the process lives (a zombie does not) and works in the cluster directory, as every PostgreSQL process does. */
async function worksOn(pid: number, cluster: string): Promise<boolean> {
  try {
    if ((await readlink(`/proc/${pid}/cwd`)) !== cluster) return false;
    const text = await readFile(`/proc/${pid}/stat`, "utf8");
    const state = text.slice(text.lastIndexOf(")") + 2, text.lastIndexOf(")") + 3);
    return !"ZXx".includes(state);
  } catch {
    return false;
  }
}

/**
 * Waits for the last process of the cluster. Backends outlive a killed postmaster for a moment, and a second server beside
 * them would damage the data; PostgreSQL refuses that by the lock file, which a pid used again or a zombie keeps in force for ever.
 */
async function gone(cluster: string, clock: Clock, timeoutMs: number): Promise<boolean> {
  for (const deadline = clock.now() + timeoutMs; clock.now() < deadline; ) {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const alive = await Promise.all(pids.map((pid) => worksOn(Number(pid), cluster)));
    if (!alive.includes(true)) return true;
    await pause(clock, pollMs);
  }
  return false;
}

async function clearStale(cluster: string, clock: Clock): Promise<void> {
  if (!(await stat(join(cluster, "postmaster.pid")).catch(() => undefined))) return;
  if (!(await gone(cluster, clock, leftoverTimeoutMs)))
    throw new Fault("database-start", `Processes of a dead database server still work in ${cluster}; end them first.`);
  await rm(join(cluster, "postmaster.pid"), { force: true });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function whyNot(logFile: string, from: number, port: number, ended: string): Promise<Fault> {
  const said = (await readFile(logFile).catch(() => Buffer.alloc(0))).subarray(from).toString("utf8");
  if (/could not (bind|create any TCP)|Address already in use/.test(said))
    return new Fault("database-port", `Port ${port} on 127.0.0.1 is in use by another program.`, { retryable: true, detail: { port } });
  const reason = /(?:FATAL|PANIC|error while loading).*/.exec(said)?.[0] ?? ended;
  return new Fault("database-start", `The database does not start: ${reason}. See ${logFile}.`, { detail: { ended } });
}
