import type { CountryCode } from "libphonenumber-js/max";
import { isKeptFormula } from "../kernel/formula.ts";
import { readMailbox } from "../kernel/mailbox.ts";
import type { ColumnPlan } from "./columns.ts";
import type { Address, NewContact } from "./contact.ts";
import type { CsvRecord } from "./csv.ts";
import { isZone, readNumber } from "./normalise.ts";

/** Something wrong with a cell. */
export interface CellFinding {
  /** The column's name as it stands in the file; `row` when it is the row as a whole. */
  readonly column: string;
  readonly reason: string;
}

export type ReadRow =
  /** `dropped`: numbers and mailboxes that could not be used, of a contact that has another address. */
  { readonly contact: NewContact; readonly dropped: readonly CellFinding[] } | { readonly refused: CellFinding };

export const maxCellChars = 10_000;
export const maxClientIdChars = 200;

/** Makes a contact of a record, or says why it cannot be one. */
export function readRow(record: CsvRecord, plan: ColumnPlan, country: CountryCode): ReadRow {
  const { cells, fault, header = plan.header } = record;
  const nameOf = (index: number) => header[index]?.trim() || `column ${index + 1}`;
  const refuse = (column: string, reason: string): ReadRow => ({ refused: { column, reason } });

  if (fault) return refuse(fault.column < header.length ? nameOf(fault.column) : "row", fault.reason);
  if (cells.length < header.length || (cells.length > header.length && cells.slice(header.length).some((cell) => cell.trim() !== "")))
    return refuse("row", `has ${count(cells.length, "cell")}, the header has ${header.length}`);
  const bad = cells.findIndex((cell) => cell.length > maxCellChars || unusable.test(cell));
  if (bad >= 0) return refuse(nameOf(bad), whyUnusable(cells[bad] ?? ""));
  const cell = (index: number) => plainText(cells[index] ?? "");

  const clientId = plan.clientId === undefined ? "" : cell(plan.clientId);
  if (plan.clientId !== undefined && clientId.length > maxClientIdChars)
    return refuse(nameOf(plan.clientId), `longer than ${maxClientIdChars} characters`);
  const timeZone = plan.timeZone === undefined ? "" : cell(plan.timeZone);
  if (plan.timeZone !== undefined && timeZone !== "" && !isZone(timeZone))
    return refuse(nameOf(plan.timeZone), "not a zone of the IANA database, such as America/Chicago");

  const addresses: Address[] = [];
  const dropped: CellFinding[] = [];
  for (const { index, kind } of plan.phones) {
    const text = cell(index);
    if (text === "") continue;
    const read = readNumber(text, country);
    if ("reason" in read) dropped.push({ column: nameOf(index), reason: read.reason });
    // What the numbering plan knows is surer than what the column is called.
    else if (!addresses.some((known) => "number" in known && known.number === read.number))
      addresses.push({ number: read.number, kind: read.kind === "unknown" ? kind : read.kind });
  }
  for (const index of plan.mailboxes) {
    const text = cell(index);
    if (text === "") continue;
    const read = readMailbox(text);
    if ("reason" in read) dropped.push({ column: nameOf(index), reason: read.reason });
    else if (!addresses.some((known) => known.kind === "email" && known.mailbox === read.mailbox))
      addresses.push({ kind: "email", mailbox: read.mailbox });
  }
  if (addresses.length === 0) {
    const [first] = dropped;
    if (first !== undefined) return { refused: first };
    const [phone] = plan.phones;
    const missing =
      phone === undefined ? "no mailbox" : plan.mailboxes.length === 0 ? "no telephone number" : "neither a telephone number nor a mailbox";
    return refuse(nameOf(phone?.index ?? plan.mailboxes[0] ?? 0), missing);
  }
  const fields: Record<string, string> = {};
  for (const { index, name } of plan.fields) fields[name] = cell(index);
  return { contact: { ...(clientId !== "" && { clientId }), ...(timeZone !== "" && { timeZone }), addresses, fields }, dropped };
}

const unusable = /[\0\uFFFD]/;

function whyUnusable(cell: string): string {
  if (cell.includes("\uFFFD")) return "has bytes that are not UTF-8; save the file as UTF-8";
  return cell.includes("\0") ? "has a NUL character" : `longer than ${maxCellChars} characters`;
}

/** Whether nothing stands in the record at all: such lines end many files, and are no rows. */
export function isBlank(record: CsvRecord): boolean {
  return record.fault === undefined && record.cells.every((cell) => cell.trim() === "");
}

const apostrophe = 0x27;

/** A cell without the blanks around it, and without the apostrophe that keeps spreadsheets from calculating (rejects.ts writes it). */
function plainText(cell: string): string {
  const text = cell.trim();
  return text.charCodeAt(0) === apostrophe && isKeptFormula(text) ? text.slice(1) : text;
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}
