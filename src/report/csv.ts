import { isFormula } from "../kernel/formula.ts";
import type { Cell } from "./table.ts";

/** A record of RFC 4180, with CRLF. */
export function csvRecord(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/** A text that no spreadsheet takes for a formula (OWASP, CSV Injection) gets an apostrophe; numbers are what they are. */
export function csvCell(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const safe = isFormula(cell) ? `'${cell}` : cell;
  return /[",\r\n;|\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
