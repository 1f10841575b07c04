import { Kept } from "./kept.ts";

type Fields = Readonly<Record<string, string>>;

/** Where money and dates are written for: a language as Intl knows it, and a zone for moments. */
export interface Locale {
  readonly language: string;
  /** IANA. */
  readonly timeZone: string;
}

const fallbackLanguage = "en-US";
const languages = new Kept<string | undefined>();
const zones = new Kept<string | undefined>();
const placedLanguages = new Kept<string>();

/** A language tag (BCP 47) in its usual form, if Intl can write in it; `es_us` is read as es-US. */
export function knownLanguage(tag: string): string | undefined {
  const written = tag.trim().replaceAll("_", "-");
  if (written === "" || written.length > 35) return undefined;
  return languages.get(written, () => {
    try {
      return Intl.DateTimeFormat.supportedLocalesOf(written)[0];
    } catch {
      return undefined;
    }
  });
}

function knownZone(zone: string | undefined): string | undefined {
  if (zone === undefined || !/^[A-Za-z0-9_+/-]{1,50}$/.test(zone)) return undefined;
  return zones.get(zone, () => {
    try {
      return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
    } catch {
      return undefined;
    }
  });
}

function fieldOf(fields: Fields, name: string): string | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/**
 * How to write for a contact: by the field `locale`, else `language`, else as the template says. A bare language takes the country from the template: for `es` in one of
 * en-US it is es-US, where money is written as people there write it. Moments are told on the contact's own clock (`time_zone`), else in UTC.
 */
export function localeOf(fields: Fields, language = fallbackLanguage): Locale {
  const own = ["locale", "language"].map((name) => knownLanguage(fieldOf(fields, name) ?? "")).find((found) => found !== undefined);
  const timeZone = knownZone(fieldOf(fields, "time_zone")) ?? "UTC";
  return { language: own === undefined ? language : placedLanguages.get(`${own} ${language}`, () => placed(own, language)), timeZone };
}

function placed(own: string, language: string): string {
  const { region } = new Intl.Locale(language);
  return region === undefined || own.includes("-") ? own : `${own}-${region}`;
}
