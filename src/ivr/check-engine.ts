import { setImmediate } from "node:timers/promises";
import { nearest } from "../kernel/nearest.ts";
import { type Finding, hasErrors, ordered } from "./finding.ts";
import { type LintOptions, lint } from "./lint.ts";
import type { PromptStore } from "./ports.ts";
import { readScript } from "./read.ts";
import type { Recordings } from "./recording-ports.ts";
import type { Script } from "./script.ts";
import { scriptNames } from "./script-names-engine.ts";
import type { PinnedVersion, ScriptStore, ScriptUser, ScriptVersion } from "./script-ports.ts";
import { type Located, pointerTo } from "./yaml.ts";

/** What a script is held against on a server. */
export interface ScriptCheckParts {
  readonly store: ScriptStore;
  readonly prompts: PromptStore & Recordings;
  /** What the configuration knows; the columns come from the lists. */
  readonly lint: LintOptions;
}

export interface CheckRequest {
  /** For messages. */
  readonly file: string;
  readonly source: string;
  readonly list?: ListColumns;
  /** The versions of others that it goes to; those that are current when left out. */
  readonly uses?: ScriptVersion["uses"];
}

export interface ListColumns {
  readonly name: string;
  /** Undefined when they are not known: then nothing is held against them. */
  readonly columns: readonly string[] | undefined;
}

export interface ScriptCheck {
  /** In reading order. */
  readonly findings: readonly Finding[];
  readonly name: string | undefined;
  /** The script when it has no errors. */
  readonly script: Script | undefined;
  /** The script when it can be read at all. */
  readonly readable: Script | undefined;
  readonly uses: ScriptVersion["uses"];
  readonly users: readonly ScriptUser[];
}

/** Everything that is wrong or doubtful in a script, also for the campaigns that follow it and the scripts it goes to. */
export async function checkScript(parts: ScriptCheckParts, { file, source, list, uses: pinned }: CheckRequest): Promise<ScriptCheck> {
  const { script: readable, located, findings } = readScript(source, file);
  if (!readable || !located) return { findings, name: undefined, script: undefined, readable: undefined, uses: {}, users: [] };
  const users = await parts.store.users(readable.name);
  const followed = users.filter((user) => user.pinned === undefined).map((user) => ({ name: user.list, columns: user.columns }));
  const linted = await lintForLists(source, file, parts.lint, list ? [list, ...followed] : followed);
  const links = pinned ? { uses: pinned, findings: [] } : await pin(parts.store, readable, located, file);
  const all = ordered([...linted, ...links.findings]);
  return { findings: all, name: readable.name, script: hasErrors(all) ? undefined : readable, readable, uses: links.uses, users };
}

/** What lint finds for any of the lists; what holds for some of them only says for which. */
async function lintForLists(source: string, file: string, options: LintOptions, lists: readonly ListColumns[]): Promise<readonly Finding[]> {
  // Lists with the same columns, as most have, are one case.
  const cases = Map.groupBy(
    lists.filter(({ columns }) => columns !== undefined),
    ({ columns }) => JSON.stringify([...(columns ?? [])].sort()),
  );
  if (cases.size === 0) return lint(source, file, options).findings;
  const found = new Map<string, { readonly finding: Finding; readonly cases: (readonly ListColumns[])[] }>();
  for (const alike of cases.values()) {
    // A long script is some work, and others have their turn in between.
    await setImmediate();
    for (const finding of lint(source, file, { ...options, columns: alike[0]?.columns ?? [] }).findings) {
      const key = JSON.stringify(finding);
      const same = found.get(key) ?? { finding, cases: [] };
      same.cases.push(alike);
      found.set(key, same);
    }
  }
  return [...found.values()].map(({ finding, cases: those }) => {
    const names = [...new Set(those.flat().map(({ name }) => name))];
    return those.length === cases.size ? finding : { ...finding, message: `${finding.message} (list ${names.join(", ")})` };
  });
}

/** The current versions of the scripts that a script goes to; one that has none is a finding. */
async function pin(store: ScriptStore, script: Script, located: Located, file: string) {
  const uses: Record<string, PinnedVersion> = {};
  const findings: Finding[] = [];
  for (const [name, step] of script.steps) {
    if (step.verb !== "script") continue;
    const current = await store.current(step.script);
    if (current) {
      uses[step.script] = { id: current.id, version: current.version };
      continue;
    }
    const guess = nearest(step.script, await scriptNames(store));
    const place = located.at(`${pointerTo("/steps", name)}/script`);
    const fix = guess === undefined ? `Publish ${step.script} first.` : `Did you mean ${guess}? Otherwise publish ${step.script} first.`;
    findings.push({ code: "script-unpublished", severity: "error", file, ...place, message: `there is no published script ${step.script}`, fix });
  }
  return { uses, findings };
}
