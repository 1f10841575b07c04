/** What a spreadsheet begins to calculate at (OWASP, CSV Injection): also in full width, as East Asian keyboards write it. */
const begins = "[=+\\-@＝＋－＠]";
const formula = new RegExp(`^(?:\\s*${begins}|[\\t\\r\\n])`);
const kept = new RegExp(`^'${begins}`);

/** Whether a spreadsheet would take a cell with this text for a formula; an apostrophe before it keeps it from that. */
export function isFormula(text: string): boolean {
  return formula.test(text);
}

/** Whether an apostrophe keeps the text from being a formula. */
export function isKeptFormula(text: string): boolean {
  return kept.test(text);
}
