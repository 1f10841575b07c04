import type { PromptRenderer } from "../../ivr/ports.ts";
import { Fault } from "../../kernel/fault.ts";

/**
 * The voice that speaks a language: one that names exactly this tag, else one for the whole language (`es`), else one for the
 * language as it is spoken elsewhere, else one that says it speaks any. Earlier ones go first.
 * @param language BCP 47
 * @throws Fault `voice-missing`
 */
export function voiceFor(voices: readonly PromptRenderer[], language: string): PromptRenderer {
  const wanted = language.toLowerCase();
  const primary = wanted.split("-")[0];
  const ways: ((tag: string) => boolean)[] = [
    (tag) => tag === wanted,
    (tag) => tag === primary,
    (tag) => tag.split("-")[0] === primary,
    (tag) => tag === "*",
  ];
  for (const way of ways) {
    const found = voices.find((voice) => voice.languages.some((tag) => way(tag.toLowerCase())));
    if (found) return found;
  }
  throw new Fault("voice-missing", `no voice speaks ${language}: give one in prompts.voices of the configuration, or record these prompts`, {
    detail: { language },
  });
}
