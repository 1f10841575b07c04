import { Migrator } from "@mikro-orm/migrations";
import { defineConfig, type EntityManager, MikroORM } from "@mikro-orm/postgresql";
import { entities } from "./entity.ts";
import { migrations } from "./migrations.ts";

/** The table in which the migrations that ran are written down. */
export const migrationTable = "schema_migration";

/** The object-relational mapper on that database. Nothing connects before the first query. @param options of each connection */
export async function openOrm(url: string, poolSize = 4, options = ""): Promise<MikroORM> {
  return await MikroORM.init(
    defineConfig({
      clientUrl: url,
      // It reads host, port and names of a URL itself and drops the rest: sslmode, application_name, options.
      driverOptions: { connectionString: url, ...(options !== "" && { options }) },
      entities,
      discovery: { warnWhenNoEntities: true },
      pool: { min: 0, max: poolSize },
      forceUtcTimezone: true,
      // The functions of migrations are nothing that entities could tell of.
      schemaGenerator: { ignoreRoutines: true },
      extensions: [Migrator],
      migrations: { tableName: migrationTable, migrationsList: [...migrations], snapshot: false, transactional: true, allOrNothing: true },
      // What it would print goes through our own log, as faults.
      logger: () => undefined,
    }),
  );
}

/** The entities of that database, for stores. */
export interface Entities {
  /** Of one question alone: it knows nothing of what others have read. */
  fork(): Promise<EntityManager>;
  close(): Promise<void>;
}

/** The mapper is made ready at the first question: of what takes part in a command that asks none, it takes longest. */
export function openEntities(url: string, options: string): Entities {
  let orm: Promise<MikroORM> | undefined;
  return {
    async fork() {
      orm ??= openOrm(url, undefined, options.trim());
      return (await orm).em.fork();
    },
    close: async () => (await orm)?.close(),
  };
}
