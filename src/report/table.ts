/** What a column holds. Rates are 0..1; times are RFC 3339 texts; money is in the currency of its row. */
export type Unit = "text" | "count" | "rate" | "ms" | "seconds" | "money" | "number";

export interface Column {
  readonly name: string;
  readonly unit: Unit;
  readonly meaning: string;
  /** Only where the report is added up by something. */
  readonly keyed?: boolean;
}

export type Cell = string | number | null;

/** A report as it is shown, written as JSON or CSV, or put into a workbook. */
export interface ReportTable {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

/** @param values by the names of the columns; what is missing is empty */
export function rowOf(columns: readonly Column[], values: Readonly<Record<string, Cell | undefined>>): readonly Cell[] {
  return columns.map(({ name }) => values[name] ?? null);
}

/** The same row by the names of its columns. */
export function namedRow(columns: readonly Column[], row: readonly Cell[]): Record<string, Cell> {
  return Object.fromEntries(columns.map(({ name }, at) => [name, row[at] ?? null]));
}

/** 0..1 with four digits; null where nothing is divided. */
export function share(part: number, whole: number): number | null {
  return whole > 0 ? Math.round((part / whole) * 10_000) / 10_000 : null;
}
