import type { Fields } from "../template/template.ts";
import { anyLanguage, type ByLanguage, type Script } from "./script.ts";

/** The first part of a language tag: `es` of es-US. */
export function primary(language: string): string {
  return language.split("-")[0] ?? language;
}

/** The language a call begins in: what the contact's column asks for, exactly or by its first part, else the main one. */
export function languageAtStart(script: Script, fields: Fields): string {
  const { languageFrom, languages } = script;
  if (languageFrom === undefined || !Object.hasOwn(fields, languageFrom)) return script.language;
  const wanted = (fields[languageFrom] ?? "").trim().replaceAll("_", "-").toLowerCase();
  const exact = languages.find((language) => language.toLowerCase() === wanted);
  return exact ?? languages.find((language) => primary(language) === primary(wanted)) ?? script.language;
}

/** A language and those that stand in for it, in the order of being tried. */
export function standingIn(script: Script, language: string): readonly string[] {
  const tried = [language];
  for (let other = script.fallback.get(language); other !== undefined && !tried.includes(other); other = script.fallback.get(other))
    tried.push(other);
  return tried;
}

/**
 * What there is of something in a language: itself, what stands in for it, what is there for every language, the main one, or any. A
 * caller hears the wrong language rather than silence; lint sees to it that it does not come to that.
 */
export function spokenIn<T>(script: Script, by: ByLanguage<T>, language: string): { readonly language: string; readonly content: T } | undefined {
  for (const candidate of [...standingIn(script, language), anyLanguage, script.language, ...by.keys()]) {
    const content = by.get(candidate);
    if (content !== undefined) return { language: candidate === anyLanguage ? script.language : candidate, content };
  }
  return undefined;
}
