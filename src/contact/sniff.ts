import { Fault } from "../kernel/fault.ts";
import { CsvScanner } from "./csv.ts";
import { type Encoding, sniffFormat } from "./form.ts";

/**
 * The encoding that the first bytes of a text file tell: by its byte order mark, by zeros where UTF-16 has them, as UTF-8 if they are that, else CP1252.
 * @throws Fault `import-format` when it is no text file at all
 */
export function sniffEncoding(head: Uint8Array): Encoding {
  if (sniffFormat(head) === "xlsx")
    throw new Fault(
      "import-format",
      "This is a workbook or an archive (.xlsx, .ods, .zip), not a text file. Save it as “CSV UTF-8” and import that.",
    );
  const [first, second, third, fourth] = head;
  if ((first === 0xff && second === 0xfe && third === 0 && fourth === 0) || (first === 0 && second === 0 && third === 0xfe && fourth === 0xff))
    throw new Fault("import-format", "This text is in UTF-32, which is not read. Save it as UTF-8 and import that.");
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  const zeros = zerosOf(head);
  if (zeros !== undefined) return zeros;
  try {
    // The last character may be cut.
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    return "utf-8";
  } catch {
    return "cp1252";
  }
}

/** Of Latin letters every other byte is zero in UTF-16, and no other text has any. */
function zerosOf(head: Uint8Array): Encoding | undefined {
  const pairs = Math.min(head.length, 2000) >> 1;
  let [even, odd] = [0, 0];
  for (let at = 0; at < pairs * 2; at += 2) {
    if (head[at] === 0) even += 1;
    if (head[at + 1] === 0) odd += 1;
  }
  const most = pairs * 0.4;
  if (odd > most && even <= pairs * 0.05) return "utf-16le";
  return even > most && odd <= pairs * 0.05 ? "utf-16be" : undefined;
}

/** What may stand between two cells; where the file does not decide, the earlier one is taken. */
export const delimiters = [",", ";", "\t", "|", ":"] as const;

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
