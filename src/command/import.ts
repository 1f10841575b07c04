import { systemClock } from "../adapter/system/clock.ts";
import { reaches } from "../contact/contact.ts";
import { type ImportReport, importContacts, type ListReport } from "../contact/import-engine.ts";
import type { Mapping } from "../contact/mapping.ts";
import type { ExistingMode, Rejection } from "../contact/ports.ts";
import { RejectsFile } from "../contact/rejects-engine.ts";
import type { Tally } from "../contact/tally.ts";
import type { Stores } from "../main.ts";
import { type CommonOptions, withImportStores } from "./context.ts";
import { keepHeapSmall } from "./heap.ts";
import { openInput } from "./input-file.ts";
import { tellRuns } from "./lookup-run-words.ts";
import { mappingOf } from "./mapping.ts";
import { counted, openProgress } from "./terminal.ts";

/** So many of the numbers and mailboxes that are left out are shown. */
const shownDrops = 3;

export interface ImportOptions extends CommonOptions {
  readonly list: string;
  readonly append?: boolean;
  readonly existing?: ExistingMode;
  readonly enter?: boolean;
  readonly dryRun?: boolean;
  /** A file, or the name of one that is kept. */
  readonly mapping?: string;
  readonly country?: string;
  /** Columns with mailboxes, where their names do not say so. */
  readonly email?: readonly string[];
  readonly rejects?: string;
  readonly lookup?: readonly string[];
  readonly wait?: boolean;
}

/** `carillon import FILE --list NAME` @returns the exit code */
export function importFile(file: string, options: ImportOptions): Promise<number> {
  keepHeapSmall();
  return withImportStores(options, async (stores, config) => {
    const objects = /\.(?:ndjson|jsonl)$/i;
    const rejects =
      options.rejects ?? `${file.replace(/\.(?:csv|txt|xlsx)$/i, "").replace(objects, "")}.rejects.${objects.test(file) ? "ndjson" : "csv"}`;
    const { mapping: word, ...rest } = options;
    const mapping = word === undefined ? undefined : await mappingOf(stores, word);
    const country = options.country ?? config.contact.defaultCountry;
    const asked = options.lookup && { lookups: options.lookup };
    const drops: Rejection[] = [];
    const dropped = (drop: Rejection) => void (drops.length < shownDrops && drops.push(drop));
    const report = await importInto(stores, file, { ...rest, rejects, country, dropped, ...(mapping && { mapping }), ...asked });
    console.log(importText(file, options.list, report, rejects, options.dryRun));
    if (report.dropped > 0) console.log(droppedText(report.dropped, drops));
    if (report.rules) console.log(rulesText(report.rules));
    for (const list of report.lists ?? []) console.log(listText(list, options.dryRun));
    if (options.dryRun) console.log(`${peopleText(report)} Nothing was changed.`);
    if (report.lookupRuns) await tellRuns(stores.lookupRuns, report.lookupRuns, options.wait);
    return 0;
  });
}

/** Imports with a progress line. @throws Fault `import-file` when the file cannot be read, and those of `importContacts` */
export async function importInto(
  stores: Pick<Stores, "contacts">,
  file: string,
  options: {
    readonly list: string;
    readonly append?: boolean;
    readonly existing?: ExistingMode;
    readonly enter?: boolean;
    readonly dryRun?: boolean;
    readonly mapping?: Mapping;
    readonly country: string;
    readonly email?: readonly string[];
    readonly lookups?: readonly string[];
    readonly rejects: string;
    /** Gets numbers and mailboxes that cannot be used of people who have another one. */
    readonly dropped?: (drop: Rejection) => void;
  },
): Promise<ImportReport> {
  const { content, bytes: size } = await openInput(file);
  const { existing, enter, dryRun, mapping, lookups, dropped } = options;
  const rejectsFile = new RejectsFile(options.rejects);
  const line = openProgress(process.stdout, () => systemClock.now());
  try {
    return await importContacts({
      store: stores.contacts,
      name: options.list,
      append: options.append ?? false,
      ...(existing && { existing }),
      ...(enter !== undefined && { enter }),
      ...(dryRun && { dry: true }),
      ...(mapping && { mapping }),
      ...(lookups && { lookups }),
      ...(dropped && { dropped }),
      csv: content,
      defaultCountry: options.country,
      ...(options.email && { columns: { emails: options.email } }),
      planned: (plan) => rejectsFile.headed(plan.header),
      rejected: (rejection) => rejectsFile.write(rejection),
      progress: ({ read, accepted, rejected, bytes }) => {
        const share = size === 0 ? "" : ` (${Math.floor((100 * bytes) / size)} %)`;
        line.show(`${options.list}: ${counted(read, "row")} read${share}, ${accepted} accepted, ${rejected} rejected`);
      },
    });
  } finally {
    line.end();
    content.destroy();
    await rejectsFile.close();
  }
}

