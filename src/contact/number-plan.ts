import type { CountryCode } from "libphonenumber-js/max";
import numberingPlans from "libphonenumber-js/max/metadata";
import { isPhoneNumber, type PhoneNumber } from "../kernel/phone.ts";
import type { NumberKind } from "./contact.ts";

/*
 * The short way for numbers that are plainly written and plainly good, which most are: the numbering plans of libphonenumber read
 * as the library reads them (version pinned in package.json), with each pattern made once instead of at every number, which is where its time goes.
 * Whatever is not plain is left to the library: unusual writing, dialling prefixes, and every number that is no good, so that the reasons are its own.
 * A test compares the two over all countries.
 */

/** One country's plan: places of the library's metadata (version 4 of its form; its source/metadata.js has their names). */
interface Plan {
  readonly callingCode: string;
  readonly dialOut: RegExp;
  readonly anyNumber: RegExp;
  readonly lengths: readonly number[];
  /** Undefined where its digits may be more than a prefix, as in Brazil and Argentina. */
  readonly trunkPrefix: RegExp | "none" | undefined;
  readonly leading: RegExp | undefined;
  readonly types: readonly (Type | undefined)[];
  readonly fixedOrMobile: boolean;
}

interface Type {
  readonly lengths: readonly number[] | undefined;
  readonly pattern: RegExp;
}

const typeNames = [
  "FIXED_LINE",
  "MOBILE",
  "TOLL_FREE",
  "PREMIUM_RATE",
  "PERSONAL_NUMBER",
  "VOICEMAIL",
  "UAN",
  "PAGER",
  "VOIP",
  "SHARED_COST",
] as const;
type TypeName = (typeof typeNames)[number];
/** In the order in which the library asks. */
const others: readonly TypeName[] = ["MOBILE", "PREMIUM_RATE", "TOLL_FREE", "SHARED_COST", "VOIP", "PERSONAL_NUMBER", "PAGER", "UAN", "VOICEMAIL"];
/** Types that are taken here, and what they are; those that are refused are the library's. */
const kinds: Readonly<Partial<Record<TypeName | "FIXED_LINE_OR_MOBILE", NumberKind>>> = {
  FIXED_LINE: "landline",
  MOBILE: "mobile",
  FIXED_LINE_OR_MOBILE: "unknown",
  TOLL_FREE: "unknown",
  PERSONAL_NUMBER: "unknown",
  UAN: "unknown",
  VOIP: "unknown",
};

const plans = new Map<string, Plan | undefined>();

function planOf(country: string): Plan | undefined {
  if (plans.has(country)) return plans.get(country);
  const raw: unknown = Reflect.get(numberingPlans.countries, country);
  const plan = Array.isArray(raw) ? readPlan(raw) : undefined;
  plans.set(country, plan);
  return plan;
}

