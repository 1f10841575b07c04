import type { SpokenDate, SpokenNumber, SpokenTelephone, SpokenTime } from "./say-as-value.ts";

/**
 * Says values in one language, in words that a speech engine cannot mistake: no signs, no digits where the language is known
 * well; a comma where a pause belongs.
 */
export interface Speaker {
  number(value: SpokenNumber): string;
  /** @param currency ISO 4217; `value.fraction` has as many digits as the currency */
  money(value: SpokenNumber, currency: string): string;
  date(value: SpokenDate): string;
  time(value: SpokenTime): string;
  telephone(value: SpokenTelephone): string;
  spelled(characters: readonly string[]): string;
}

/** The parts that there are, with a blank between them. */
export function words(...parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part) => part !== "" && part !== false && part !== undefined).join(" ");
}

/** The day of the week: 0 is Sunday. */
export function weekday({ year, month, day }: SpokenDate): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay();
}

/** Groups of digits, each digit by itself, with a pause between groups. */
export function digitGroups({ plus, groups }: SpokenTelephone, digits: readonly string[], plusWord: string): string {
  const spoken = groups.map((group) => Array.from(group, (digit) => digits[Number(digit)] ?? digit).join(" "));
  return words(plus && plusWord, spoken.join(", "));
}
