import type { CountryCode } from "libphonenumber-js/max";
import { channelNames } from "../attempt/result.ts";
import { columnName } from "../contact/columns.ts";
import type { CsvRecord } from "../contact/csv.ts";
import { Fault } from "../kernel/fault.ts";
import { checkConsent, consentKinds, type NewConsent } from "./consent.ts";
import type { Whom } from "./suppression.ts";
import { expiryNames, heldBy, readDay, readWhom } from "./suppression-row.ts";

/** What holds for every row that does not say otherwise. `obtainedAt` in epoch ms. */
export type ConsentDefaults = Partial<Pick<NewConsent, "kind" | "purpose" | "channel" | "source" | "obtainedAt">>;

const names = {
  kind: ["kind"],
  purpose: ["purpose"],
  channel: ["channel"],
  obtained: ["obtained_at", "obtained", "consented_at", "agreed_at"],
  source: ["source"],
  proof: ["proof", "evidence"],
  expires: expiryNames,
} as const;
type Column = keyof typeof names;

/** What the columns of a file of consents hold; columns count from 0. */
export interface ConsentPlan {
  readonly header: readonly string[];
  readonly whom: readonly { readonly index: number; readonly holds: Whom["kind"] }[];
  readonly at: Readonly<Partial<Record<Column, number>>>;
}

/**
 * What the header says of the file.
 * @throws Fault `import-columns` when nobody is named, or what a consent must have is in no column and said for all of none
 */
export function planConsents(first: readonly string[], defaults: ConsentDefaults): { readonly plan: ConsentPlan; readonly isHeader: true } {
  const known = first.map(columnName);
  const whom = first.flatMap((cell, index) => {
    const holds = heldBy(cell, known[index] ?? "");
    return holds === undefined ? [] : [{ index, holds }];
  });
  const at: Partial<Record<Column, number>> = {};
  for (const column of Object.keys(names) as Column[]) {
    const written: readonly string[] = names[column];
    const index = known.findIndex((name) => written.includes(name));
    if (index >= 0) at[column] = index;
  }
  const seen = first.slice(0, 10).map((name) => name.trim().slice(0, 40) || "(no name)");
  if (whom.length === 0)
    throw new Fault(
      "import-columns",
      `The first row must be the names of the columns, one of them phone, email or client_id; it is: ${seen.join(", ")}.`,
    );
  const missing = [
    ...(at.source === undefined && defaults.source === undefined ? ["source"] : []),
    ...(at.obtained === undefined && defaults.obtainedAt === undefined ? ["obtained_at"] : []),
  ];
  if (missing.length > 0)
    throw new Fault(
      "import-columns",
      `There is no column ${missing.join(" and none ")}; add it, or say it once for all rows. The columns are: ${seen.join(", ")}.`,
    );
  return { plan: { header: first, whom, at }, isHeader: true };
}

/** The consents of a row: one for each cell by which somebody is known, or why the row cannot be used. @param now epoch ms */
export function readConsents(
  record: CsvRecord,
  plan: ConsentPlan,
  defaults: ConsentDefaults,
  country: CountryCode,
  now: number,
): { readonly entries: readonly NewConsent[] } | { readonly column: string; readonly reason: string } {
  const named = (index: number | undefined) => (index === undefined ? "" : plan.header[index]?.trim() || `column ${index + 1}`);
  if (record.fault) return { column: named(record.fault.column), reason: record.fault.reason };
  const cell = (column: Column) => {
    const index = plan.at[column];
    const text = index === undefined ? "" : (record.cells[index] ?? "").trim();
    return text === "" ? undefined : text;
  };
  const refused = (column: Column, reason: string) => ({ column: named(plan.at[column] ?? plan.whom[0]?.index), reason });
  const kind = oneOf(consentKinds, cell("kind") ?? defaults.kind ?? "consent");
  if (kind === undefined) return refused("kind", `is none of ${consentKinds.join(", ")}`);
  const wanted = cell("channel") ?? defaults.channel;
  const channel = wanted === undefined ? undefined : oneOf(channelNames, wanted);
  if (wanted !== undefined && channel === undefined)
    return refused("channel", `is none of ${channelNames.join(", ")}; leave it empty for all of them`);
  const obtainedText = cell("obtained");
  const obtainedAt = obtainedText === undefined ? defaults.obtainedAt : obtainedOf(obtainedText);
  if (obtainedAt === undefined) return refused("obtained", "is empty; say when they agreed");
  if (Number.isNaN(obtainedAt)) return refused("obtained", `“${obtainedText?.slice(0, 40)}” is no time; write 2026-01-31, or 2026-01-31T10:30:00Z`);
  if (obtainedAt > now) return refused("obtained", "lies in the future");
  const expiresText = cell("expires");
  const expiresAt = expiresText === undefined ? undefined : readDay(expiresText);
  if (Number.isNaN(expiresAt)) return refused("expires", `“${expiresText?.slice(0, 40)}” is no date; write 2026-12-31`);
  if (expiresAt !== undefined && expiresAt <= obtainedAt) return refused("expires", "ends before it was obtained");
  const source = cell("source") ?? defaults.source;
  if (source === undefined) return refused("source", "is empty; say how it came: a form, a call, a letter");
  const [purpose, proof] = [cell("purpose") ?? defaults.purpose, cell("proof")];
  const entries: NewConsent[] = [];
  for (const { index, holds } of plan.whom) {
    const text = (record.cells[index] ?? "").trim().replace(/^'/, "");
    if (text === "") continue;
    const whom = readWhom(text, holds, country);
    if (typeof whom === "string") return { column: named(index), reason: whom };
    const said = { ...(channel !== undefined && { channel }), ...(purpose !== undefined && { purpose }), ...(proof !== undefined && { proof }) };
    const consent: NewConsent = { kind, whom, obtainedAt, source, ...said, ...(expiresAt !== undefined && { expiresAt }) };
    const fault = faultOf(consent, now);
    if (fault !== undefined) return refused(/purpose/i.test(fault) ? "purpose" : /proof/.test(fault) ? "proof" : "source", fault);
    entries.push(consent);
  }
  return entries.length === 0 ? { column: named(plan.whom[0]?.index), reason: "is empty" } : { entries };
}

function faultOf(consent: NewConsent, now: number): string | undefined {
  try {
    checkConsent(consent, now);
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
}

function oneOf<Word extends string>(words: readonly Word[], text: string): Word | undefined {
  return words.find((word) => word === text.toLowerCase());
}

/** A day is its midnight, UTC: before whatever was said on it. @returns epoch ms, or NaN */
function obtainedOf(text: string): number {
  const written = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text.replace(" ", "T");
  return /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/.test(written) ? Date.parse(written) : Number.NaN;
}
