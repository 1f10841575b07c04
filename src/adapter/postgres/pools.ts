import pg from "pg";

const loadsAtOnce = 4;
const changesAtOnce = 4;

/**
 * For the connections of the hot paths, whose statements are all look-ups by index. Their plans are made once and kept: one
 * that was made while a table was small reads all of it, and goes on so until the next statistics, a minute in which a
 * table may have grown to 100 000 rows.
 */
const byIndexOnly = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off";

/**
 * A transaction that nobody goes on with, of a process that hangs, say, keeps every dead row of the work table alive: claims that did 41,000 rows a second do 6,000 after 20 s of
 * one. The database ends it, whosever it is; the embedded one has a limit of its own besides.
 */
const idleInTransactionMs = 60_000;

/**
 * Connections for statements that are soon done, and `loads` for files, which take as long as they take to come in.
 * @param evidence of `evidenceOption`
 */
export function openPools(
  url: string,
  node: string | undefined,
  poolSize: number,
  evidence: string,
): { readonly pool: pg.Pool; readonly loads: pg.Pool } {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: 5000,
    // Logging in costs more than ten statements do (SCRAM), and calls come in bursts: what one of them took is there for the next.
    idleTimeoutMillis: 600_000,
    keepAlive: true,
    // A statement that hangs (a lock somebody forgot) fails instead of holding its connection for good. Reports are read here too: none holds its snapshot for longer.
    statement_timeout: 60_000,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    options: byIndexOnly + evidence,
    application_name: node === undefined ? "carillon" : `carillon ${node}`,
  });
  // An import holds its connection for as long as the file takes to come in: it must not take one away from the calls. It has limits of its own (load-limits.ts).
  const loads = new pg.Pool({
    connectionString: url,
    max: loadsAtOnce,
    connectionTimeoutMillis: 60_000,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    options: evidence.trim(),
    application_name: "carillon import",
  });
  return { pool, loads };
}

/**
 * Of the statements of the hot paths the plan that holds for any values is always the best one: they look up by index whatever comes. Left to itself PostgreSQL plans one anew for each
 * execution where it happens to think that cheaper, which costs more than carrying it out: 54 in place of 22 µs of a claim for each contact.
 */
const plannedOnce = " -c plan_cache_mode=force_generic_plan";

/** Connections for what every call and message needs: claims, begins, endings, reports of delivery. Others that look for much at once, reports say, need plans for what they look for. */
export function openHotPool(pool: pg.Pool, evidence: string): pg.Pool {
  return new pg.Pool({ ...pool.options, options: byIndexOnly + plannedOnce + evidence });
}

/** Connections for changes that somebody asks for: each holds one until it is answered, and needs others of `pool` meanwhile. */
export function openChangePool(pool: pg.Pool): pg.Pool {
  return new pg.Pool({ ...pool.options, max: changesAtOnce, idleTimeoutMillis: 60_000 });
}
