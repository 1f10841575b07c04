/** A claim of a benchmark, held against its limit. */
export interface Gate {
  readonly name: string;
  readonly value: number;
  readonly op: "<=" | ">=";
  readonly limit: number;
  readonly pass: boolean;
}

/** A value that is no number passes nothing. */
export function gate(name: string, value: number, op: Gate["op"], limit: number): Gate {
  const pass = op === "<=" ? value <= limit : value >= limit;
  return { name, value: Number.isFinite(value) ? rounded(value) : value, op, limit, pass };
}

/** The middle value; of an even count the mean of the two in the middle. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)] ?? Number.NaN;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** The smallest value that at least this share of all values does not exceed (nearest rank). NaN of nothing. @param share 0..1 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** How many a second, between the first and the last of these times (ms) with a quarter cut off at each end: without ramps. */
export function steadyRate(timesMs: readonly number[]): number {
  const sorted = timesMs.toSorted((a, b) => a - b);
  const from = Math.floor(sorted.length / 4);
  const to = Math.ceil((sorted.length * 3) / 4) - 1;
  const spanMs = (sorted[to] ?? Number.NaN) - (sorted[from] ?? Number.NaN);
  return spanMs > 0 ? ((to - from) * 1000) / spanMs : Number.NaN;
}

/** The last line of a benchmark's output. */
export function verdictLine(bench: string, gates: readonly Gate[]): string {
  return JSON.stringify({ bench, gates });
}

/** Columns as wide as their widest cell; the first to the left, the others to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const texts = rows.map((row) => row.map((cell) => (typeof cell === "number" ? String(rounded(cell)) : cell)));
  const widths = (texts[0] ?? []).map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ");
  return texts.map((row) => line(row).trimEnd()).join("\n");
}

/** Three figures that count. */
function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(3));
}
