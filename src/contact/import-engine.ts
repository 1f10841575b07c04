import { Fault, toFault } from "../kernel/fault.ts";
import { type ImportRequest, Run, type Share } from "./import-run-engine.ts";
import { readCountry } from "./normalise.ts";
import type { ImportCounts, LoadEnd, LoadSummary } from "./ports.ts";
import { readRecords } from "./record-engine.ts";
import { isListName, listsOf } from "./selection.ts";
import { addedUp, type Tally } from "./tally.ts";

export type { ImportProgress, ImportRequest } from "./import-run-engine.ts";

/** What has become of the rows that went to one of several lists. */
export interface ListReport extends Tally, LoadSummary {
  readonly name: string;
  /** Empty where the list is not there yet, after a dry run or when nobody came onto it. */
  readonly listId: string;
  /** Rows that were sent there and could be used, and those of them that stood on it already. */
  readonly accepted: number;
  readonly duplicates: number;
  /** Rows that name somebody who was erased. */
  readonly erased: number;
  /** The run by which those who came onto it are looked up. */
  readonly lookupRun?: string;
}

export interface ImportReport extends ImportCounts, Tally, LoadSummary {
  /** Of the import's own list, or, when nobody came onto that, of the first one that people came onto. Empty after a dry run for a list that is not there yet. */
  readonly listId: string;
  /** The runs by which the accepted are looked up, one for each list. */
  readonly lookupRuns?: readonly string[];
  /** Numbers and mailboxes that could not be used of contacts that went in. */
  readonly dropped: number;
  /** Rows by the rule of the mapping that was followed, where it has rules; duplicates among them. */
  readonly rules?: Readonly<Record<string, number>>;
  /** Each list by itself, the import's own first, where rules send people to others. What stands above is then of all together. */
  readonly lists?: readonly ListReport[];
}

/**
 * Brings a file into a list, or several: streaming, so of any length; everything usable goes in, or nothing.
 *
 * Faults, after which nothing has gone in: `list-exists`; `lookup-unknown`; `import-name`, `import-country`, `import-format`, `import-empty`,
 * `import-columns`; `import-nothing-usable` when no row could be used; `import-broken-off` when the file ended untimely.
 */
export async function importContacts(request: ImportRequest): Promise<ImportReport> {
  const country = readCountry(request.defaultCountry ?? "US");
  if (!isListName(request.name)) throw new Fault("import-name", "Give the list a name of 1 to 200 characters, all of which can be printed.");
  const others = listsOf(request.mapping?.rules ?? []).filter((name) => name !== request.name);
  const lookups = [...new Set([...(request.lookups ?? []), ...(request.mapping?.lookups ?? [])])];
  const { lookups: _, ...wishes } = request;
  const load = await request.store.openLoad({ ...wishes, ...(others.length > 0 && { others }), ...(lookups.length > 0 && { lookups }) });
  const run = new Run(request, load, country);
  try {
    for await (const records of readRecords(request.csv, request.mapping ?? {}, (bytes) => run.read(bytes))) await run.take(records);
    await run.end();
    if (run.counts.accepted === 0) throw nothingUsable(run.counts, request.append);
    const end = await load.commit();
    const lists = run.shares.map((share, place) => listReport(share, place === 0 ? end : end.others?.get(share.name)));
    const { listId = "" } = lists.find(({ accepted }) => accepted > 0) ?? {};
    const lookupRuns = lists.flatMap(({ lookupRun = [] }) => lookupRun);
    const asked = lookupRuns.length > 0 && { lookupRuns };
    return { ...run.counts, ...addedUp(lists), ...asked, ...(run.rules && { rules: run.rules }), ...(others.length > 0 && { lists }), listId };
  } catch (error) {
    await run.settled().catch(() => undefined);
    // What went wrong first is what matters; a load that cannot even be aborted ends with its connection.
    await load.abort().catch(() => {});
    throw toFault(error, "import-failed");
  }
}

function listReport({ name, tallier, accepted, duplicates, erased }: Share, end: LoadEnd | undefined): ListReport {
  const { listId = "", updated = 0, left = 0, lookupRun, suppressed = { voice: 0, sms: 0, email: 0 } } = end ?? {};
  return { name, listId, accepted, duplicates, erased, updated, left, suppressed, ...tallier.tally, ...(lookupRun !== undefined && { lookupRun }) };
}

function nothingUsable({ read, rejected, duplicates }: ImportCounts, append: boolean): Fault {
  if (read === 0) return new Fault("import-empty", "The file has a header and no rows.");
  if (append && duplicates > 0) {
    const others = rejected === duplicates ? "" : `, and ${rejected - duplicates} cannot be used`;
    const said = `Nobody in the file is new: ${duplicates} of its ${read} rows name people who are on the list already${others}. To bring those up to date, import it with existing=update (--existing update on the command line).`;
    return new Fault("import-nothing-usable", said, { detail: { read, rejected } });
  }
  return new Fault("import-nothing-usable", `None of the ${read} rows could be used, so no list was made; each was rejected with its reason.`, {
    detail: { read, rejected },
  });
}
