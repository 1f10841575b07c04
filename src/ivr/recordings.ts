import { everyPromptOf } from "./prompt.ts";
import type { Script } from "./script.ts";

/** The recordings that a script names, in every language, each once. */
export function recordingsOf(script: Script): readonly string[] {
  const prompts = [...script.steps.values()].flatMap(everyPromptOf);
  return [...new Set(prompts.flatMap((prompt) => ("file" in prompt ? [...prompt.file.values()] : [])))];
}
