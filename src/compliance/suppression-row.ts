import type { CountryCode } from "libphonenumber-js/max";
import { columnName, holdsMailboxes, phoneKind } from "../contact/columns.ts";
import type { CsvRecord } from "../contact/csv.ts";
import { readNumber } from "../contact/normalise.ts";
import { Fault } from "../kernel/fault.ts";
import { readMailbox } from "../kernel/mailbox.ts";
import { type ListedWhom, longestClientId, type Whom } from "./suppression.ts";

/** What the columns of a file of suppressions hold; columns count from 0. */
export interface SuppressionPlan {
  /** The names as they stand in the file; none when it has no header. */
  readonly header: readonly string[];
  /** `any`: a number or a mailbox; `split`: area code in the first column, the rest of the number in the second. */
  readonly whom: readonly { readonly index: number; readonly holds: Whom["kind"] | "any" | "split" }[];
  readonly reason: number | undefined;
  readonly expires: number | undefined;
}

export type ReadEntries = { readonly entries: readonly ListedWhom[] } | { readonly column: string; readonly reason: string };

const clientIdNames = [
  "client_id",
  "clientid",
  "customer_id",
  "customer_number",
  "contact_id",
  "external_id",
  "crm_id",
  "account_number",
  "account_id",
];
export const expiryNames = ["expires_at", "expires", "expiry", "until"];
/** What the FTC writes: 212,5550100 (telemarketing.donotcall.gov, "flat file"). */
const areaCode = /^\d{3}$/;
const subscriber = /^\d{7}$/;
const longestReason = 500;

/**
 * What the first record says of the file.
 * @returns undefined for the plan of a file whose first record is an entry already
 * @throws Fault `import-columns` when it is neither the names of columns nor an entry
 */
export function planSuppressions(first: readonly string[]): { readonly plan: SuppressionPlan; readonly isHeader: boolean } {
  const names = first.map(columnName);
  const whom = first.flatMap((cell, index) => {
    const holds = heldBy(cell, names[index] ?? "");
    return holds === undefined ? [] : [{ index, holds }];
  });
  const at = (candidates: readonly string[]) => {
    const index = names.findIndex((name) => candidates.includes(name));
    return index < 0 ? undefined : index;
  };
  if (whom.length > 0) return { plan: { header: first, whom, reason: at(["reason"]), expires: at(expiryNames) }, isHeader: true };
  const cells = first.map((cell) => cell.trim());
  const bare = { header: [], reason: undefined, expires: undefined, isHeader: false };
  if (cells.length === 2 && areaCode.test(cells[0] ?? "") && subscriber.test(cells[1] ?? ""))
    return { plan: { ...bare, whom: [{ index: 0, holds: "split" }] }, isHeader: false };
  if (cells.length === 1 && /\d{5}|@/.test((cells[0] ?? "").replace(/[\s().-]/g, "")))
    return { plan: { ...bare, whom: [{ index: 0, holds: "any" }] }, isHeader: false };
  const seen = first.slice(0, 10).map((name) => name.trim().slice(0, 40) || "(no name)");
  throw new Fault(
    "import-columns",
    `The first row must be the names of the columns, one of them “phone”, “email” or “client_id”, or the file have one column of numbers or mailboxes; it is: ${seen.join(", ")}.`,
  );
}

/** By what a column names people; undefined when it does not. @param name as `columnName` writes it */
export function heldBy(cell: string, name: string): Whom["kind"] | undefined {
  if (clientIdNames.includes(name)) return "client-id";
  if (holdsMailboxes(cell)) return "mailbox";
  return phoneKind(cell) === undefined && name !== "number" ? undefined : "number";
}

/** The entries of a row: one for each cell by which somebody is known, or why the row cannot be used. @param now epoch ms */
export function readSuppressions(record: CsvRecord, plan: SuppressionPlan, country: CountryCode, now: number): ReadEntries {
  const named = (index: number) => plan.header[index]?.trim() || `column ${index + 1}`;
  if (record.fault) return { column: named(record.fault.column), reason: record.fault.reason };
  const reason =
    plan.reason === undefined
      ? ""
      : (record.cells[plan.reason] ?? "")
          .trim()
          .slice(0, longestReason)
          .replace(/\p{Cc}/gu, " ")
          .toWellFormed();
  const expiresText = plan.expires === undefined ? "" : (record.cells[plan.expires] ?? "").trim();
  const expiresAt = expiresText === "" ? undefined : readDay(expiresText);
  if (Number.isNaN(expiresAt)) return { column: named(plan.expires ?? 0), reason: `“${expiresText.slice(0, 40)}” is no date; write 2026-12-31` };
  if (expiresAt !== undefined && expiresAt <= now) return { column: named(plan.expires ?? 0), reason: "has ended already" };
  const entries: ListedWhom[] = [];
  for (const { index, holds } of plan.whom) {
    const text =
      holds === "split" ? `${record.cells[0]?.trim() ?? ""}${record.cells[1]?.trim() ?? ""}` : (record.cells[index] ?? "").trim().replace(/^'/, "");
    if (text === "") continue;
    if (holds === "split" && !/^\d{10}$/.test(text)) return { column: named(index), reason: "is not an area code and the seven digits after it" };
    const read = readWhom(text, holds === "split" ? "number" : holds, country);
    if (typeof read === "string") return { column: named(index), reason: read };
    entries.push({ whom: read, reason, ...(expiresAt !== undefined && { expiresAt }) });
  }
  return entries.length === 0 ? { column: named(plan.whom[0]?.index ?? 0), reason: "is empty" } : { entries };
}

/** A day ends with its last millisecond, UTC. @returns epoch ms, or NaN */
export function readDay(text: string): number {
  if (!/^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))?$/.test(text)) return Number.NaN;
  const at = Date.parse(text);
  return text.includes("T") ? at : at + 86_400_000 - 1;
}

/** Whom the text names, or why it names nobody. @param text trimmed and not empty */
export function readWhom(text: string, holds: Whom["kind"] | "any", country: CountryCode): Whom | string {
  if (holds === "client-id") {
    if (text.length > longestClientId) return `is longer than ${longestClientId} characters`;
    return /\p{Cc}/u.test(text) || !text.isWellFormed() ? "has characters in it that cannot be printed" : { kind: "client-id", value: text };
  }
  if (holds === "mailbox" || (holds === "any" && text.includes("@"))) {
    const read = readMailbox(text);
    return "mailbox" in read ? { kind: "mailbox", value: read.mailbox } : read.reason;
  }
  const number = plainNumber(text, country);
  if (number !== undefined) return { kind: "number", value: number };
  const read = readNumber(text, country);
  return "number" in read ? { kind: "number", value: read.number } : read.reason;
}

/**
 * What is written as it is dialled needs no numbering plan: whether such a number is in use does not matter to who must not call it, and lists hold
 * hundreds of millions of them. ITU-T E.164 §6; of the North American plan ten digits, the first of area code and exchange 2 to 9.
 */
function plainNumber(text: string, country: CountryCode): string | undefined {
  const digits = text.replace(/[\s().-]/g, "");
  if (/^\+[1-9]\d{6,14}$/.test(digits)) return digits;
  if (country !== "US" && country !== "CA") return undefined;
  const ten = /^1?([2-9]\d{2}[2-9]\d{6})$/.exec(digits)?.[1];
  return ten === undefined ? undefined : `+1${ten}`;
}
