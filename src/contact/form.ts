import { Fault } from "../kernel/fault.ts";

export const formats = ["csv", "ndjson", "fixed", "xlsx"] as const;
export type Format = (typeof formats)[number];

/** How text is written in bytes. CP1252 holds Latin-1 (ISO 8859-1) but for control characters that no list has. */
export const encodings = ["utf-8", "utf-16le", "utf-16be", "latin-1", "cp1252"] as const;
export type Encoding = (typeof encodings)[number];

/** The name of the encoding for TextDecoder (WHATWG Encoding, section 4.2, which takes Latin-1 for CP1252 as well). */
export function decoderLabel(encoding: Encoding): string {
  return encoding === "latin-1" || encoding === "cp1252" ? "windows-1252" : encoding;
}

/**
 * What the first bytes of a file tell: a workbook, or text.
 * @throws Fault `import-format` when it is nothing that can be imported, saying what to do
 */
export function sniffFormat(head: Uint8Array): Format {
  const [first, second] = head;
  if (first === 0x50 && second === 0x4b) return "xlsx";
  if (first === 0x1f && second === 0x8b) throw new Fault("import-format", "This file is compressed (gzip). Unpack it and import the CSV file in it.");
  if (first === 0xd0 && second === 0xcf)
    throw new Fault("import-format", "This is an old Excel workbook (.xls), not a CSV file. Save it as “CSV UTF-8” and import that.");
  if (first === 0x25 && second === 0x50)
    throw new Fault("import-format", "This is a PDF document. Import the table it was made from, as a CSV file.");
  return isObjectLine(head) ? "ndjson" : "csv";
}

/** A line that begins with an object of JSON; no CSV does, for `{"` would be a cell with a stray quote. */
function isObjectLine(head: Uint8Array): boolean {
  const text = Buffer.from(head.subarray(0, 200))
    .toString("latin1")
    .replace(/^\u00ef\u00bb\u00bf/, "");
  return /^\s*\{\s*"/.test(text);
}
