/** Columns of words under their heads, each as wide as its widest cell; without blanks at the ends of lines. */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows.map((row) => row.map(oneLine))];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** A text from outside, fit for a terminal: what would move its cursor or colour it is shown as a question mark. */
export function terminalText(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, "?");
}

/** The same on one line. */
export function oneLine(text: string): string {
  return terminalText(text).replace(/\s+/g, " ");
}

/** 2026-11-22 08:15:00Z */
export function timeCell(at: number): string {
  return new Date(at)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
}

/** 1:02:03 */
export function spanCell(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
}
