import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fault } from "../kernel/fault.ts";
import type { CsvRecord } from "./csv.ts";
import { DateFormats, SharedTexts, SheetRows } from "./sheet.ts";
import { type XmlListener, XmlScanner } from "./xml.ts";
import { ZipFile } from "./zip-engine.ts";

/** A workbook's table of contents is at its end, so it is laid down first; no longer than that. */
const maxBytes = 2 ** 30;

/** What is said about the sheets is held while they are read. No workbook that people make has more of it. */
const maxAboutBytes = 16 * 2 ** 20;

/**
 * The rows of one sheet of a workbook (.xlsx, ECMA-376), some at a time. The file is laid into the directory for temporary files meanwhile, readable by us alone.
 * @param sheet its name; the first of the workbook if undefined
 * @throws Fault `import-format`, `import-columns`
 */
export async function* readWorkbook(file: AsyncIterable<Uint8Array>, sheet: string | undefined): AsyncGenerator<readonly CsvRecord[]> {
  const folder = await mkdtemp(join(tmpdir(), "carillon-import-"));
  let handle: FileHandle | undefined;
  try {
    handle = await open(join(folder, "workbook"), "wx+", 0o600);
    let bytes = 0;
    for await (const piece of file) {
      bytes += piece.length;
      if (bytes > maxBytes)
        throw new Fault("import-format", `The workbook has more than ${maxBytes / 2 ** 20} MB. Save it as “CSV UTF-8” and import that.`);
      await handle.write(piece);
    }
    const zip = await ZipFile.open(handle);
    const shared = new SharedTexts();
    await hear(zip, "xl/sharedStrings.xml", shared);
    const dates = new DateFormats();
    await hear(zip, "xl/styles.xml", dates, maxAboutBytes);
    const rows = new SheetRows(shared, dates);
    for await (const _ of heard(zip, await partOf(zip, sheet), rows)) yield rows.take();
    yield rows.take();
  } finally {
    await handle?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The part of the workbook that holds a sheet (18.2.20, and relationships, part 2, section 6.5). */
async function partOf(zip: ZipFile, wanted: string | undefined): Promise<string> {
  const sheets: { readonly name: string; readonly id: string }[] = [];
  const targets = new Map<string, string>();
  const listener = (open: XmlListener["open"]): XmlListener => ({ open, text: () => {}, close: () => {} });
  await hear(
    zip,
    "xl/workbook.xml",
    listener((name, attribute) => {
      if (name === "sheet" && sheets.length < 1000) sheets.push({ name: attribute("name") ?? "", id: attribute("[\\w]+:id") ?? "" });
    }),
    maxAboutBytes,
  );
  await hear(
    zip,
    "xl/_rels/workbook.xml.rels",
    listener((name, attribute) => {
      if (name === "Relationship" && targets.size < 10_000) targets.set(attribute("Id") ?? "", attribute("Target") ?? "");
    }),
    maxAboutBytes,
  );
  const found = wanted === undefined ? sheets[0] : sheets.find(({ name }) => name === wanted);
  if (!found) {
    if (sheets.length === 0)
      throw new Fault("import-format", "This is an archive, or a workbook without a sheet. Save the table as “CSV UTF-8” and import that.");
    throw new Fault(
      "import-format",
      `The workbook has no sheet “${wanted}”; it has: ${sheets
        .slice(0, 20)
        .map(({ name }) => name)
        .join(", ")}.`,
    );
  }
  const target = targets.get(found.id) ?? "worksheets/sheet1.xml";
  return target.startsWith("/") ? target.slice(1) : `xl/${target}`;
}

/** Hears all of a part that may be missing. */
async function hear(zip: ZipFile, name: string, listener: XmlListener, most?: number): Promise<void> {
  if (zip.has(name)) for await (const _ of heard(zip, name, listener, most));
}

/** Hears a part piece by piece, and stops after each. */
async function* heard(zip: ZipFile, name: string, listener: XmlListener, most?: number): AsyncGenerator<void> {
  const scanner = new XmlScanner(listener);
  const decoder = new TextDecoder();
  for await (const piece of zip.read(name, most)) {
    scanner.push(decoder.decode(piece, { stream: true }));
    yield;
  }
}
