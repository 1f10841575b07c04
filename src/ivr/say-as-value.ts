import { parsePhoneNumberFromString } from "libphonenumber-js/max";

/** The forms in which a value may be written to be spoken as something. Anything else is refused, never guessed at. */

/** A decimal number as it was written. */
export interface SpokenNumber {
  readonly negative: boolean;
  /** 0 to 999,999,999,999,999, which every number format of JavaScript holds exactly. */
  readonly whole: number;
  /** The digits after the point, as written; "" when there is none. */
  readonly fraction: string;
}

/** A day of the proleptic Gregorian calendar. */
export interface SpokenDate {
  /** 1000 to 9999. */
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

/** A time of day; 24:00 is the end of the day (ISO 8601-1). */
export interface SpokenTime {
  /** 0 to 24. */
  readonly hour: number;
  readonly minute: number;
}

/** A telephone number as people read it out. */
export interface SpokenTelephone {
  /** Begins with the country code, other than +1, which its own country says without "plus". */
  readonly plus: boolean;
  /** Digits that are read in one breath. */
  readonly groups: readonly string[];
}

/** `-1234.5`: a sign, up to 15 digits, a point, up to 6 digits. Commas are refused: what they mean depends on the country. */
export function readNumber(text: string): SpokenNumber | undefined {
  const match = /^([+-]?)(\d{1,15})(?:\.(\d{1,6}))?$/.exec(text);
  if (!match) return undefined;
  const [, sign, whole = "", fraction = ""] = match;
  const zero = /^0*$/.test(whole + fraction);
  return { negative: sign === "-" && !zero, whole: Number(whole), fraction };
}

/**
 * `240.50`: a number with no part smaller than the smallest coin; `240.5` is the same.
 * @param digits how many decimals the currency has (ISO 4217): 2 for the dollar, 0 for the yen
 * @returns the fraction is padded to `digits`
 */
export function readMoney(text: string, digits: number): SpokenNumber | undefined {
  const value = readNumber(text);
  if (!value || !/^0*$/.test(value.fraction.slice(digits))) return undefined;
  return { ...value, fraction: value.fraction.slice(0, digits).padEnd(digits, "0") };
}

/** `2026-11-24`, a day that exists. */
export function readDate(text: string): SpokenDate | undefined {
  const match = /^([1-9]\d{3})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const there = new Date(Date.UTC(year, month - 1, day));
  return there.getUTCMonth() === month - 1 && there.getUTCDate() === day ? { year, month, day } : undefined;
}

/** `14:30`, or `14:30:00` without seconds that count; `00:00` to `24:00`. */
export function readTime(text: string): SpokenTime | undefined {
  const match = /^(\d{2}):(\d{2})(?::00)?$/.exec(text);
  if (!match) return undefined;
  const [hour, minute] = [Number(match[1]), Number(match[2])];
  return minute < 60 && (hour < 24 || (hour === 24 && minute === 0)) ? { hour, minute } : undefined;
}

/**
 * `+15550100310` (grouped as its country groups it), or 3 to 15 digits with blanks, dots, dashes and brackets, which are taken for the
 * groups; without any, ten digits are three, three and four, and others come in threes.
 */
export function readTelephone(text: string): SpokenTelephone | undefined {
  if (!/^\+?[\d().\- ]{3,30}$/.test(text)) return undefined;
  const digits = text.replace(/\D/g, "");
  if (digits.length < 3 || digits.length > 15) return undefined;
  if (text.startsWith("+")) {
    if (digits.length < 7 || digits.startsWith("0")) return undefined;
    const known = parsePhoneNumberFromString(`+${digits}`);
    const written = known?.formatInternational() ?? `+${digits}`;
    return { plus: !digits.startsWith("1"), groups: runs(written).flatMap(inBreaths) };
  }
  return { plus: false, groups: runs(text).flatMap(inBreaths) };
}

/** `AB-12`: 1 to 64 letters, digits and the marks of references and mail addresses. Accents are dropped, but for ñ. */
export function readSpelled(text: string): readonly string[] | undefined {
  if (text === "" || text.length > 64) return undefined;
  const plain = text
    .normalize("NFD")
    .replace(/(?<!n)[\u0300-\u036f]|(?<=n)(?!\u0303)[\u0300-\u036f]/gi, "")
    .normalize("NFC");
  return /^[\p{L}\p{M}0-9\-./_@#+& ]+$/u.test(plain) && /[\p{L}0-9]/u.test(plain) ? Array.from(plain) : undefined;
}

function runs(text: string): readonly string[] {
  return text.match(/\d+/g) ?? [];
}

/** No more than four digits in one breath. */
function inBreaths(digits: string): readonly string[] {
  if (digits.length <= 4) return [digits];
  const head = digits.length % 3 === 1 ? digits.length - 4 : digits.length;
  const threes = digits.slice(0, head).match(/\d{1,3}/g) ?? [];
  return head === digits.length ? threes : [...threes, digits.slice(head)];
}
