import { numberFormat } from "./number-formats.ts";
import { digitGroups, type Speaker } from "./say-as-speaker.ts";
import type { SpokenNumber } from "./say-as-value.ts";

const digits = Array.from("0123456789");

/**
 * Any other language that Intl knows: written as the language writes it, for an engine of that language to read. Numbers
 * have no thousands separators, which engines read as points.
 */
export function intlSpeaker(language: string): Speaker {
  const exact = (value: SpokenNumber) => `${value.negative ? "-" : ""}${value.whole}${value.fraction === "" ? "" : `.${value.fraction}`}`;
  const format = (value: SpokenNumber, options: Intl.NumberFormatOptions) =>
    numberFormat(language, { ...options, useGrouping: false }).format(exact(value) as Intl.StringNumericLiteral);
  const dates = new Intl.DateTimeFormat(language, { dateStyle: "full", timeZone: "UTC" });
  const times = new Intl.DateTimeFormat(language, { timeStyle: "short", timeZone: "UTC" });
  return {
    number: (value) => format(value, { minimumFractionDigits: value.fraction.length, maximumFractionDigits: 6 }),
    money: (value, currency) =>
      format(value, { style: "currency", currency, currencyDisplay: "name", ...(/^0*$/.test(value.fraction) && { maximumFractionDigits: 0 }) }),
    date: ({ year, month, day }) => dates.format(Date.UTC(year, month - 1, day)),
    time: ({ hour, minute }) => times.format(Date.UTC(2000, 0, 1, hour % 24, minute)),
    telephone: (value) => digitGroups(value, digits, "+"),
    spelled: (characters) => characters.map((character) => character.toLocaleUpperCase(language)).join(", "),
  };
}
