import { currencyName, englishCurrencies, type Unit } from "./say-as-currency.ts";
import { digitGroups, type Speaker, weekday, words } from "./say-as-speaker.ts";
import type { SpokenDate, SpokenNumber, SpokenTime } from "./say-as-value.ts";

const small =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(" ");
const tens = "- - twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const scales = ["", "thousand", "million", "billion", "trillion"];
const ordinals =
  "- first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(
    " ",
  );
const months = "- January February March April May June July August September October November December".split(" ");
const days = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const marks: Readonly<Record<string, string>> = {
  "-": "dash",
  ".": "dot",
  "/": "slash",
  _: "underscore",
  "@": "at",
  "#": "number sign",
  "+": "plus",
  "&": "and",
  " ": "space",
};
/** Where the month is said before the day. */
const monthFirst = new Set(["US", "CA", "PH", "PR"]);

/** A whole number in words, 0 to 999,999,999,999,999: "one thousand two hundred forty". */
export function englishNumber(value: number): string {
  if (value < 1000) return belowThousand(value);
  const parts: string[] = [];
  let rest = value;
  for (let scale = 0; rest > 0; scale++) {
    const group = rest % 1000;
    if (group > 0) parts.unshift(words(belowThousand(group), scales[scale]));
    rest = Math.floor(rest / 1000);
  }
  return parts.join(" ");
}

function belowThousand(value: number): string {
  if (value < 20) return small[value] ?? "";
  if (value < 100) return [tens[Math.floor(value / 10)], value % 10 > 0 && small[value % 10]].filter(Boolean).join("-");
  return words(small[Math.floor(value / 100)], "hundred", value % 100 > 0 && belowThousand(value % 100));
}

/** A day of the month: "twenty-fourth". */
function ordinal(day: number): string {
  return ordinals[day] ?? (day === 30 ? "thirtieth" : `${tens[Math.floor(day / 10)]}-${ordinals[day % 10]}`);
}

/** A year in words: 1905 "nineteen oh five", 2007 "two thousand seven", 2026 "twenty twenty-six". */
function yearWords(year: number): string {
  const [century, rest] = [Math.floor(year / 100), year % 100];
  if (year % 1000 < 10) return englishNumber(year);
  if (rest === 0) return `${belowThousand(century)} hundred`;
  return words(belowThousand(century), rest < 10 && "oh", belowThousand(rest));
}

function counted(value: number, unit: Unit): string {
  return `${englishNumber(value)} ${value === 1 ? unit.one : unit.many}`;
}

function decimal(value: SpokenNumber): string {
  const fraction = value.fraction === "" ? "" : `point ${Array.from(value.fraction, (digit) => small[Number(digit)]).join(" ")}`;
  return words(value.negative && "minus", englishNumber(value.whole), fraction);
}

/** English. @param region ISO 3166-1; decides whether the month or the day is said first */
export function englishSpeaker(region: string): Speaker {
  return {
    number: decimal,
    money(value, currency) {
      const { negative, whole, fraction } = value;
      const cents = Number(fraction);
      const known = englishCurrencies[currency];
      if (!known || (cents > 0 && !known.part)) {
        return words(decimal(cents === 0 ? { ...value, fraction: "" } : value), currencyName("en", currency, cents === 0 ? whole : 2));
      }
      const parts = [(whole > 0 || cents === 0) && counted(whole, known.main), cents > 0 && known.part && counted(cents, known.part)];
      return words(negative && "minus", parts.filter(Boolean).join(" and "));
    },
    date(value: SpokenDate) {
      const [name, month, day] = [days[weekday(value)], months[value.month], ordinal(value.day)];
      return `${name}, ${monthFirst.has(region) ? `${month} ${day}` : `the ${day} of ${month}`}, ${yearWords(value.year)}`;
    },
    time({ hour, minute }: SpokenTime) {
      if (minute === 0 && hour % 12 === 0) return hour === 12 ? "twelve noon" : "midnight";
      const minutes = minute === 0 ? "" : words(minute < 10 && "oh", belowThousand(minute));
      return words(small[hour % 12 === 0 ? 12 : hour % 12], minutes, hour < 12 ? "a.m." : "p.m.");
    },
    telephone: (value) => digitGroups(value, small, "plus"),
    spelled: (characters) => characters.map((character) => marks[character] ?? small[Number(character)] ?? character.toUpperCase()).join(", "),
  };
}
