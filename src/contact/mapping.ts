import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { Fault } from "../kernel/fault.ts";
import { type ColumnPlan, columnName, fieldsOf, listed, maxPhoneColumns, planColumns } from "./columns.ts";
import { type NumberKind, numberKinds } from "./contact.ts";
import { encodings, formats } from "./form.ts";
import { lookupNames } from "./lookup/options.ts";
import { selectionFault, selectionSchema } from "./selection.ts";

const placeSchema = Type.Union(
  [
    Type.String({ minLength: 1, maxLength: 200, description: "Its name in the first row; in NDJSON the name of the property." }),
    Type.Integer({ minimum: 1, maximum: 500, description: "Its place, from 1." }),
    Type.Object(
      {
        from: Type.Integer({ minimum: 1, maximum: 100_000, description: "The first character of it, from 1." }),
        width: Type.Integer({ minimum: 1, maximum: 10_000, description: "Characters." }),
      },
      { additionalProperties: false, description: "Its place in a line of fixed width." },
    ),
  ],
  { description: "Which column of the file." },
);

/** Which column of a file is what, and how the file is written: for files that do not say it themselves, and come again. */
export const mappingSchema = Type.Object(
  {
    format: Type.Optional(Type.Enum([...formats], { description: "Absent: recognised by the file's beginning." })),
    encoding: Type.Optional(Type.Enum([...encodings], { description: "Absent: by the byte order mark, else UTF-8 if it is that, else CP1252." })),
    delimiter: Type.Optional(Type.String({ minLength: 1, maxLength: 1, description: "What stands between two cells. Absent: recognised." })),
    header: Type.Optional(Type.Boolean({ description: "Whether the first row holds names, which is usual; of fixed width it is not." })),
    sheet: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: "Of a workbook: the name of the sheet. Absent: the first." })),
    columns: Type.Optional(
      Type.Array(
        Type.Object(
          {
            column: placeSchema,
            as: Type.Enum(["number", "mailbox", "clientId", "timeZone", "field", "nothing"]),
            kind: Type.Optional(Type.Enum([...numberKinds], { description: "Of a number whose kind its numbering plan does not tell." })),
            name: Type.Optional(
              Type.String({ minLength: 1, maxLength: 200, description: "Of a field: the name by which scripts and templates know it." }),
            ),
          },
          { additionalProperties: false },
        ),
        { minItems: 1, maxItems: 500, description: "Numbers and mailboxes in the order in which they are tried. Absent: recognised by their names." },
      ),
    ),
    rest: Type.Optional(Type.Enum(["field", "nothing"], { description: "What columns are that `columns` does not name; `field` is usual." })),
    rules: Type.Optional(selectionSchema),
    lookups: Type.Optional(lookupNames),
  },
  { additionalProperties: false },
);

export type Mapping = Static<typeof mappingSchema>;
type MappedColumn = NonNullable<Mapping["columns"]>[number];
type Place = MappedColumn["column"];

/** Reads a mapping that somebody has written. @throws Fault `mapping-invalid`, saying where and what */
export function readMapping(document: unknown): Mapping {
  if (!Value.Check(mappingSchema, document)) {
    const [first] = Value.Errors(mappingSchema, document);
    throw new Fault("mapping-invalid", `The mapping is not understood${first ? `: ${first.instancePath || "/"} ${first.message}` : ""}.`);
  }
  const fixed = document.columns?.some(({ column }) => typeof column === "object");
  const named = document.columns?.find(({ column }) => typeof column === "string");
  const bad =
    document.format === "fixed" && !document.columns?.every(({ column }) => typeof column === "object")
      ? "a file of fixed width needs from and width for each of its columns"
      : fixed && document.format !== "fixed"
        ? "from and width are for files of the format fixed"
        : document.header === false && named
          ? `without a header no column is called “${String(named.column)}”; give its place`
          : document.columns && !document.columns.some(({ as }) => as === "number" || as === "mailbox")
            ? "one column at least must be a number or a mailbox"
            : document.header === false && !document.columns
              ? "without a header it must say in columns what is what"
              : selectionFault(document.rules ?? []);
  if (bad !== undefined) throw new Fault("mapping-invalid", `The mapping does not fit together: ${bad}.`);
  return document;
}

/** The names that a file without a header has for its columns. */
export function headerFor(mapping: Mapping, cells: number): readonly string[] {
  const names = Array.from({ length: cells }, (_, index) => `column ${index + 1}`);
  for (const [index, { column, as, name }] of (mapping.columns ?? []).entries()) {
    const at = typeof column === "number" ? column - 1 : typeof column === "object" ? index : undefined;
    if (at !== undefined && at < cells) names[at] = name ?? (as === "field" ? `column ${at + 1}` : as);
  }
  return names;
}

/** @throws Fault `import-columns`, as `planColumns` */
export function planMapped(header: readonly string[], mapping: Mapping): ColumnPlan {
  const { columns, rest = "field" } = mapping;
  if (!columns) return planColumns(header);
  const places = new Map(columns.map((column, index) => [placeOf(column.column, index, header), column]));
  if (places.size < columns.length) throw new Fault("import-columns", "The mapping names one column twice.");
  const all = (as: MappedColumn["as"]) => [...places].filter(([, column]) => column.as === as);
  const one = (as: "clientId" | "timeZone") => {
    const [found, second] = all(as);
    if (second) throw new Fault("import-columns", `The mapping has two columns for ${as}; there is one of a person.`);
    return found?.[0];
  };
  const phones = all("number").map(([index, { kind = "unknown" }]): { index: number; kind: NumberKind } => ({ index, kind }));
  const mailboxes = all("mailbox").map(([index]) => index);
  if (phones.length > maxPhoneColumns || mailboxes.length > maxPhoneColumns)
    throw new Fault("import-columns", `At most ${maxPhoneColumns} columns with numbers, and as many with mailboxes, can be taken.`);
  const names = header.map((text, index) => columnName(places.get(index)?.name ?? text));
  const taken = new Set([...header.keys()].filter((index) => (places.get(index)?.as ?? rest) !== "field"));
  return { header, phones, mailboxes, clientId: one("clientId"), timeZone: one("timeZone"), fields: fieldsOf(names, taken) };
}

function placeOf(column: Place, index: number, header: readonly string[]): number {
  if (typeof column === "object") return index;
  if (typeof column === "number") {
    if (column <= header.length) return column - 1;
    throw new Fault("import-columns", `The mapping speaks of column ${column}; the file has ${header.length}.`);
  }
  const exact = header.indexOf(column);
  const at = exact >= 0 ? exact : header.findIndex((text) => columnName(text) === columnName(column));
  if (at < 0) throw new Fault("import-columns", `The file has no column “${column}”; it has: ${listed(header)}.`);
  return at;
}
