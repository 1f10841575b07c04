import pg from "pg";
import { Fault } from "../../kernel/fault.ts";
import { databaseFault } from "./faults.ts";
import { migrations } from "./migrations.ts";
import { openOrm } from "./orm.ts";

/** Any number, the same in every Carillon: two processes that start at once migrate one after the other. */
const migrationLock = 7_243_251;

/**
 * Brings the database of that URL to the present schema; all migrations that are due run, or none.
 * @returns the names of those that ran
 * @throws Fault `database-unreachable` (retryable), `database-refused`, `database-newer`, `database-fault`
 */
export async function migrate(url: string): Promise<readonly string[]> {
  const orm = await openOrm(url);
  try {
    await mustExist(url);
    // Held on a connection of its own for as long as the migration lasts; it goes with the connection.
    return await orm.em.fork().transactional(async (em) => {
      await em.getConnection().execute("select pg_advisory_xact_lock(?)", [migrationLock], "run", em.getTransactionContext());
      const known = new Set(migrations.map(({ name }) => name));
      const foreign = (await orm.migrator.getExecuted()).filter(({ name }) => !known.has(name));
      if (foreign.length > 0)
        throw new Fault("database-newer", `The database was made by a newer Carillon (migration ${foreign[0]?.name}): use that one.`);
      const ran = await orm.migrator.up();
      return ran.map(({ name }) => name);
    });
  } catch (error) {
    throw databaseFault(error, "bring the database to the present schema");
  } finally {
    await orm.close();
  }
}

/** The migrator would make a database that is not there; a misspelt name must not become one. */
async function mustExist(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  try {
    await client.connect();
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** What is between the entities and the database as it is; empty when they agree. */
export async function schemaDrift(url: string): Promise<string> {
  const orm = await openOrm(url);
  try {
    return await orm.schema.getUpdateSchemaSQL({ wrap: false });
  } finally {
    await orm.close();
  }
}
