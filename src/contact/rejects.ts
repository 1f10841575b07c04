import { isFormula } from "../kernel/formula.ts";
import type { Rejection } from "./ports.ts";

/** The columns put before those of the imported file. */
const ownColumns = ["rejected_row", "rejected_line", "rejected_column", "rejected_reason"] as const;

/** The first line of a rejects file. */
export function rejectsHeader(header: readonly string[]): string {
  return csvLine([...ownColumns, ...header]);
}

/** One rejected row: why, and the row as it stood, so that it can be put right and imported again. */
export function rejectsLine(rejection: Rejection): string {
  const { row, line, column, reason, raw } = rejection;
  return csvLine([String(row), String(line), column, reason, ...raw]);
}

/** The same as an object on a line of its own, for rows that name their columns themselves: each may have others. */
export function rejectsObject({ row, line, column, reason, raw }: Rejection, names: readonly string[]): string {
  const own = ownColumns.map((name, index) => [name, [row, line, column, reason][index]]);
  return `${JSON.stringify(Object.fromEntries([...own, ...names.map((name, index) => [name, raw[index] ?? ""])]))}\n`;
}

/** A record of RFC 4180, with CRLF. */
function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/**
 * A cell that no spreadsheet takes for a formula (OWASP, CSV Injection): what begins like one gets an apostrophe, which the
 * import takes off again.
 */
function csvCell(text: string): string {
  const safe = isFormula(text) ? `'${text.trimStart()}` : text;
  return /[",\r\n;|\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
