/* Rows as COPY takes them in its text format (PostgreSQL manual, COPY, "Text Format"). */

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const special = /[\\\n\r\t]/;

/** One row; undefined is null. */
export function copyLine(values: readonly (string | undefined)[]): string {
  return `${values.map(cell).join("\t")}\n`;
}

function cell(value: string | undefined): string {
  if (value === undefined) return "\\N";
  return special.test(value) ? value.replace(/[\\\n\r\t]/g, (found) => escapes[found] ?? found) : value;
}

/** Text PostgreSQL can store: no NUL, no half of a surrogate pair. */
export function storable(text: string): string {
  return text.isWellFormed() && !text.includes("\0") ? text : text.toWellFormed().replaceAll("\0", "");
}

/** What JSON.stringify escapes but jsonb does not take is rare, and looked for before anything is copied. */
const unstorable = /\\u(?:0000|d[89a-f])/;

/** The fields of a contact as JSON that jsonb takes. */
export function fieldsText(fields: Readonly<Record<string, string>>): string {
  const text = JSON.stringify(fields);
  if (!unstorable.test(text)) return text;
  return JSON.stringify(Object.fromEntries(Object.entries(fields).map(([name, value]) => [storable(name), storable(value)])));
}