/** What came of an import, in two lines. */
export function importText(file: string, list: string, report: ImportReport, rejects: string, dryRun = false): string {
  const where = report.rejected > 0 ? `\nThe rejected rows are in ${rejects}, each with its reason.` : "";
  const { read, accepted, rejected, duplicates, erased, updated, left } = report;
  const forgotten =
    erased === 0 ? "" : `, ${erased === 1 ? "1 names somebody" : `${erased} name people`} who ${erased === 1 ? "was" : "were"} erased`;
  const refused =
    rejected === 0
      ? ""
      : `, ${counted(rejected, "row")} rejected (${duplicates === 1 ? "1 is a duplicate" : `${duplicates} are duplicates`}${forgotten})`;
  const known = updated === 0 ? "" : ` (${updated} of them ${updated === 1 ? "was" : "were"} on it)`;
  const others = (report.lists ?? []).filter(({ name, accepted }) => name !== list && accepted > 0).length;
  const besides = others === 0 ? "" : ` and ${others} other${others === 1 ? "" : "s"}`;
  const gone = left === 0 ? "" : `, ${left} ${dryRun ? "would leave" : "left"} ${others === 0 ? "it" : "them"}`;
  return `${file}: ${counted(read, "row")}; ${counted(accepted, "contact")} ${dryRun ? "would be " : ""}put on list "${list}"${besides}${known}${gone}${refused}.${where}`;
}

/** `1 number or mailbox could not be used … line 6, mobile: too short for a number of US.` */
function droppedText(count: number, shown: readonly Rejection[]): string {
  const where = shown.map(({ line, column, reason }) => `line ${line}, ${column}: ${reason}`).join("; ");
  const more = count > shown.length ? "; …" : ".";
  return `${count === 1 ? "1 number or mailbox" : `${count} numbers or mailboxes`} could not be used, of people who have another one: ${where}${more}`;
}

function rulesText(rules: Readonly<Record<string, number>>): string {
  const each = Object.entries(rules).map(([name, rows]) => `${name} ${rows}`);
  return `Rules of the mapping, and the rows they were followed for: ${each.join(", ")}.`;
}

/** One of several lists that a file was split into. */
function listText(list: ListReport, dryRun = false): string {
  const { name, accepted, duplicates, erased, updated, left } = list;
  if (accepted === 0) return `  ${name}: nobody${duplicates === 0 ? "" : `; ${counted(duplicates, "row")} on it already`}; the list stays as it is.`;
  const known = updated === 0 ? "" : ` (${updated} on it before)`;
  const twice = `${duplicates === 0 ? "" : `, ${counted(duplicates, "duplicate")}`}${erased === 0 ? "" : `, ${erased} erased`}`;
  const gone = left === 0 ? "" : `, ${left} ${dryRun ? "would leave" : "left"} it`;
  return `  ${name}: ${counted(accepted, "contact")}${known}${twice}${gone}. ${peopleText(list)}`;
}

/** How the accepted can be reached, and where they are. */
function peopleText({ reachable, suppressed, zones }: Tally & Pick<ImportReport, "suppressed">): string {
  const channels = reaches.map((reach) => `${reach} ${reachable[reach]}${suppressed[reach] === 0 ? "" : ` (${suppressed[reach]} suppressed)`}`);
  const known = Object.entries(zones).map(([zone, people]) => `${zone === "" ? "not said" : zone} ${people}`);
  const shown = known.slice(0, 12).join(", ") + (known.length > 12 ? ", …" : "");
  return `Reachable by ${channels.join(", ")}. Time zones: ${shown || "none"}.`;
}