function readPlan(raw: readonly unknown[]): Plan | undefined {
  const [callingCode, dialOut, anyNumber, lengths] = raw;
  if (typeof callingCode !== "string" || typeof dialOut !== "string" || typeof anyNumber !== "string") return undefined;
  const types = (Array.isArray(raw[11]) ? raw[11] : []).map(readType);
  if (types.length === 0) return undefined;
  const prefix = raw[7] || raw[5];
  return {
    callingCode,
    dialOut: new RegExp(`^(?:${dialOut})`),
    anyNumber: whole(anyNumber),
    lengths: numbers(lengths) ?? [],
    trunkPrefix: typeof prefix !== "string" ? "none" : raw[8] || /\((?!\?:)/.test(prefix) ? undefined : new RegExp(`^(?:${prefix})`),
    leading: typeof raw[10] === "string" ? new RegExp(`^(?:${raw[10]})`) : undefined,
    types,
    // A mobile pattern that would be the landlines' again is left empty.
    fixedOrMobile: !types[1],
  };
}

function readType(raw: unknown): Type | undefined {
  if (!Array.isArray(raw) || typeof raw[0] !== "string" || raw[0] === "") return undefined;
  return { pattern: whole(raw[0]), lengths: numbers(raw[1]) };
}

function numbers(value: unknown): readonly number[] | undefined {
  return Array.isArray(value) ? value.filter((each) => typeof each === "number") : undefined;
}

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

/** A whole number in ASCII digits, perhaps with a + before them and the usual signs between. */
const plainly = /^(?:\+ ?)?\(?\d[\d ().-]*\d$/;
const signs = /[ ().-]+/g;

/** The number, if it is plainly a good one; undefined says nothing about it. @param text trimmed */
export function readPlainNumber(text: string, country: CountryCode): { readonly number: PhoneNumber; readonly kind: NumberKind } | undefined {
  if (text.length > 30 || !plainly.test(text) || text.endsWith(".0")) return undefined;
  const digits = text.replace(signs, "").replace("+", "");
  const found = text.startsWith("+") ? fromAbroad(digits) : atHome(digits, country);
  if (!found || found.national.length < 5 || found.national.length > 14) return undefined;
  const { callingCode, national } = found;
  const exact = countryOf(callingCode, national);
  if (!exact?.lengths.includes(national.length)) return undefined;
  const type = typeOf(exact, national);
  const kind = type === undefined ? undefined : kinds[type];
  const number = `+${callingCode}${national}`;
  return kind !== undefined && isPhoneNumber(number) ? { number, kind } : undefined;
}

interface Parts {
  readonly callingCode: string;
  readonly national: string;
}

/** No calling code is the beginning of another. */
function fromAbroad(digits: string): Parts | undefined {
  for (let length = 1; length <= 3; length += 1) {
    const callingCode = digits.slice(0, length);
    const [main] = countriesOf(callingCode);
    if (main !== undefined) return nationalPart(digits.slice(length), main);
  }
  return undefined;
}

function atHome(digits: string, country: string): Parts | undefined {
  const plan = planOf(country);
  if (!plan || plan.dialOut.test(digits)) return undefined;
  const found = nationalPart(digits, country);
  if (!found || (found.national !== digits && !plan.lengths.includes(found.national.length))) return undefined;
  // It may be the country's own code without its +, unless it is a good number as it stands.
  return digits.startsWith(plan.callingCode) && !(plan.anyNumber.test(found.national) && plan.lengths.includes(found.national.length))
    ? undefined
    : found;
}

function nationalPart(digits: string, country: string): Parts | undefined {
  const plan = planOf(country);
  if (plan?.trunkPrefix === undefined) return undefined;
  const { callingCode, trunkPrefix } = plan;
  const prefix = trunkPrefix === "none" ? undefined : trunkPrefix.exec(digits)?.[0];
  if (prefix === undefined) return { callingCode, national: digits };
  const national = digits.slice(prefix.length);
  return plan.anyNumber.test(national) && countryOf(callingCode, national)?.lengths.includes(national.length) ? { callingCode, national } : undefined;
}

function countriesOf(callingCode: string): readonly string[] {
  const countries: unknown = Reflect.get(numberingPlans.country_calling_codes, callingCode);
  return Array.isArray(countries) && String(countries[0]).length === 2 ? countries : [];
}

/** Of the countries that share a calling code the one whose number it is. */
function countryOf(callingCode: string, national: string): Plan | undefined {
  const countries = countriesOf(callingCode);
  if (countries.length === 1) return planOf(countries[0] ?? "");
  for (const country of countries) {
    const plan = planOf(country);
    if (!plan) return undefined;
    if (plan.leading ? plan.leading.test(national) : typeOf(plan, national) !== undefined) return plan;
  }
  return undefined;
}

function typeOf(plan: Plan, national: string): TypeName | "FIXED_LINE_OR_MOBILE" | undefined {
  if (!plan.anyNumber.test(national)) return undefined;
  if (isOf(plan, national, "FIXED_LINE")) return plan.fixedOrMobile || isOf(plan, national, "MOBILE") ? "FIXED_LINE_OR_MOBILE" : "FIXED_LINE";
  return others.find((name) => isOf(plan, national, name));
}

function isOf(plan: Plan, national: string, name: TypeName): boolean {
  const type = plan.types[typeNames.indexOf(name)];
  if (!type) return false;
  return (type.lengths ?? plan.lengths).includes(national.length) && type.pattern.test(national);
}
