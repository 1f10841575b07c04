import { Fault } from "../kernel/fault.ts";
import type { NumberKind } from "./contact.ts";

/** What each column of a file is taken for. Columns count from 0. */
export interface ColumnPlan {
  /** The names as they stand in the file. */
  readonly header: readonly string[];
  /** In the order in which the numbers are to be tried. */
  readonly phones: readonly { readonly index: number; readonly kind: NumberKind }[];
  /** In the order in which the mailboxes are to be tried; columns, from 0. */
  readonly mailboxes: readonly number[];
  readonly clientId: number | undefined;
  readonly timeZone: number | undefined;
  /** Everything else, by the name under which scripts and templates know it. */
  readonly fields: readonly { readonly index: number; readonly name: string }[];
}

/** Columns named by the importing person, by their name in the file; what is absent is recognised by its name. */
export interface ColumnWishes {
  readonly phones?: readonly string[];
  readonly emails?: readonly string[];
  readonly clientId?: string;
  readonly timeZone?: string;
}

export const maxColumns = 500;
/** Longer than any name of a column; what is longer is text, or somebody who means harm. */
const maxNameChars = 200;
/** Addresses of a contact (NewContact) of either sort, so columns with numbers, and columns with mailboxes. */
export const maxPhoneColumns = 10;

/** Ids of the person rather than of the row come first; of several the first is taken, the others are fields. */
const clientIdNames = [
  "client_id",
  "clientid",
  "customer_id",
  "customerid",
  "customer_number",
  "contact_id",
  "person_id",
  "external_id",
  "crm_id",
  "member_id",
  "patient_id",
  "debtor_id",
  "account_id",
  "account_number",
  "id",
];
const timeZoneNames = ["time_zone", "timezone", "tz", "iana_time_zone"];

const phoneWords = new Set(["phone", "telephone", "tel", "msisdn", "phonenumber", "telefon", "telephonenumber"]);
/** Words that say what kind of number it is. Home and work say where it rings, and either may be a mobile. */
const kindWords: Readonly<Record<string, NumberKind>> = {
  mobile: "mobile",
  cell: "mobile",
  cellular: "mobile",
  cellphone: "mobile",
  handy: "mobile",
  landline: "landline",
  fixed: "landline",
};
/** Words that may stand beside them without making it something else, as `type` or `consent` would. */
const besideWords = new Set([
  "number",
  "no",
  "nr",
  "num",
  "home",
  "work",
  "office",
  "business",
  "day",
  "evening",
  "primary",
  "main",
  "preferred",
  "first",
  "second",
  "third",
  "secondary",
  "alternate",
  "alternative",
  "alt",
  "other",
  "line",
  "contact",
  "customer",
  "e164",
]);

const mailboxWords = new Set(["email", "mail", "mailbox", "emailaddress", "mailaddress"]);

/** The name of a column as scripts and templates use it: lower case, `_` for whatever is no letter and no digit. `Amount Due` and `amountDue` are amount_due. */
export function columnName(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/(\p{Ll}|\d)(?=\p{Lu})/gu, "$1_")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_+|_+$/g, "");
}

/** What kind of number a column of that name holds; undefined when it holds none. */
export function phoneKind(name: string): NumberKind | undefined {
  const words = columnName(name)
    .split("_")
    .map((word) => word.replace(/(?<!\d)\d+$/, ""))
    .filter((word) => word !== "");
  const kinds = words.flatMap((word) => kindWords[word] ?? []);
  if (!words.every((word) => phoneWords.has(word) || Object.hasOwn(kindWords, word) || besideWords.has(word))) return undefined;
  if (!words.some((word) => phoneWords.has(word)) && kinds.length === 0) return undefined;
  return kinds[0] ?? "unknown";
}

/** Whether a column of that name holds mailboxes: `email`, `E-Mail 2`, `Work email address`; not `email_opt_in`. */
export function holdsMailboxes(name: string): boolean {
  const words = columnName(name)
    .replace(/(^|_)e_mail/g, "$1email")
    .split("_")
    .map((word) => word.replace(/(?<!\d)\d+$/, ""))
    .filter((word) => word !== "");
  return (
    words.some((word) => mailboxWords.has(word)) &&
    words.every((word) => mailboxWords.has(word) || word === "address" || word === "personal" || besideWords.has(word))
  );
}

