import { readFileSync } from "node:fs";
import { CsvScanner } from "../contact/csv.ts";
import { sniffDelimiter } from "../contact/sniff.ts";
import { Fault } from "../kernel/fault.ts";
import { fileTrouble } from "../kernel/file-error.ts";

/** A line of the file: an item as the API takes it, or the cells of a row by their columns. */
export type BulkRow = { readonly line: number } & (
  | { readonly item: unknown }
  | { readonly cells: ReadonlyMap<string, string> }
  | { readonly wrong: string }
);

/** Whoever has more than that imports a file, or has a program of their own. */
const mostBytes = 16 * 1024 * 1024;

/**
 * All rows of a file, before anything is done: NDJSON (.ndjson, .jsonl), one object a line, or else CSV with a header.
 * @param columns those that a CSV file may have; `field.*` stands for any that begins with `field.`
 * @throws Fault `bulk-file`
 */
export function readBulkFile(file: string, columns: readonly string[]): readonly BulkRow[] {
  const text = textOf(file);
  const rows = /\.(?:ndjson|jsonl)$/i.test(file) ? jsonRows(text) : csvRows(file, text, columns);
  if (rows.length === 0) throw new Fault("bulk-file", `${file} has no rows.`);
  return rows;
}

function textOf(file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file === "-" ? 0 : file);
  } catch (error) {
    throw new Fault("bulk-file", `${file} cannot be read: ${fileTrouble(error)}.`, { cause: error });
  }
  if (bytes.length > mostBytes)
    throw new Fault("bulk-file", `${file} has more than 16 MiB: people come in with carillon import, suppressions with carillon suppression load.`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Fault("bulk-file", `${file} is no UTF-8 text; save it as UTF-8.`, { cause: error });
  }
}

function jsonRows(text: string): BulkRow[] {
  return text.split("\n").flatMap((each, index): BulkRow[] => {
    const line = index + 1;
    if (each.trim() === "") return [];
    try {
      return [{ line, item: JSON.parse(each) }];
    } catch {
      return [{ line, wrong: "is no JSON: each line holds one object" }];
    }
  });
}

function csvRows(file: string, text: string, columns: readonly string[]): BulkRow[] {
  // Of the header alone: cells may hold several things between semicolons.
  const scanner = new CsvScanner(sniffDelimiter(text.slice(0, Math.max(0, text.indexOf("\n")) || undefined)));
  const [head, ...records] = [...scanner.push(text), ...scanner.end()];
  const header = head?.cells.map((cell) => cell.trim()) ?? [];
  const strange = header.filter((name) => !columns.some((known) => (known.endsWith("*") ? name.startsWith(known.slice(0, -1)) : name === known)));
  if (strange.length > 0 || new Set(header).size < header.length) {
    const why = strange.length > 0 ? `has a column that is not known here: ${strange.join(", ")}` : "has a column twice";
    throw new Fault("bulk-file", `${file}:1: ${why}. Its columns may be ${columns.join(", ")}.`);
  }
  return records
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ""))
    .map(({ line, cells, fault }): BulkRow => {
      if (fault) return { line, wrong: fault.reason };
      if (cells.length > header.length) return { line, wrong: `has ${cells.length} cells, and the header ${header.length}` };
      return { line, cells: new Map(header.flatMap((name, at) => (cells[at]?.trim() ? [[name, cells[at].trim()]] : []))) };
    });
}
