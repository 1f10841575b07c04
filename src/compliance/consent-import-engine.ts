import { readCountry } from "../contact/normalise.ts";
import type { Clock } from "../kernel/clock.ts";
import { toFault } from "../kernel/fault.ts";
import type { ConsentLoadResult, ConsentStore } from "./consent-ports.ts";
import { type ConsentDefaults, planConsents, readConsents } from "./consent-row.ts";
import { type RowsFile, type RowsRead, readRows } from "./rows-engine.ts";

export interface ConsentFile extends RowsFile {
  readonly store: Pick<ConsentStore, "openLoad">;
  readonly by: string;
  /** For rows that do not say. */
  readonly defaults: ConsentDefaults;
  /** The country of numbers that are written without one, ISO 3166-1 alpha-2. */
  readonly defaultCountry: string;
  readonly clock: Clock;
}

export interface ConsentReport extends ConsentLoadResult, RowsRead {}

/**
 * Records a file of consents, relationships and revocations: CSV with a header, streaming, so of any length. It is read to its end before anything is recorded. Then its rows come to
 * the end of the chain in parts, so that an opt-out never waits long for its place; a file that broke off in the middle is loaded again, and what is in the chain already stays one record.
 *
 * Faults, after which nothing is recorded: `import-country`, `import-columns`, and those of `readRows`.
 */
export async function loadConsents(request: ConsentFile): Promise<ConsentReport> {
  const { store, by, defaults, clock } = request;
  const country = readCountry(request.defaultCountry);
  const load = await store.openLoad();
  try {
    const rows = await readRows(request, {
      plan: (first) => planConsents(first, defaults),
      read: (record, plan) => readConsents(record, plan, defaults, country, clock.now()),
      add: (entries) => load.add(entries),
    });
    return { ...rows, ...(await load.commit(by)) };
  } catch (error) {
    // What went wrong first is what matters.
    await load.abort().catch(() => {});
    throw toFault(error, "import-failed");
  }
}
