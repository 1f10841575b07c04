import pg from "pg";
import type { Clock } from "../../kernel/clock.ts";
import { PostgresAuditStore } from "./repository/audit-store.ts";
import { PostgresContactStore } from "./repository/contact-store.ts";
import { PostgresStagedImports } from "./repository/staged-store.ts";

/** What an import needs of the database: without the rest, and without the object-relational mapper, its process takes half of the memory. */
export interface ImportStores {
  readonly audit: PostgresAuditStore;
  readonly contacts: PostgresContactStore;
  readonly staged: PostgresStagedImports;
  close(): Promise<void>;
}

/** Nothing connects before the first question. The schema must be there. */
export function openImportStores({ url, clock }: { readonly url: string; readonly clock: Clock }): ImportStores {
  const pool = new pg.Pool({ connectionString: url, max: 2, connectionTimeoutMillis: 5000, application_name: "carillon import" });
  // One that breaks while nobody uses it is replaced at the next use; of one that is used the next statement fails.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return {
    audit: new PostgresAuditStore(pool),
    contacts: new PostgresContactStore(pool, clock),
    staged: new PostgresStagedImports(pool, clock),
    close: () => pool.end(),
  };
}
