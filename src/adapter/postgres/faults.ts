import { Fault } from "../../kernel/fault.ts";

/** PostgreSQL's SQLSTATE, or the code of a system error. */
export function codeOf(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (!(at instanceof Fault) && "code" in at && typeof at.code === "string") return at.code;
  }
  return "";
}

const network = new Set(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "EPIPE", "ENOENT"]);

/** Whether the server is away for the moment: no connection, shutting down, starting up, or out of connections. */
export function isAway(error: unknown): boolean {
  const code = codeOf(error);
  if (network.has(code) || code.startsWith("08") || code.startsWith("57P") || code === "53300") return true;
  // pg gives these without a code.
  return (
    error instanceof Error &&
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(error.message)
  );
}

/** A transaction that lost against another one and may simply be run again (PostgreSQL appendix A: 40001, 40P01). */
export function isCollision(error: unknown): boolean {
  const code = codeOf(error);
  return code === "40001" || code === "40P01";
}

/**
 * Whether the same statement may succeed later although nobody changes it: the server is away, its disk or memory is full,
 * it is read-only for a fail-over, the statement was canceled, … Everything but bad data (22), a violated constraint (23)
 * and a statement that does not fit the schema (42).
 */
export function isPassing(error: unknown): boolean {
  return isAway(error) || /^(?!22|23|42)[0-9A-Z]{5}$/.test(codeOf(error));
}

const unwritable = new Set(["attempt-unknown", "attempt-taken-over"]);

/** Whether what it says can never be written, whatever becomes of the database: its data is bad, or there is nothing it belongs to. */
export function isRefusedForGood(error: unknown): boolean {
  return (error instanceof Fault && unwritable.has(error.code)) || /^(22|23)[0-9A-Z]{3}$/.test(codeOf(error));
}

export function isUniqueViolation(error: unknown): boolean {
  return codeOf(error) === "23505";
}

export function isForeignKeyViolation(error: unknown): boolean {
  return codeOf(error) === "23503";
}

/** The fault that a failed statement is to everybody outside this adapter. */
export function databaseFault(error: unknown, doing: string): Fault {
  if (error instanceof Fault) return error;
  const why = error instanceof Error ? error.message || codeOf(error) : String(error);
  const code = codeOf(error);
  if (code === "28P01" || code === "28000")
    return new Fault("database-refused", `The database does not let us in (${why}): check user and password in DATABASE_URL.`, { cause: error });
  if (code === "3D000") return new Fault("database-refused", `${why}: create it, or correct its name in DATABASE_URL.`, { cause: error });
  if (code === "42P01") return new Fault("database-migration", `${why}: run carillon migrate first.`, { cause: error });
  if (isAway(error))
    return new Fault("database-unreachable", `The database cannot be reached (${why}): check that it runs, and DATABASE_URL.`, {
      cause: error,
      retryable: true,
    });
  return new Fault("database-fault", `Could not ${doing}: ${why}`, { cause: error, retryable: isPassing(error) });
}