/**
 * Finds out which column is what.
 * @throws Fault `import-columns`, saying what to do: no column with numbers or mailboxes, a column that was asked for is not there, too many
 */
export function planColumns(header: readonly string[], wishes: ColumnWishes = {}): ColumnPlan {
  if (header.length > maxColumns) throw new Fault("import-columns", `The file has ${header.length} columns; at most ${maxColumns} can be taken.`);
  const long = header.findIndex((name) => name.trim().length > maxNameChars);
  if (long >= 0) {
    const hint = "The first row must hold the names of the columns.";
    throw new Fault("import-columns", `The name of column ${long + 1} is longer than ${maxNameChars} characters. ${hint}`);
  }
  const names = header.map(columnName);
  const wished = (text: string) => {
    const index = header.indexOf(text) >= 0 ? header.indexOf(text) : names.indexOf(columnName(text));
    if (index < 0) throw new Fault("import-columns", `The file has no column “${text}”; it has: ${listed(header)}.`);
    return index;
  };
  const known = (candidates: readonly string[]) => candidates.map((name) => names.indexOf(name)).find((index) => index >= 0);

  const clientId = wishes.clientId === undefined ? known(clientIdNames) : wished(wishes.clientId);
  const timeZone = wishes.timeZone === undefined ? known(timeZoneNames) : wished(wishes.timeZone);
  const phones =
    wishes.phones === undefined
      ? header.flatMap((name, index) => asPhone(index, phoneKind(name)))
      : wishes.phones.map((name) => ({ index: wished(name), kind: phoneKind(name) ?? "unknown" }));
  const mailboxes =
    wishes.emails === undefined ? header.flatMap((name, index) => (holdsMailboxes(name) ? [index] : [])) : wishes.emails.map((name) => wished(name));
  if (phones.length === 0 && mailboxes.length === 0) {
    const hint = header.some((cell) => /^\+?[\d ().-]{7,}$/.test(cell.trim())) ? " The first row must hold the names of the columns." : "";
    throw new Fault(
      "import-columns",
      `No column with telephone numbers or mailboxes was found among: ${listed(header)}. Name it “phone”, “mobile” or “email”.${hint}`,
    );
  }
  if (phones.length > maxPhoneColumns)
    throw new Fault("import-columns", `The file has ${phones.length} columns with telephone numbers; at most ${maxPhoneColumns} can be taken.`);
  if (mailboxes.length > maxPhoneColumns)
    throw new Fault("import-columns", `The file has ${mailboxes.length} columns with mailboxes; at most ${maxPhoneColumns} can be taken.`);

  const taken = new Set([clientId, timeZone, ...phones.map(({ index }) => index), ...mailboxes]);
  return { header, phones, mailboxes, clientId, timeZone, fields: fieldsOf(names, taken) };
}

function asPhone(index: number, kind: NumberKind | undefined) {
  return kind === undefined ? [] : [{ index, kind }];
}

/** Columns that a rejects file has put in front (rejects.ts): when it comes back they are no facts about the person. */
const rejectsColumns = new Set(["rejected_row", "rejected_line", "rejected_column", "rejected_reason"]);

/** Columns without a name are called by their place; one that has the name of an earlier one gets a number. */
export function fieldsOf(names: readonly string[], taken: ReadonlySet<number | undefined>): { index: number; name: string }[] {
  const used = new Set<string>();
  return names.flatMap((text, index) => {
    if (taken.has(index) || rejectsColumns.has(text)) return [];
    const stem = text === "" ? `column_${index + 1}` : text;
    let name = stem;
    for (let again = 2; used.has(name); again += 1) name = `${stem}_${again}`;
    used.add(name);
    return [{ index, name }];
  });
}

/** The names of columns, for a message. */
export function listed(header: readonly string[]): string {
  const shown = header.slice(0, 20).map((name) => name.trim().slice(0, 40) || "(no name)");
  return shown.join(", ") + (header.length > shown.length ? ", …" : "");
}
