import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { Client } from "pg";
import { type Clock, pause } from "../../kernel/clock.ts";
import { Fault, toFault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import { findBinaries } from "./embedded-binaries.ts";
import { type Credentials, ensureCluster, ensureDatabase, urlOf } from "./embedded-cluster.ts";
import { alone } from "./embedded-lock.ts";
import { type Place, prepare } from "./embedded-place.ts";
import { halt, launch, type Postmaster, running, untilReady } from "./embedded-postmaster.ts";

export interface EmbeddedOptions {
  /** Directory for the database (`postgres/` inside it); made if missing. */
  readonly dataDir: string;
  readonly log: Log;
  readonly clock: Clock;
  /** TCP port on 127.0.0.1. Default: the one of the last time, else any free one. */
  readonly port?: number;
  /** False gives up safety against a crash of the machine for speed; for tests. Default true. */
  readonly durable?: boolean;
}

export interface EmbeddedDatabase {
  /** Database `carillon`, as its owner, who is not a superuser. */
  readonly url: string;
  /** Database `postgres`, as the superuser; for maintenance. */
  readonly adminUrl: string;
  /** Whether a server was already running and was taken over. */
  readonly adopted: boolean;
  /** Stops the server, unless another living Carillon uses it. May be called twice. */
  stop(): Promise<void>;
}

const lockTimeoutMs = 120_000;
const portTries = 5;
const adoptTries = 3;
const recoveryPauseMs = 500;
/** Key of the advisory lock that every Carillon using the server shares. It falls with its connection, so a killed Carillon holds nothing. */
const userLock = 7_309_451;

/**
 * Runs Carillon's own PostgreSQL: starts it, or adopts the one that a killed Carillon left behind or that another Carillon
 * started; starts it again on the same port if it dies.
 * Faults: `database-directory`, `database-binaries`, `database-version`, `database-credentials`, `database-init`, `database-port`, `database-start`, `database-busy`.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const { clock, log } = options;
  const place = await prepare(options.dataDir, log);
  let stopping = false;
  let holder: Client | undefined;
  let recovery: Promise<void> = Promise.resolve();
  let left: Promise<void> | undefined;

  const begin = (port: number | undefined) =>
    alone(place.home, clock, lockTimeoutMs, async () => {
      for (let left = adoptTries; ; left -= 1) {
        const up = await bringUp(place, { ...options, port });
        try {
          holder = await hold(up.adminUrl, up.credentials, () => {
            if (stopping) return;
            log.warn({}, "Lost the database server; looking for it");
            recovery = recover(up.server.port);
          });
          return up;
        } catch (error) {
          // A server that was found may have been dying just then; it is looked at once more, and started if it is gone.
          if (!up.adopted || left <= 1) throw error;
          await pause(clock, recoveryPauseMs);
        }
      }
    });

  async function recover(port: number): Promise<void> {
    while (!stopping) {
      try {
        const up = await begin(port);
        log.info({ port, pid: up.server.pid }, "The database server is back");
        return;
      } catch (error) {
        const fault = toFault(error, "database-start");
        log.error({ code: fault.code, error: fault.message }, "The database server is not back yet");
        await pause(clock, recoveryPauseMs);
      }
    }
  }

  async function leave(): Promise<void> {
    stopping = true;
    await recovery;
    await alone(place.home, clock, lockTimeoutMs, async () => {
      const last = holder ? await isLast(holder) : true;
      await holder?.end().catch(() => undefined);
      if (last) await halt(place.cluster, clock, log);
      else log.info({}, "The database server stays up: another Carillon uses it");
    });
  }

  const first = await begin(options.port);
  log.info({ port: first.server.port, pid: first.server.pid, adopted: first.adopted }, "The database server is up");
  const url = urlOf("carillon", first.credentials.owner, first.server.port, "carillon");
  return { url, adminUrl: first.adminUrl, adopted: first.adopted, stop: () => (left ??= leave()) };
}

interface Up {
  readonly server: Postmaster;
  readonly adopted: boolean;
  readonly credentials: Credentials;
  readonly adminUrl: string;
}

/** Finds or starts the server. Called with the directory's lock held. */
async function bringUp(place: Place, options: Omit<EmbeddedOptions, "port"> & { readonly port: number | undefined }): Promise<Up> {
  const { clock, log, durable = true } = options;
  const binaries = await findBinaries(place);
  const credentials = await ensureCluster(place, binaries, durable, log);
  const found = (await running(place.cluster)) && (await untilReady(place.cluster, clock));
  if (found && options.port !== undefined && found.port !== options.port)
    throw new Fault("database-port", `The database of ${place.home} is already running, on port ${found.port} instead of ${options.port}.`);
  const portFile = join(place.server, "port");
  for (let left = portTries; ; left -= 1) {
    const port = options.port ?? (left === portTries ? await remembered(portFile) : await freePort());
    try {
      const server = found ?? (await launch(place, binaries, port, durable, clock));
      await writeFile(portFile, String(server.port), { mode: 0o600 });
      return { server, adopted: found !== undefined, credentials, adminUrl: urlOf("carillon_admin", credentials.admin, server.port, "postgres") };
    } catch (error) {
      if (!(error instanceof Fault && error.code === "database-port") || options.port !== undefined || left <= 1) throw error;
    }
  }
}

/** Opens the connection that marks us as a user of the server. `lost` is called once if it ends. */
async function hold(adminUrl: string, credentials: Credentials, lost: () => void): Promise<Client> {
  const client = new Client({
    connectionString: adminUrl,
    application_name: "carillon supervisor",
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await ensureDatabase(client, credentials.owner);
    await client.query("select pg_advisory_lock_shared($1)", [userLock]);
  } catch (cause) {
    await client.end().catch(() => undefined);
    throw new Fault("database-start", `Cannot use the database server: ${toFault(cause, "").message}`, { cause, retryable: true });
  }
  client.once("end", lost);
  return client;
}

/** Whether no other connection holds the user lock: then nobody can take it either, as starting needs the directory's lock. */
async function isLast(holder: Client): Promise<boolean> {
  try {
    await holder.query("select pg_advisory_unlock_shared($1)", [userLock]);
    const { rows } = await holder.query<{ last: boolean }>("select pg_try_advisory_lock($1) as last", [userLock]);
    return rows[0]?.last ?? true;
  } catch {
    // The server is going or gone: whether it must be stopped is then seen from its processes.
    return true;
  }
}

async function remembered(portFile: string): Promise<number> {
  const port = Number(await readFile(portFile, "utf8").catch(() => ""));
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : freePort();
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}
