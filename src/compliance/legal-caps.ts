import type { ChannelName } from "../attempt/result.ts";
import areaCodes from "./area-codes.json" with { type: "json" };
import callingCaps from "./calling-caps.json" with { type: "json" };
import type { NewCap } from "./frequency.ts";
import type { PlaceFields } from "./place.ts";
import postalCodes from "./postal-codes.json" with { type: "json" };

/** A cap by law, as calling-caps.json has it. */
export interface CapRow {
  /** A state of the United States (ISO 3166-2), or another country (ISO 3166-1). */
  readonly place: string;
  /** The first day. */
  readonly from: string;
  readonly most: number;
  readonly windowH: number;
  readonly channels: readonly string[];
  readonly source: string;
  /** It holds where debts are collected; what it is called behind its place. */
  readonly debts?: string;
  /** It allows so many on one subject: what a campaign about another one did does not count. */
  readonly bySubject?: boolean;
  /** Absent: of a person, on all addresses together. */
  readonly per?: string;
}

/** Where a cap of the law holds and what it counts: for the database, which decides for whom while it counts. */
export interface CapLaw {
  readonly place: string;
  readonly source: string;
  /** RFC 3339: when the first day begins where on earth it begins first. */
  readonly from: string;
  readonly channels: readonly ChannelName[];
  /** It holds where a cap for debts does (`usDebtCaps`): that is how a campaign says that it collects them. */
  readonly debts?: true;
  /** It counts by subject: between two campaigns that name different ones it does not. */
  readonly bySubject?: true;
  /** Numbers that begin with one of these are there, or may be: three or five characters of E.164. */
  readonly numbers: readonly string[];
  /** Of people with a number of North America, by the fields of the list: the state, and the first three digits of the ZIP code. */
  readonly states: readonly string[];
  readonly zips: readonly string[];
  readonly stateField: string;
  readonly postalField: string;
}

/** Calling codes of countries that have a law of their own. */
const callingCodes: Readonly<Record<string, string>> = { DE: "+49", FR: "+33" };
/** East of all others (Kiribati). */
const earliestMs = 14 * 3_600_000;

/** What the law says of how often, as caps. @throws RangeError for a row of a place that is not known */
export function legalCaps(fields: PlaceFields, rows: readonly CapRow[] = callingCaps.rows): readonly (NewCap & { readonly law: CapLaw })[] {
  return rows.map((row) => ({
    name: `law of ${row.place}${row.debts === undefined ? "" : ` (${row.debts})`}`,
    ...{ kind: "law" as const, per: row.per === "address" ? ("address" as const) : ("person" as const), most: row.most, windowS: row.windowH * 3600 },
    law: lawOf(row, fields),
  }));
}

function lawOf({ place, source, from, channels, debts, bySubject }: CapRow, { stateField = "", postalField = "" }: PlaceFields): CapLaw {
  const state = stateOf(place);
  return {
    ...{ place, source, from: beginsAt(from), channels: channels as readonly ChannelName[] },
    ...(debts !== undefined && { debts: true as const }),
    ...(bySubject && { bySubject: true as const }),
    ...{
      numbers: numbersOf(place),
      states: state === undefined ? [] : [state],
      zips: state === undefined ? [] : zipsOf(state),
      stateField,
      postalField,
    },
  };
}

/** How numbers of a place begin: three or five characters of E.164. @throws RangeError for one whose numbers are not known */
export function numbersOf(place: string): readonly string[] {
  const state = stateOf(place);
  const numbers = state === undefined ? [callingCodes[place] ?? ""] : codesOf(state).map((code) => `+1${code}`);
  if (numbers.some((prefix) => prefix.length !== 3 && prefix.length !== 5)) throw new RangeError(`${place} is no place whose numbers are known`);
  return numbers;
}

/** RFC 3339: when a day begins where on earth it begins first. */
export function beginsAt(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - earliestMs).toISOString();
}

function stateOf(place: string): string | undefined {
  return /^US-([A-Z]{2})$/.exec(place)?.[1];
}

function codesOf(state: string): readonly string[] {
  return Object.entries(areaCodes.codes).flatMap(([code, [, states = ""]]) => (states.split(" ").includes(state) ? [code] : []));
}

function zipsOf(state: string): readonly string[] {
  const found: string[] = [];
  for (const [range = "", , states = ""] of postalCodes.zips) {
    if (!states.split(" ").includes(state)) continue;
    const [first = "", last = first] = range.split("-");
    for (let prefix = Number(first); prefix <= Number(last); prefix++) found.push(String(prefix).padStart(3, "0"));
  }
  return found;
}
