import { csvRecord } from "./csv.ts";
import { type Cell, type Column, namedRow } from "./table.ts";
import { workbook } from "./workbook-engine.ts";

export const formats = ["json", "csv", "xlsx"] as const;
export type Format = (typeof formats)[number];

export const mediaTypes: Readonly<Record<Format, string>> = {
  json: "application/json; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};

type Rows = AsyncIterable<readonly Cell[]> | Iterable<readonly Cell[]>;

/** A table as a file, made while its rows come. JSON is an array of objects by the names of the columns. @param title of a workbook's sheet */
export async function* document(format: Format, title: string, columns: readonly Column[], rows: Rows): AsyncGenerator<Buffer> {
  const heads = columns.map(({ name }) => name);
  if (format === "xlsx") yield* workbook(title, withHeads(heads, rows));
  else if (format === "csv") for await (const row of withHeads(heads, rows)) yield Buffer.from(csvRecord(row));
  else {
    let before = "[\n";
    for await (const row of rows) {
      yield Buffer.from(`${before}${JSON.stringify(namedRow(columns, row))}`);
      before = ",\n";
    }
    yield Buffer.from(before === "[\n" ? "[]\n" : "\n]\n");
  }
}

async function* withHeads(heads: readonly string[], rows: Rows): AsyncGenerator<readonly Cell[]> {
  yield heads;
  yield* rows;
}
