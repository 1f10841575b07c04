import callingConsents from "./calling-consents.json" with { type: "json" };
import { beginsAt, numbersOf } from "./legal-caps.ts";

/** A law that wants consent to calls, as calling-consents.json has it. */
export interface ConsentRow {
  /** A country (ISO 3166-1). */
  readonly place: string;
  /** The first day. */
  readonly from: string;
  /** Whether a relationship of business that still counts will do. */
  readonly relationship: boolean;
  readonly source: string;
}

/** Where the law wants consent to calls that sell, by how numbers there begin (three characters of E.164): for the database, which decides for whom. */
export type ConsentLaws = Readonly<Record<string, { readonly from: string; readonly relationship: boolean }>>;

/** What the law says of consent to calls. @throws RangeError for a row of a place that is not known */
export function legalConsents(rows: readonly ConsentRow[] = callingConsents.rows): ConsentLaws {
  return Object.fromEntries(
    rows.flatMap(({ place, from, relationship }) => numbersOf(place).map((prefix) => [prefix, { from: beginsAt(from), relationship }])),
  );
}
