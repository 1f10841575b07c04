import numberingPlan from "./numbering-plan.json" with { type: "json" };

/** Which destinations an account pays for. */
export interface DestinationPolicy {
  /** ISO 3166-1 codes of the countries that may be called. */
  readonly countries: readonly string[];
  /** Whether numbers may be called that cost the caller more: premium rate, shared cost, personal numbers. */
  readonly premium: boolean;
}

/** Dated, with its source; scripts/numbering-plan.cjs writes it. */
interface NumberingPlan {
  readonly dated: string;
  readonly source: string;
  /** By calling code: the main country first, then those that share the code, each with a pattern of national numbers that are its own. */
  readonly callingCodes: Readonly<Record<string, readonly { readonly country: string; readonly pattern?: string }[]>>;
  /** By country: national numbers that cost the caller more. */
  readonly dear: Readonly<Record<string, string>>;
}

const plan: NumberingPlan = numberingPlan;
const patterns = new Map<string, RegExp>();
const longestCallingCode = 3;

/**
 * The country of a number and its national part. Satellite, shared and international networks (+870, +881, +882, +979…) have none.
 * @param number E.164
 */
export function countryOf(number: string): { readonly country: string; readonly national: string } | undefined {
  const digits = number.slice(1);
  for (let length = 1; length <= longestCallingCode; length++) {
    const countries = plan.callingCodes[digits.slice(0, length)];
    const [main, ...others] = countries ?? [];
    if (!main) continue;
    const national = digits.slice(length);
    const other = others.find(({ pattern }) => pattern !== undefined && matches(pattern, national));
    return { country: (other ?? main).country, national };
  }
  return undefined;
}

/** Why a number may not be called, or undefined when it may: the guard against toll fraud. */
export function destinationRefused(number: string, { countries, premium }: DestinationPolicy): "country-not-allowed" | "premium-number" | undefined {
  const place = countryOf(number);
  if (!place || !countries.includes(place.country)) return "country-not-allowed";
  const dear = plan.dear[place.country];
  return !premium && dear !== undefined && matches(dear, place.national) ? "premium-number" : undefined;
}

function matches(pattern: string, national: string): boolean {
  const known = patterns.get(pattern) ?? new RegExp(pattern);
  patterns.set(pattern, known);
  return known.test(national);
}
