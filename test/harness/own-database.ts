import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbedded } from "../../src/adapter/postgres/embedded.ts";
import { migrate } from "../../src/adapter/postgres/migrate.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { type Clock, pause } from "../../src/kernel/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { portForAnother } from "./ports.ts";
import type { Teardown } from "./serve-process.ts";

/** A migrated PostgreSQL server that belongs to one run alone, which may stop it. */
export interface OwnDatabase {
  /** As its owner, who is not a superuser. */
  readonly url: string;
  /** The same database as superuser. */
  readonly adminUrl: string;
  /**
   * Stops the server, as an administrator does who restarts it: every connection is ended (SQLSTATE 57P01), and each new one refused until it is there
   * again, at the same port.
   * @returns how long it took no connections, ms
   */
  restart(downMs: number, clock?: Clock): Promise<number>;
}

/** Gone with the test, its directory too. */
export async function openOwnDatabase(t: Teardown): Promise<OwnDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), "carillon-own-database-"));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  // Run by root, the database is another user's and must find its way.
  await chmod(dataDir, 0o711);
  // While it is down nobody else may be given its port.
  const port = await portForAnother();
  const start = () => startEmbedded({ dataDir, log: silentLog, clock: systemClock, durable: false, port });
  let server = await start();
  t.teardown(() => server.stop());
  const { url, adminUrl } = server;
  await migrate(url);
  const asAdmin = new URL(adminUrl);
  asAdmin.pathname = new URL(url).pathname;
  return {
    url,
    adminUrl: asAdmin.href,
    async restart(downMs, clock = systemClock) {
      const stoppedAtMs = clock.now();
      await server.stop();
      await pause(clock, downMs);
      server = await start();
      return clock.now() - stoppedAtMs;
    },
  };
}
