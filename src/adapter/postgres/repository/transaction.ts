import type pg from "pg";
import { databaseFault } from "../faults.ts";

/** Runs the work in one transaction; whatever it throws undoes all of it. @throws Fault */
export async function inTransaction<T>(pool: pg.Pool, doing: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw databaseFault(error, doing);
  });
  try {
    await client.query("begin");
    const result = await work(client);
    await client.query("commit");
    client.release();
    return result;
  } catch (error) {
    const undone = await client.query("rollback").then(
      () => true,
      () => false,
    );
    // Not put back where it is not known in what state it is.
    client.release(!undone);
    throw databaseFault(error, doing);
  }
}
