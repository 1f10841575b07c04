import type pg from "pg";
import { databaseFault } from "../faults.ts";
import { type Database, giveBack } from "./change.ts";

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
    await giveBack(client);
    throw databaseFault(error, doing);
  }
}
