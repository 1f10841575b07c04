import pg from "pg";
import type { LookupRunStore } from "../../contact/lookup/ports.ts";
import type { Clock } from "../../kernel/clock.ts";
import { PostgresAuditStore } from "./repository/audit-store.ts";
import { ChangeLog } from "./repository/change.ts";
import { PostgresContactStore } from "./repository/contact-store.ts";
import { type EvidenceSeals, evidenceOption } from "./repository/evidence-key.ts";
import { PostgresLookupRuns } from "./repository/lookup-run-store.ts";
import { PostgresStagedImports } from "./repository/staged-store.ts";

/** What an import needs of the database: without the rest, and without the object-relational mapper, its process takes half of the memory. */
export interface ImportStores {
  readonly audit: PostgresAuditStore;
  readonly changes: ChangeLog;
  readonly contacts: PostgresContactStore;
  readonly staged: PostgresStagedImports;
  /** To be looked at. */
  readonly lookupRuns: Pick<LookupRunStore, "find">;
  close(): Promise<void>;
}

/** The schema must be there. @throws Fault as `openStores` */
export async function openImportStores({
  url,
  clock,
  seals,
}: {
  readonly url: string;
  readonly clock: Clock;
  readonly seals?: EvidenceSeals;
}): Promise<ImportStores> {
  const options = (await evidenceOption(url, seals)).trim();
  const pool = new pg.Pool({ connectionString: url, max: 2, connectionTimeoutMillis: 5000, options, application_name: "carillon import" });
  // One that breaks while nobody uses it is replaced at the next use; of one that is used the next statement fails.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  const changes = new ChangeLog(pool);
  return {
    audit: new PostgresAuditStore(pool),
    changes,
    contacts: new PostgresContactStore(changes.over(pool), clock),
    lookupRuns: new PostgresLookupRuns(pool, ""),
    staged: new PostgresStagedImports(pool, clock),
    close: () => pool.end(),
  };
}
