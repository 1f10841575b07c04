import { currencyDigits } from "./say-as-currency.ts";
import { englishSpeaker } from "./say-as-english.ts";
import { intlSpeaker } from "./say-as-intl.ts";
import { spanishSpeaker } from "./say-as-spanish.ts";
import type { Speaker } from "./say-as-speaker.ts";
import { readDate, readMoney, readNumber, readSpelled, readTelephone, readTime } from "./say-as-value.ts";

/** What a value can be spoken as. */
export const sayAsKinds = ["number", "money", "date", "time", "telephone", "spelled"] as const;
export type SayAsKind = (typeof sayAsKinds)[number];

export interface SayAsOptions {
  /** ISO 4217, for money; the US dollar when left out. */
  readonly currency?: string;
}

/** What is to be spoken, or what is wrong with the value, as a sentence without its beginning ("is not a date like 2026-11-24"). */
export type SaidAs = { readonly text: string } | { readonly fault: string };

const speakers = new Map<string, Speaker>();

/**
 * A value in words: `sayAs("money", "240.00", "en-US")` is "two hundred forty dollars". English and Spanish come in words, other
 * languages as they write it themselves. Values are read strictly; blanks around them do not count.
 * @param language BCP 47; its region decides what differs by region
 */
export function sayAs(kind: SayAsKind, value: string, language: string, options: SayAsOptions = {}): SaidAs {
  const speaker = speakerOf(language);
  if (!speaker) return { fault: `cannot be spoken in ${language}, which is no language known here` };
  const text = value.trim();
  switch (kind) {
    case "number":
      return said(readNumber(text), speaker.number, "is not a number like 1234.5");
    case "money": {
      const currency = options.currency ?? "USD";
      const digits = currencyDigits(currency);
      if (digits === undefined) return { fault: `cannot be an amount in ${currency}, which is no currency; write three letters such as USD` };
      const amount = readMoney(text, digits);
      return said(amount, (read) => speaker.money(read, currency), `is not an amount in ${currency} like ${digits === 0 ? "240" : "240.50"}`);
    }
    case "date":
      return said(readDate(text), speaker.date, "is not a date like 2026-11-24");
    case "time":
      return said(readTime(text), speaker.time, "is not a time like 14:30");
    case "telephone":
      return said(readTelephone(text), speaker.telephone, "is not a telephone number like +15550100310");
    case "spelled":
      return said(readSpelled(text), speaker.spelled, "is not 1 to 64 letters and digits");
  }
}

function said<T>(value: T | undefined, speak: (value: T) => string, fault: string): SaidAs {
  return value === undefined ? { fault } : { text: speak(value) };
}

/** One for each language, made once: Intl objects are costly. Only what Intl knows gets in, so strangers cannot fill it. */
function speakerOf(language: string): Speaker | undefined {
  const known = speakers.get(language);
  if (known) return known;
  const locale = localeOf(language);
  if (!locale) return undefined;
  const region = locale.region ?? "";
  const speaker =
    locale.language === "en" ? englishSpeaker(region || "US") : locale.language === "es" ? spanishSpeaker(region) : intlSpeaker(locale.baseName);
  if (speakers.size < maxSpeakers) speakers.set(language, speaker);
  return speaker;
}

const maxSpeakers = 200;

function localeOf(language: string): Intl.Locale | undefined {
  try {
    // What Intl does not know it would quietly say in the language of this machine.
    return Intl.NumberFormat.supportedLocalesOf(language).length > 0 ? new Intl.Locale(language) : undefined;
  } catch {
    return undefined;
  }
}
