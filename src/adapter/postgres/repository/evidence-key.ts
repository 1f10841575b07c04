import pg from "pg";
import { Fault } from "../../../kernel/fault.ts";
import { codeOf, databaseFault } from "../faults.ts";

/** What seals the key under which people who were erased, and consents, are known. */
export interface EvidenceSeals {
  /** Undefined where there is nothing to seal with. */
  readonly seal: ((place: string, text: string) => string) | undefined;
  unseal(place: string, sealed: string): string | undefined;
  /** Whether it is sealed with another key than the present one. */
  isStale(sealed: string): boolean;
}

/** What it is sealed for: it opens nowhere else. */
const place = "evidence-key";
const undefinedTable = "42P01";

interface KeyRow {
  readonly salt: Buffer | null;
  readonly sealed: string | null;
}

/**
 * What each connection is told, as `options` of PostgreSQL, so that it can make the hashes of people where their key is sealed; `evidence_key()` reads it. Nothing where the key
 * is not sealed, or no table is there yet.
 * @throws Fault `evidence-key-sealed`, `database-unreachable` (retryable), `database-refused`
 */
export async function evidenceOption(url: string, seals: EvidenceSeals | undefined): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000, application_name: "carillon" });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<KeyRow>("select salt, sealed from evidence_salt");
    const [row] = rows;
    const key = row?.salt?.toString("hex") ?? (row?.sealed ? opened(row.sealed, seals) : undefined);
    // Also one in the clear: another node may seal it while this process runs.
    return key === undefined ? "" : ` -c carillon.evidence_key=${key}`;
  } catch (error) {
    if (codeOf(error) === undefinedTable) return "";
    throw databaseFault(error, "open the database");
  } finally {
    await client.end().catch(() => undefined);
  }
}

function opened(sealed: string, seals: EvidenceSeals | undefined): string {
  const key = seals?.unseal(place, sealed);
  if (key !== undefined) return key;
  throw new Fault(
    "evidence-key-sealed",
    "The key under which erased people and consents are known is sealed with another secret.key than this process has: give it the one that the servers have (CARILLON_SECRET_KEY_FILE), or the one from before under secret.previousKeys. Without it people who were erased would be contacted again.",
  );
}

/**
 * Seals the key of the hashes with `secret.key` where it lies in the clear or is sealed with an earlier one. The hashes stay as they are, and so does the chain they stand in. Without a key to
 * seal with nothing is done.
 * @returns whether it has been sealed now
 */
export async function sealEvidenceKey(pool: pg.Pool, seals: EvidenceSeals): Promise<boolean> {
  if (!seals.seal) return false;
  try {
    const { rows } = await pool.query<KeyRow>("select salt, sealed from evidence_salt");
    const [row] = rows;
    if (!row || (row.sealed !== null && !seals.isStale(row.sealed))) return false;
    const key = row.salt?.toString("hex") ?? opened(row.sealed ?? "", seals);
    const sealed = seals.seal(place, key);
    const { rowCount } = await pool.query(
      "update evidence_salt set salt = null, sealed = $1 where salt is not distinct from $2 and sealed is not distinct from $3",
      [sealed, row.salt, row.sealed],
    );
    // The file of the table still has the old row until it is written anew.
    if (rowCount === 1 && row.salt !== null) await pool.query("vacuum (full) evidence_salt");
    return rowCount === 1;
  } catch (error) {
    throw databaseFault(error, "seal the key of the hashes");
  }
}
