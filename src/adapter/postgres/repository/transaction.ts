import type pg from "pg";
import { databaseFault } from "../faults.ts";
import type { Database } from "./change.ts";

/** Runs the work in one transaction, of which whatever it throws undoes everything; within a change it is a part of that one's. @throws Fault */
export async function inTransaction<T>(database: Database, doing: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const change = database.change?.();
  if (change)
    return await change.part(work).catch((error: unknown) => {
      throw databaseFault(error, doing);
    });
  const client = await database.connect().catch((error: unknown) => {
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
