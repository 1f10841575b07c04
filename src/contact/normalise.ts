import { type CountryCode, isSupportedCountry, ParseError, parsePhoneNumberWithError } from "libphonenumber-js/max";
import { IANAZone } from "luxon";
import { Fault } from "../kernel/fault.ts";
import { isPhoneNumber, type PhoneNumber } from "../kernel/phone.ts";
import type { NumberKind } from "./contact.ts";
import { readPlainNumber } from "./number-plan.ts";

/** Whether there is a country of that code (ISO 3166-1 alpha-2, capital letters). */
export function isCountry(code: string): code is CountryCode {
  return isSupportedCountry(code);
}

/** A number that can be dialled, or why the text is none. `kind` is what the numbering plan knows of it. */
export type ReadNumber = { readonly number: PhoneNumber; readonly kind: NumberKind } | { readonly reason: string };

/**
 * The country to which numbers without + belong.
 * @param code ISO 3166-1 alpha-2. Fault `import-country` when there is none of that code
 */
export function readCountry(code: string): CountryCode {
  const upper = code.toUpperCase();
  if (!isSupportedCountry(upper)) throw new Fault("import-country", `“${code}” is no country; give its two letters (ISO 3166-1), such as US or GB.`);
  return upper;
}

/** Types of the numbering plan that nobody is to be called on: they cost the caller, or no person answers. */
const refusedTypes: Readonly<Record<string, string>> = {
  PREMIUM_RATE: "a premium-rate number",
  SHARED_COST: "a shared-cost number",
  PAGER: "a pager",
  VOICEMAIL: "a voicemail access number",
};

/**
 * Reads a telephone number as people write it and brings it into E.164 form, by the numbering plans of libphonenumber.
 * @param text trimmed and not empty
 */
export function readNumber(text: string, country: CountryCode): ReadNumber {
  return readPlainNumber(text, country) ?? readAnyNumber(text, country);
}

/** The same by libphonenumber alone, which takes some 20 times as long. */
export function readAnyNumber(text: string, country: CountryCode): ReadNumber {
  if (/^\d(?:[.,]\d+)?e\+?\d+$/i.test(text)) return { reason: `a spreadsheet has turned the number into ${text}; format the column as text` };
  // A column that passed through a calculation: 2125550123.0
  const plain = text.replace(/\.0$/, "");
  if (plain.length > 40) return { reason: "too long for a number" };
  if (/\p{L}/u.test(plain.replace(/(?:ext\.?|x|extension)\s*\d+$/i, ""))) return { reason: "has letters in it" };
  try {
    const parsed = parsePhoneNumberWithError(plain, { defaultCountry: country, extract: false });
    if (parsed.ext !== undefined) return { reason: "has an extension, which cannot be dialled" };
    if (!parsed.isPossible()) return { reason: lengthReason(plain, country) };
    const where = parsed.country ?? (plain.startsWith("+") ? `+${parsed.countryCallingCode}` : country);
    if (!parsed.isValid()) return { reason: `not a number of ${where}` };
    const type = parsed.getType();
    const refused = type === undefined ? undefined : refusedTypes[type];
    if (refused !== undefined) return { reason: refused };
    if (!isPhoneNumber(parsed.number)) return { reason: `not a number of ${where}` };
    return { number: parsed.number, kind: type === "MOBILE" ? "mobile" : type === "FIXED_LINE" ? "landline" : "unknown" };
  } catch (error) {
    return { reason: error instanceof ParseError ? (parseReasons[error.message] ?? "not a number") : "not a number" };
  }
}

const parseReasons: Readonly<Record<string, string>> = {
  INVALID_COUNTRY: "begins with no country code that exists",
  TOO_SHORT: "too short",
  TOO_LONG: "too long",
  NOT_A_NUMBER: "not a number",
};

function lengthReason(text: string, country: CountryCode): string {
  const digits = text.replace(/\D/g, "").length;
  const where = text.startsWith("+") ? "" : ` for a number of ${country}`;
  return `${digits < 10 ? "too short" : digits > 11 ? "too long" : "of the wrong length"}${where}`;
}

const zones = new Map<string, boolean>();
/** Names remembered, at most: there are some 600 zones, and a bad column must not fill the memory. */
const maxZonesKnown = 2000;

/** Whether the text names a zone of the IANA database, such as America/Chicago; an offset from UTC does not. */
export function isZone(text: string): boolean {
  const known = zones.get(text);
  if (known !== undefined) return known;
  const valid = /^[A-Za-z]/.test(text) && IANAZone.isValidZone(text);
  if (zones.size < maxZonesKnown) zones.set(text, valid);
  return valid;
}
