import { createReadStream, statSync } from "node:fs";
import { systemClock } from "../adapter/system/clock.ts";
import { type ImportReport, importContacts } from "../contact/import-engine.ts";
import { RejectsFile } from "../contact/rejects-engine.ts";
import { Fault } from "../kernel/fault.ts";
import type { Stores } from "../main.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { counted, openProgress } from "./terminal.ts";

export interface ImportOptions extends CommonOptions {
  readonly list: string;
  readonly append?: boolean;
  readonly country?: string;
  /** Columns with mailboxes, where their names do not say so. */
  readonly email?: readonly string[];
  readonly rejects?: string;
}

/** `carillon import FILE --list NAME` @returns the exit code */
export function importFile(file: string, options: ImportOptions): Promise<number> {
  return withStores(options, async (stores, config) => {
    const rejects = options.rejects ?? `${file.replace(/\.csv$/i, "")}.rejects.csv`;
    const report = await importInto(stores, file, { ...options, rejects, country: options.country ?? config.contact.defaultCountry });
    console.log(importText(file, options.list, report, rejects));
    return 0;
  });
}

/** Imports with a progress line. @throws Fault `import-file` when the file cannot be read, and those of `importContacts` */
export async function importInto(
  stores: Stores,
  file: string,
  options: {
    readonly list: string;
    readonly append?: boolean;
    readonly country: string;
    readonly email?: readonly string[];
    readonly rejects: string;
  },
): Promise<ImportReport> {
  const size = sizeOf(file);
  const rejectsFile = new RejectsFile(options.rejects);
  const line = openProgress(process.stdout, () => systemClock.now());
  try {
    return await importContacts({
      store: stores.contacts,
      name: options.list,
      append: options.append ?? false,
      csv: createReadStream(file),
      defaultCountry: options.country,
      ...(options.email && { columns: { emails: options.email } }),
      planned: (plan) => rejectsFile.headed(plan.header),
      rejected: (rejection) => rejectsFile.write(rejection),
      progress: ({ read, accepted, rejected, bytes }) => {
        line.show(
          `${options.list}: ${counted(read, "row")} read (${Math.floor((100 * bytes) / Math.max(1, size))} %), ${accepted} accepted, ${rejected} rejected`,
        );
      },
    });
  } finally {
    line.end();
    await rejectsFile.close();
  }
}

/** What came of an import, in two lines. */
export function importText(file: string, list: string, report: ImportReport, rejects: string): string {
  const where = report.rejected > 0 ? `\nThe rejected rows are in ${rejects}, each with its reason.` : "";
  const { read, accepted, rejected, duplicates } = report;
  const refused =
    rejected === 0 ? "" : `, ${counted(rejected, "row")} rejected (${duplicates === 1 ? "1 is a duplicate" : `${duplicates} are duplicates`})`;
  return `${file}: ${counted(read, "row")}; ${counted(accepted, "contact")} put on list "${list}"${refused}.${where}`;
}

function sizeOf(file: string): number {
  try {
    const found = statSync(file);
    if (found.isFile()) return found.size;
  } catch (error) {
    throw new Fault("import-file", `Cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  throw new Fault("import-file", `${file} is not a file.`);
}
