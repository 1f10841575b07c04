import areaCodes from "./area-codes.json" with { type: "json" };
import { countryOf } from "./destination.ts";

/** Dated, with its source; scripts/area-codes.cjs writes it. By area code of North America: zones and states, each with blanks between. */
const codes: Readonly<Record<string, readonly string[]>> = areaCodes.codes;

/** Zones of countries whose numbers do not say more. Where there are several the hours must be open in each. */
const zonesOfCountries: Readonly<Record<string, readonly string[]>> = {
  DE: ["Europe/Berlin"],
  ES: ["Atlantic/Canary", "Europe/Madrid"],
  FR: ["Europe/Paris"],
  GB: ["Europe/London"],
};

/** Where the federal law of the United States holds besides the states. */
const territories = new Set(["AS", "GU", "MP", "PR", "VI"]);
const knownStates = new Set(Object.values(codes).flatMap(([, states = ""]) => states.split(" ").filter((state) => state !== "")));

/**
 * Zones in which the person at a number may be; undefined when the number does not say. An area code that lies in several gives all of them.
 * @param number E.164
 */
export function zonesOfNumber(number: string): readonly string[] | undefined {
  const zones = codeOf(number)?.[0];
  if (zones !== undefined && zones !== "") return zones.split(" ");
  const country = countryOf(number)?.country;
  return country === undefined ? undefined : zonesOfCountries[country];
}

/**
 * Places whose law may hold for the person at a number: the country, and each state in which the area code lies or the contact says to live. None where nothing is known.
 * @param number E.164
 * @param state of the contact, as the list has it; what is no state of the United States is passed over
 */
export function placesOfNumber(number: string, state?: string): readonly string[] {
  const country = countryOf(number)?.country;
  if (country === undefined) return [];
  if (territories.has(country)) return ["US", country];
  const named = state?.trim().toUpperCase() ?? "";
  const states = new Set(codeOf(number)?.[1]?.split(" ") ?? []);
  if (country === "US" && knownStates.has(named)) states.add(named);
  states.delete("");
  return [country, ...[...states].map((each) => `${country}-${each}`)];
}

/** The same of a candidate for the gate. @param stateField the field of contacts that says in which state of the United States they live */
export function placesOf({ address, fields }: { readonly address: string; readonly fields?: Readonly<Record<string, string>> }, stateField = "") {
  return placesOfNumber(address, fields?.[stateField]);
}

function codeOf(number: string): readonly string[] | undefined {
  return number.startsWith("+1") ? codes[number.slice(2, 5)] : undefined;
}
