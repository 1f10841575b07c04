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
export async function openDatabase(config: Pick<Config, "database">, clock: Clock, log: Log): Promise<Database> {
  const database = await openDatabaseAsItIs(config, clock, log);
  try {
    const applied = await migrate(database.url);
    if (applied.length > 0) log.info({ migrations: applied }, "database schema brought up to date");
  } catch (error) {
    await database.stop();
    throw error;
  }
  return database;
}

/** The same with the schema that it has, of whichever version, or none. */
export async function openDatabaseAsItIs({ database }: Pick<Config, "database">, clock: Clock, log: Log): Promise<Database> {
  const embedded: EmbeddedDatabase | undefined = database.url ? undefined : await startEmbedded({ dataDir: database.dataDir, clock, log });
  return { url: database.url ?? embedded?.url ?? "", stop: async () => embedded?.stop() };
}
