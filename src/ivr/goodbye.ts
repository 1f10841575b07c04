import { primary } from "./language.ts";
import type { PromptRef } from "./ports.ts";

/** In English: what the media server says by itself, when nobody is there to tell it a language. */
export const goodbyeText = "We are sorry, we cannot go on with this call. Goodbye.";

const texts: Readonly<Record<string, string>> = {
  en: goodbyeText,
  es: "Lo sentimos, no podemos continuar con esta llamada. Adiós.",
  fr: "Nous sommes désolés, nous ne pouvons pas poursuivre cet appel. Au revoir.",
  de: "Es tut uns leid, wir können dieses Gespräch nicht fortsetzen. Auf Wiederhören.",
  it: "Siamo spiacenti, non possiamo proseguire questa chiamata. Arrivederci.",
  pt: "Lamentamos, mas não podemos continuar esta chamada. Até logo.",
};

/**
 * Spoken to somebody with whom the machine cannot go on: our server died, or the call took too long. Kept short, because it is
 * played when things are already going wrong.
 */
export function goodbyeIn(language: string): PromptRef {
  const text = Object.hasOwn(texts, primary(language)) ? texts[primary(language)] : undefined;
  return text === undefined ? { say: goodbyeText, language: "en-US" } : { say: text, language };
}
