import { Fault } from "../kernel/fault.ts";
import { Kept } from "./kept.ts";
import type { Locale } from "./locale.ts";

/*
 * Money, numbers and dates in the contact's own way of writing. A value that is none is a fault, never a guess: whoever renders holds the contact back.
 */

export const dateStyles = ["short", "medium", "long", "full"] as const;
type DateStyle = (typeof dateStyles)[number];

const currencies = new Set(Intl.supportedValuesOf("currency"));
const numberForm = /^([+-]?)(\d{1,15})(?:\.(\d{1,6}))?$/;
const dayForm = /^([1-9]\d{3})-(\d{2})-(\d{2})$/;
/** RFC 3339 §5.6; with a zone, or it would not be a moment. */
const momentForm = /^([1-9]\d{3}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2})(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

const numbers = new Kept<Intl.NumberFormat>();
const dates = new Kept<Intl.DateTimeFormat>();

/** Intl puts blanks that do not break before units: GSM 03.38 has none, and they would double the price of an SMS. */
function plainBlanks(text: string): string {
  return text.replace(/[\u00a0\u202f\u2009]/g, " ");
}

function notOne(value: string, what: string, form: string): Fault {
  return new Fault("template-value", `“${value.slice(0, 40)}” is not ${what}; it has to be written as ${form}`);
}

/** Whether there is such a currency (ISO 4217): three capital letters. */
export function isCurrency(code: string): boolean {
  return currencies.has(code);
}

/** `1234.5` for USD in en-US: `$1,234.50`. Nothing smaller than the smallest coin. @throws Fault `template-value` */
export function money(value: string, currency: string, { language }: Locale): string {
  const code = currency.trim();
  if (!isCurrency(code)) throw notOne(currency, "a currency", "three capital letters, such as USD");
  const format = numbers.get(`${language} ${code}`, () => new Intl.NumberFormat(language, { style: "currency", currency: code }));
  const text = value.trim();
  const match = numberForm.exec(text);
  const decimals = format.resolvedOptions().maximumFractionDigits ?? 0;
  if (!match || !/^0*$/.test((match[3] ?? "").slice(decimals))) throw notOne(value, `an amount in ${code}`, `digits with a point, such as 1234.50`);
  return plainBlanks(format.format(text.replace(/^\+/, "") as Intl.StringNumericLiteral));
}

/** `1234.5` in de-DE: `1.234,5`. @throws Fault `template-value` */
export function localNumber(value: string, { language }: Locale): string {
  const text = value.trim();
  if (!numberForm.test(text)) throw notOne(value, "a number", "digits with a point, such as 1234.5");
  const format = numbers.get(`${language}`, () => new Intl.NumberFormat(language, { maximumFractionDigits: 6 }));
  return plainBlanks(format.format(text.replace(/^\+/, "") as Intl.StringNumericLiteral));
}

/** The day, epoch ms at its beginning in UTC; undefined for a day that is none. */
function dayOf(text: string): number | undefined {
  const [, year, month, day] = dayForm.exec(text) ?? [];
  const at = Date.UTC(Number(year), Number(month) - 1, Number(day));
  return new Date(at).getUTCMonth() === Number(month) - 1 && new Date(at).getUTCDate() === Number(day) ? at : undefined;
}

/**
 * `2026-11-24` in en-US, long: `November 24, 2026`. Of a moment (`2026-11-24T15:00:00Z`) the day that it is on the contact's clock.
 * @throws Fault `template-value`
 */
export function localDate(value: string, style: string, { language, timeZone }: Locale): string {
  const dateStyle = styleOf(style);
  const text = value.trim();
  const moment = momentForm.exec(text);
  const at = moment ? momentOf(text, moment[1] ?? "") : dayOf(text);
  if (at === undefined || Number.isNaN(at)) throw notOne(value, "a date", "2026-11-24, or 2026-11-24T15:00:00Z");
  const zone = moment ? timeZone : "UTC";
  return plainBlanks(
    dates.get(`${language} ${dateStyle} ${zone}`, () => new Intl.DateTimeFormat(language, { dateStyle, timeZone: zone })).format(at),
  );
}

/** Of a moment, the time of day on the contact's clock; in en-US `3:00 PM`. @throws Fault `template-value` */
export function localTime(value: string, { language, timeZone }: Locale): string {
  const text = value.trim();
  const moment = momentForm.exec(text);
  const at = moment ? momentOf(text, moment[1] ?? "") : undefined;
  if (at === undefined || Number.isNaN(at)) throw notOne(value, "a moment", "2026-11-24T15:00:00Z");
  return plainBlanks(dates.get(`${language} time ${timeZone}`, () => new Intl.DateTimeFormat(language, { timeStyle: "short", timeZone })).format(at));
}

function momentOf(text: string, day: string): number | undefined {
  return dayOf(day) === undefined ? undefined : Date.parse(text.replace(" ", "T").toUpperCase());
}

function styleOf(style: string): DateStyle {
  const found = dateStyles.find((known) => known === style);
  if (found === undefined) throw notOne(style, "a way to write a date", dateStyles.join(", "));
  return found;
}

const literal = /^(?:"([^"]*)"|'([^']*)')$/;

/**
 * What is wrong with a filter as it is written, as the end of a sentence; undefined when nothing is.
 * @param args as they stand in the template: literals in their quotes, or names of fields
 */
export function filterFault(name: string, args: readonly string[]): string | undefined {
  const [first = ""] = args;
  const [, double, singleQuoted] = literal.exec(first) ?? [];
  const written = double ?? singleQuoted;
  if (name === "money") {
    if (args.length !== 1) return 'money wants a currency: write {amount | money: "USD"}';
    if (written !== undefined && !isCurrency(written)) return `“${written}” is not a currency; write three capital letters, such as USD`;
  }
  if (name === "date") {
    if (args.length > 1) return 'date wants one style at most: write {due_date | date: "long"}';
    if (written !== undefined && !dateStyles.some((style) => style === written))
      return `date has no style “${written}”; use ${dateStyles.join(", ")}`;
  }
  if ((name === "number" || name === "time") && args.length > 0) return `${name} takes nothing behind it: write {field | ${name}}`;
  return undefined;
}
