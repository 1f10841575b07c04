import postalCodes from "./postal-codes.json" with { type: "json" };

/** Where a postal code lies, or may: of a prefix that several states and zones share, all of them. */
export interface PostalPlace {
  /** ISO 3166-1. */
  readonly country: "US" | "CA";
  /** Two letters, of states and provinces. */
  readonly states: readonly string[];
  /** IANA. */
  readonly zones: readonly string[];
}

/** Dated, with its sources; scripts/postal-codes.cjs writes it. */
const byZip = new Map<string, PostalPlace>();
for (const [range = "", zones = "", states = ""] of postalCodes.zips) {
  const [first = "", last = first] = range.split("-");
  const place: PostalPlace = { country: "US", states: states.split(" "), zones: zones.split(" ") };
  for (let prefix = Number(first); prefix <= Number(last); prefix++) byZip.set(String(prefix).padStart(3, "0"), place);
}
const byLetters = new Map(
  postalCodes.canada.map(([letters = "", zones = "", states = ""]): [string, PostalPlace] => [
    letters,
    { country: "CA", states: states.split(" "), zones: zones.split(" ") },
  ]),
);

/** A postal code of the United States (`33101`, `33101-1234`) or of Canada (`M5V 2T6`); undefined for any other, and where no one place belongs to it, as to those of the armed forces. */
export function postalPlaceOf(code: string | undefined): PostalPlace | undefined {
  const text = code?.trim().toUpperCase() ?? "";
  // Spreadsheets take the leading zeros of New England for nothing.
  const [, zip] = /^(\d{3,5})(?:-?\d{4})?$/.exec(text) ?? [];
  if (zip !== undefined && (zip.length === 5 || text === zip)) return byZip.get(zip.padStart(5, "0").slice(0, 3));
  if (!/^[A-Z]\d[A-Z](?:[ -]?\d[A-Z]\d)?$/.test(text)) return undefined;
  return byLetters.get(text.slice(0, 2)) ?? byLetters.get(text.slice(0, 1));
}
