import { numberFormat } from "./number-formats.ts";

/** One coin or note in words. */
export interface Unit {
  readonly one: string;
  readonly many: string;
  /** Spanish: una libra, dos libras. */
  readonly feminine?: boolean;
}

/** A currency as people at home call it, with its hundredth part. */
export interface CurrencyWords {
  readonly main: Unit;
  readonly part?: Unit;
}

const unit = (one: string, many: string = `${one}s`, feminine = false): Unit => ({ one, many, feminine });
const cent = unit("cent");
const centavo = unit("centavo");
const centimo = unit("céntimo");

/*
 * What Intl calls "US dollars" and "dólares estadounidenses" is a dollar to somebody who is told what they owe. A currency that
 * is not here is called by its full name from Intl.
 */

export const englishCurrencies: Readonly<Record<string, CurrencyWords>> = {
  USD: { main: unit("dollar"), part: cent },
  CAD: { main: unit("dollar"), part: cent },
  AUD: { main: unit("dollar"), part: cent },
  NZD: { main: unit("dollar"), part: cent },
  EUR: { main: unit("euro"), part: cent },
  GBP: { main: unit("pound"), part: unit("penny", "pence") },
  MXN: { main: unit("peso"), part: unit("centavo") },
  CHF: { main: unit("franc"), part: unit("centime") },
  JPY: { main: unit("yen", "yen") },
  INR: { main: unit("rupee"), part: unit("paisa", "paise") },
};

export const spanishCurrencies: Readonly<Record<string, CurrencyWords>> = {
  USD: { main: unit("dólar", "dólares"), part: centavo },
  CAD: { main: unit("dólar", "dólares"), part: centavo },
  AUD: { main: unit("dólar", "dólares"), part: centavo },
  NZD: { main: unit("dólar", "dólares"), part: centavo },
  EUR: { main: unit("euro"), part: centimo },
  GBP: { main: unit("libra", "libras", true), part: unit("penique") },
  MXN: { main: unit("peso"), part: centavo },
  ARS: { main: unit("peso"), part: centavo },
  COP: { main: unit("peso"), part: centavo },
  CLP: { main: unit("peso") },
  PEN: { main: unit("sol", "soles"), part: centimo },
  CHF: { main: unit("franco"), part: centimo },
  JPY: { main: unit("yen", "yenes") },
};

const known = new Map<string, number | undefined>(Intl.supportedValuesOf("currency").map((code) => [code, undefined]));

/**
 * How many decimals a currency has, or undefined when there is no such currency (ISO 4217, as Intl knows it).
 * @param code three capital letters
 */
export function currencyDigits(code: string): number | undefined {
  if (!known.has(code)) return undefined;
  const digits = known.get(code) ?? new Intl.NumberFormat("en", { style: "currency", currency: code }).resolvedOptions().maximumFractionDigits;
  known.set(code, digits);
  return digits;
}

/** The full name of a currency for an amount: "Polish zlotys". */
export function currencyName(language: string, code: string, amount: number): string {
  const format = numberFormat(language, { style: "currency", currency: code, currencyDisplay: "name", maximumFractionDigits: 0 });
  return format.formatToParts(amount).find((part) => part.type === "currency")?.value ?? code;
}
