import type pg from "pg";
import { databaseFault } from "../faults.ts";
import type { Database } from "./change.ts";

/** A store's statements. @throws Fault of the database, which says what was being done */
export type Query = <Row extends pg.QueryResultRow>(text: string, values: unknown[]) => Promise<pg.QueryResult<Row>>;

/** @param doing what the store does, as in "Could not …" */
export function queryFor(pool: Pick<Database, "query">, doing: string): Query {
  return async <Row extends pg.QueryResultRow>(text: string, values: unknown[]) => {
    try {
      return await pool.query<Row>(text, values);
    } catch (error) {
      throw databaseFault(error, doing);
    }
  };
}
