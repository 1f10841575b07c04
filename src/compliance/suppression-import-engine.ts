import { readCountry } from "../contact/normalise.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault, toFault } from "../kernel/fault.ts";
import { usualOf } from "./do-not-call.ts";
import { type RowsFile, readRows } from "./rows-engine.ts";
import type { LoadMode } from "./suppression.ts";
import type { LoadResult, SuppressionStore } from "./suppression-ports.ts";
import { planSuppressions, readSuppressions } from "./suppression-row.ts";

export interface SuppressionFile extends RowsFile {
  readonly store: Pick<SuppressionStore, "openLoad" | "list">;
  readonly listId: string;
  readonly mode: LoadMode;
  readonly by: string;
  /** Its name, for people. */
  readonly file?: string;
  /** The day its data is of, YYYY-MM-DD. Fault `import-date` when there is no such day, or it has not come. */
  readonly dated?: string;
  /** The country of numbers that are written without one, ISO 3166-1 alpha-2. Without it that of the list, where it is a national one. */
  readonly country?: string;
  /** Of other lists. */
  readonly defaultCountry: string;
  readonly clock: Clock;
}

export interface SuppressionReport extends LoadResult {
  readonly read: number;
  readonly rejected: number;
}

/**
 * Loads a file into a suppression list: streaming, so of any length; everything usable goes in, or nothing. CSV with a header, one column of numbers or
 * mailboxes without one, or the FTC's area code and seven digits.
 *
 * Faults, after which nothing has gone in: `suppression-list-unknown`; `import-country`, `import-date`, `import-format`, `import-empty`, `import-columns`;
 * `import-nothing-usable` when no row could be used; `import-broken-off` when the file ended untimely.
 */
export async function loadSuppressions(request: SuppressionFile): Promise<SuppressionReport> {
  const { store, listId, mode, by, file, dated } = request;
  const country = readCountry(request.country ?? usualOf((await store.list(listId))?.kind).country ?? request.defaultCountry);
  if (dated !== undefined) checkDay(dated, request.clock.now());
  const load = await store.openLoad(listId, mode);
  try {
    const { read, rejected, sha256 } = await readRows(request, {
      plan: planSuppressions,
      read: (record, plan) => readSuppressions(record, plan, country, request.clock.now()),
      add: (entries) => load.add(entries),
    });
    const result = await load.commit({ by, ...(file !== undefined && { file }), ...(dated !== undefined && { dated }), read, rejected, sha256 });
    return { read, rejected, ...result };
  } catch (error) {
    // What went wrong first is what matters; a load that cannot even be aborted ends with its connection.
    await load.abort().catch(() => {});
    throw toFault(error, "import-failed");
  }
}

function checkDay(day: string, now: number): void {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== day)
    throw new Fault("import-date", `“${day.slice(0, 40)}” is no day; write it as 2026-11-30.`);
  // Somewhere it is tomorrow already.
  if (at > now + 86_400_000)
    throw new Fault("import-date", `Data of ${day} has not come yet; give the day on which the list was taken from its keeper.`);
}
