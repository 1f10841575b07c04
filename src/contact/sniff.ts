import { Fault } from "../kernel/fault.ts";
import { CsvScanner } from "./csv.ts";

export type Encoding = "utf-8" | "utf-16le" | "utf-16be";

/**
 * The encoding that the first bytes of a file tell: by its byte order mark, else UTF-8.
 * @throws Fault `import-format` when it is no text file at all
 */
export function sniffEncoding(head: Uint8Array): Encoding {
  const [first, second] = head;
  if (first === 0x50 && second === 0x4b)
    throw new Fault("import-format", "This is a workbook or an archive (.xlsx, .ods, .zip), not a CSV file. Save it as “CSV UTF-8” and import that.");
  if (first === 0x1f && second === 0x8b) throw new Fault("import-format", "This file is compressed (gzip). Unpack it and import the CSV file in it.");
  if (first === 0xd0 && second === 0xcf)
    throw new Fault("import-format", "This is an old Excel workbook (.xls), not a CSV file. Save it as “CSV UTF-8” and import that.");
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return "utf-8";
}

/** What may stand between two cells; where the file does not decide, the earlier one is taken. */
export const delimiters = [",", ";", "\t", "|"] as const;

/** Records looked at. */
const sample = 20;

/**
 * The delimiter of a file: the one by which the most rows have as many cells as the header, and of those the one that gives
 * most columns.
 * @param head the beginning of the file; its last line may be cut
 */
export function sniffDelimiter(head: string): string {
  let best: { delimiter: string; agreeing: number; columns: number } | undefined;
  for (const delimiter of delimiters) {
    const scanner = new CsvScanner(delimiter);
    const records = [...scanner.push(head), ...scanner.end()].slice(0, sample);
    const columns = records[0]?.cells.length ?? 1;
    if (columns < 2) continue;
    const agreeing = records.filter(({ cells }) => cells.length === columns).length / records.length;
    if (best === undefined || agreeing > best.agreeing || (agreeing === best.agreeing && columns > best.columns))
      best = { delimiter, agreeing, columns };
  }
  return best?.delimiter ?? ",";
}
