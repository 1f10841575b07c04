import pg from "pg";
import { Fault } from "../../kernel/fault.ts";
import { databaseFault } from "./faults.ts";
import { migrations } from "./migrations.ts";
import { migrationTable, openOrm } from "./orm.ts";

/** Any number, the same in every Carillon: two processes that start at once migrate one after the other, and while a backup is written or restored neither does. */
export const migrationLock = 7_243_251;

/** Its connections are known to the server by this and a number of their own. */
let runs = 0;
/** How often the server is asked whether the migration's connection lives, in seconds. */
const lookS = 0.2;

/** Runs those of these names that are due, or all that are, or none when one fails. @returns the names of those that ran */
export type RunMigrations = (names?: readonly string[]) => Promise<readonly string[]>;

/**
 * Brings the database of that URL to the present schema; all migrations that are due run, or none.
 * @returns the names of those that ran
 * @throws Fault `database-unreachable` (retryable), `database-refused`, `database-newer`, `database-fault`
 */
export function migrate(url: string): Promise<readonly string[]> {
  return migrating(url, "bring the database to the present schema", (run) => run());
}

/** Does it while no other process changes the schema. @param doing for the fault. @throws as `migrate`, and whatever `work` throws as a Fault */
export async function migrating<T>(url: string, doing: string, work: (run: RunMigrations) => Promise<T>): Promise<T> {
  runs += 1;
  const name = `carillon migrate ${process.pid}-${runs}`;
  // Not made by the migrator, which would make a database that is not there too; and the lock goes with the connection.
  const holder = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000, keepAlive: true, application_name: `${name} lock` });
  const gone = Promise.withResolvers<never>();
  gone.promise.catch(() => undefined);
  holder.on("error", gone.reject);
  const run: RunMigrations = async (names) => {
    const executed = await Promise.race([executedOn(holder), gone.promise]);
    const foreign = newerThan(executed);
    if (foreign !== undefined) throw new Fault("database-newer", `The database was made by a newer Carillon (migration ${foreign}): use that one.`);
    // Nearly always. To make the ORM ready takes longer than most of what is done then.
    if ((names ?? migrations.map((each) => each.name)).every((each) => executed.has(each))) return [];
    // One connection, so that the server can be asked whether it is there.
    const orm = await openOrm(named(url, name), 1);
    try {
      const running = orm.migrator.up(names && { migrations: [...names] });
      running.catch(() => undefined);
      const ran = await Promise.race([running, gone.promise, watched(holder, name)]);
      await orm.close();
      return ran.map((each) => each.name);
    } catch (error) {
      // Not waited for: a transaction of the ORM whose connection died is never given back (MikroORM 7.2.1, Kysely 0.29.6).
      orm.close(true).catch(() => undefined);
      throw error;
    }
  };
  try {
    await holder.connect();
    await Promise.race([holder.query("select pg_advisory_lock($1)", [migrationLock]), gone.promise]);
    return await Promise.race([work(run), gone.promise]);
  } catch (error) {
    throw databaseFault(error, doing);
  } finally {
    await holder.end().catch(() => undefined);
  }
}

/** The names of the migrations that have run on that database. */
async function executedOn(client: pg.Client): Promise<ReadonlySet<string>> {
  const { rows: tables } = await client.query<{ there: boolean }>("select to_regclass($1) is not null as there", [migrationTable]);
  const { rows } = tables[0]?.there ? await client.query<{ name: string }>(`select name from ${migrationTable} order by name`) : { rows: [] };
  return new Set(rows.map(({ name }) => name));
}

/** The first of these names that is none of ours. */
function newerThan(executed: ReadonlySet<string>): string | undefined {
  const known = new Set(migrations.map(({ name }) => name));
  return [...executed].find((name) => !known.has(name));
}

/**
 * Rejects when the connection of that name, once seen, is gone: whoever waits for an answer on it would wait for ever. A migration
 * may take as long as it takes.
 */
async function watched(holder: pg.Client, name: string): Promise<never> {
  const text = `select count(*)::int as connections from pg_sleep($1) cross join lateral (select 1 from pg_stat_activity where application_name = $2) a`;
  for (let seen = false; ; ) {
    const { rows } = await holder.query<{ connections: number }>(text, [lookS, name]);
    const there = (rows[0]?.connections ?? 0) > 0;
    if (seen && !there) throw new Error("Connection terminated unexpectedly while migrating");
    seen ||= there;
  }
}

function named(url: string, name: string): string {
  const parts = new URL(url);
  parts.searchParams.set("application_name", name);
  return parts.href;
}

/** The names of those that have not run on that database. Changes nothing. @throws as `migrate` */
export async function pendingMigrations(url: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const ran = await executedOn(client);
    return migrations.flatMap(({ name }) => (ran.has(name) ? [] : [name]));
  } catch (error) {
    throw databaseFault(error, "see which migrations have run");
  } finally {
    await client.end().catch(() => undefined);
  }
}
