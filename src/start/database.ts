import type { EmbeddedDatabase } from "../adapter/postgres/embedded.ts";
import { startEmbedded } from "../adapter/postgres/embedded.ts";
import { migrate } from "../adapter/postgres/migrate.ts";
import type { Config } from "../config/schema.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";

export interface Database {
  readonly url: string;
  stop(): Promise<void>;
}

/** The configured PostgreSQL, or Carillon's own; its schema brought up to date. */
export async function openDatabase({ database }: Pick<Config, "database">, clock: Clock, log: Log): Promise<Database> {
  const embedded: EmbeddedDatabase | undefined = database.url ? undefined : await startEmbedded({ dataDir: database.dataDir, clock, log });
  const url = database.url ?? embedded?.url ?? "";
  try {
    const applied = await migrate(url);
    if (applied.length > 0) log.info({ migrations: applied }, "database schema brought up to date");
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
  return { url, stop: async () => embedded?.stop() };
}
