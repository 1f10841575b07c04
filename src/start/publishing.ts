import type { Config } from "../config/schema.ts";
import type { ScriptCheckParts } from "../ivr/check-engine.ts";
import type { LintOptions } from "../ivr/lint.ts";
import type { ScriptStore } from "../ivr/script-ports.ts";
import type { openPrompts } from "./prompts.ts";

/** What scripts are held against on this server before they are published. */
export function openPublishing(config: Config, store: ScriptStore, prompts: ReturnType<typeof openPrompts>): ScriptCheckParts {
  return { store, prompts: prompts.store, lint: lintOptionsOf(config, prompts.languages) };
}

/** What lint can know of this server. @param languages what its voices speak, as prefixes; `*` is any */
export function lintOptionsOf({ webhooks, groups }: Config, languages: readonly string[]): Pick<LintOptions, "languages" | "webhooks" | "groups"> {
  return { languages, webhooks: webhooks.map(({ name }) => name), groups: groups.map(({ name }) => name) };
}
