import areaCodes from "./area-codes.json" with { type: "json" };
import { countryOf } from "./destination.ts";
import { postalPlaceOf } from "./postal-code.ts";

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
 * Places whose law may hold for the person at a number: the country, each state in which the area code lies, and those of the state and of the postal code that the list says. None where nothing is known.
 * @param number E.164
 * @param said of the contact; what is no state of the United States, and no postal code there or in Canada, is passed over
 */
export function placesOfNumber(number: string, { state, postalCode }: Said = {}): readonly string[] {
  const country = countryOf(number)?.country;
  if (country === undefined) return [];
  if (!number.startsWith("+1")) return [country];
  const named = state?.trim().toUpperCase() ?? "";
  const found = new Set<string>();
  const add = (land: string, of: string) => {
    found.add(land);
    if (of !== "") found.add(territories.has(of) ? of : `${land}-${of}`);
  };
  if (territories.has(country)) add("US", country);
  else for (const each of ["", ...(codeOf(number)?.[1]?.split(" ") ?? [])]) add(country, each);
  if (country === "US" && knownStates.has(named)) add("US", named);
  const postal = postalPlaceOf(postalCode);
  for (const each of postal?.states ?? []) add(postal?.country ?? country, each);
  return [...found];
}

/** The same of a candidate for the gate. */
export function placesOf({ address, fields }: Placed, fieldNames: PlaceFields = {}): readonly string[] {
  return placesOfNumber(address, saidOf(fields, fieldNames));
}

/**
 * Zones in which the person at a number may be, by the number and the postal code; undefined when neither says. Where the postal code lies within what the number says it is the more exact one; where the two
 * disagree (somebody has moved and kept the number) the person may be in either.
 */
export function zonesThere({ address, fields }: Placed, fieldNames: PlaceFields = {}): readonly string[] | undefined {
  const byNumber = zonesOfNumber(address);
  // Codes of other countries look alike.
  const byCode = address.startsWith("+1") ? postalPlaceOf(saidOf(fields, fieldNames).postalCode)?.zones : undefined;
  if (byCode === undefined || byNumber === undefined) return byCode ?? byNumber;
  return byCode.every((zone) => byNumber.includes(zone)) ? byCode : [...new Set([...byNumber, ...byCode])];
}

/** Whom the gate asks about. */
interface Placed {
  readonly address: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** Which fields of contacts say where they live. */
export interface PlaceFields {
  /** The state of the United States, by its two letters. */
  readonly stateField?: string;
  /** The postal code, of the United States or Canada. */
  readonly postalField?: string;
}

/** What a list says of where somebody lives. */
interface Said {
  readonly state?: string | undefined;
  readonly postalCode?: string | undefined;
}

function saidOf(fields: Placed["fields"], { stateField = "", postalField = "" }: PlaceFields): Said {
  return { state: fields?.[stateField], postalCode: fields?.[postalField] };
}

function codeOf(number: string): readonly string[] | undefined {
  return number.startsWith("+1") ? codes[number.slice(2, 5)] : undefined;
}
