import { availableParallelism } from "node:os";
import { ScriptPool, type ScriptPoolOptions } from "../adapter/reader/script-pool.ts";
import type { AgentDirectory } from "../agent/ports.ts";
import type { Config } from "../config/schema.ts";
import type { ScriptCheckParts } from "../ivr/check-engine.ts";
import type { LintOptions } from "../ivr/lint.ts";
import type { PromptLibrary } from "../ivr/prompt-ports.ts";
import type { ScriptReader } from "../ivr/reader-ports.ts";
import type { ScriptStore } from "../ivr/script-ports.ts";
import { scriptWork } from "../ivr/script-work.ts";
import type { Clock } from "../kernel/clock.ts";
import type { openPrompts } from "./prompts.ts";

/** What scripts are held against on this server before they are published. */
export function openPublishing(
  config: Config,
  store: ScriptStore,
  prompts: ReturnType<typeof openPrompts>,
  reader: ScriptReader,
  directory: Pick<AgentDirectory, "groups">,
  uploaded?: Pick<PromptLibrary, "hold">,
): ScriptCheckParts {
  const lint = lintOptionsOf(config, prompts.languages);
  return { store, prompts: prompts.store, reader, lint, agentGroups: () => groupNames(directory), ...(uploaded && { uploaded }) };
}

const pageSize = 500;

async function groupNames(directory: Pick<AgentDirectory, "groups">): Promise<readonly string[]> {
  const names: string[] = [];
  for (let afterId: string | undefined; ; ) {
    const page = await directory.groups({ limit: pageSize, ...(afterId !== undefined && { afterId }) });
    names.push(...page.map(({ name }) => name));
    if (page.length < pageSize) return names;
    afterId = page.at(-1)?.id;
  }
}

/**
 * Processes of their own for scripts, which may be anybody's: the loop of the calls does not wait for them.
 * @param more where all of them are wanted at once, as when a server begins
 */
export function openScriptPool(clock: Clock, more: Pick<ScriptPoolOptions, "mostWaiting" | "timeoutMs"> = {}): ScriptPool {
  // Most of the processors are for the calls.
  const readers = Math.max(1, Math.floor(availableParallelism() / 4));
  return new ScriptPool({ clock, module: new URL("./script-reader.ts", import.meta.url), readers, ...more });
}

/** The same work where nobody is on the line: a tool of the command line may wait for it, and starts no process. */
export const ownThread: ScriptReader = {
  outline: async (work) => scriptWork.outline(work),
  load: async (work) => scriptWork.load(work),
  check: async (work) => scriptWork.check(work),
  test: async (work) => scriptWork.test(work),
  compare: async (work) => scriptWork.compare(work),
};

/** What lint can know of this server. @param languages what its voices speak, as prefixes; `*` is any */
export function lintOptionsOf({ webhooks, groups }: Config, languages: readonly string[]): Pick<LintOptions, "languages" | "webhooks" | "groups"> {
  return { languages, webhooks: webhooks.map(({ name }) => name), groups: groups.map(({ name }) => name) };
}
