import { nearest } from "../kernel/nearest.ts";
import { type Finding, hasErrors, ordered } from "./finding.ts";
import { type LinkFault, link } from "./link.ts";
import { currentOthers, pinnedOthers } from "./linked-engine.ts";
import { type Linted, type LintOptions, lintInTurns } from "./lint.ts";
import type { PromptStore } from "./ports.ts";
import { readScript } from "./read.ts";
import type { Recordings } from "./recording-ports.ts";
import { recordingReports } from "./recordings-engine.ts";
import type { Script } from "./script.ts";
import { scriptNames } from "./script-names-engine.ts";
import type { ScriptStore, ScriptUser, ScriptVersion } from "./script-ports.ts";
import { finish, inTurn } from "./turn-engine.ts";
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
  /** The script with those it goes to, when it has no errors. */
  readonly script: Script | undefined;
  /** The same when a call could run it, whatever else is wrong with it. */
  readonly runnable: Script | undefined;
  readonly uses: ScriptVersion["uses"];
  readonly users: readonly ScriptUser[];
}

/**
 * Everything that is wrong or doubtful in a script, also for the campaigns that follow it and the scripts it goes to. Scripts are checked
 * one after the other, and calls have their turns in between.
 * @throws Fault `overloaded` when too many are waiting
 */
export function checkScript(parts: ScriptCheckParts, request: CheckRequest): Promise<ScriptCheck> {
  return inTurn(parts.store, () => checked(parts, request));
}

async function checked(parts: ScriptCheckParts, { file, source, list, uses: pinned }: CheckRequest): Promise<ScriptCheck> {
  const reading = readScript(source, file);
  const { script: readable, located, findings } = reading;
  if (!readable || !located) return { findings, name: undefined, script: undefined, runnable: undefined, uses: {}, users: [] };
  const users = await parts.store.users(readable.name);
  const followed = users.filter((user) => user.pinned === undefined).map((user) => ({ name: user.list, columns: user.columns }));
  const others = await (pinned ? pinnedOthers(parts.store, readable, pinned) : currentOthers(parts.store, readable));
  const linked = link(readable, others.scripts);
  const recordings = await recordingReports(parts.prompts, linked.script);
  const options = { ...parts.lint, others: others.scripts, recordings };
  const linted = await lintForLists(
    (given) => finish(lintInTurns(reading, source, file, { ...options, ...given })),
    list ? [list, ...followed] : followed,
  );
  const unlinked = await linkFindings(parts.store, readable, others.scripts, linked.faults, located, file);
  const all = ordered([...linted, ...unlinked]);
  const runnable = unlinked.length === 0 ? linked.script : undefined;
  return { findings: all, name: readable.name, script: hasErrors(all) ? undefined : runnable, runnable, uses: others.uses, users };
}

/** Lists named in a finding. */
const mostNamed = 10;

/** What lint finds for any of the lists; what holds for some of them only says for which. */
async function lintForLists(lintWith: (options: LintOptions) => Promise<Linted>, lists: readonly ListColumns[]): Promise<readonly Finding[]> {
  // Lists with the same columns, as most have, are one case.
  const cases = Map.groupBy(
    lists.filter(({ columns }) => columns !== undefined),
    ({ columns }) => JSON.stringify([...(columns ?? [])].sort()),
  );
  if (cases.size === 0) return (await lintWith({})).findings;
  const found = new Map<string, { readonly finding: Finding; readonly cases: (readonly ListColumns[])[] }>();
  for (const alike of cases.values()) {
    for (const finding of (await lintWith({ columns: alike[0]?.columns ?? [] })).findings) {
      const key = JSON.stringify(finding);
      const same = found.get(key) ?? { finding, cases: [] };
      same.cases.push(alike);
      found.set(key, same);
    }
  }
  return [...found.values()].map(({ finding, cases: those }) => {
    const names = [...new Set(those.flat().map(({ name }) => name))];
    const told = names.length > mostNamed ? [...names.slice(0, mostNamed), "…"] : names;
    return those.length === cases.size ? finding : { ...finding, message: `${finding.message} (list ${told.join(", ")})` };
  });
}

/** Why it cannot be put together with the scripts it goes to; what another one lacks is said where that one is named. */
async function linkFindings(
  store: ScriptStore,
  own: Script,
  others: ReadonlyMap<string, Script>,
  faults: readonly LinkFault[],
  located: Located,
  file: string,
): Promise<readonly Finding[]> {
  const names = faults.length === 0 ? [] : await scriptNames(store);
  return faults.map(({ code, script, step: name, message, fix }): Finding => {
    const step = (script === own.name ? own : others.get(script))?.steps.get(name);
    const guess = code === "script-unknown" && step?.verb === "script" ? nearest(step.script, names) : undefined;
    return {
      code: code === "script-unknown" ? "script-unpublished" : code,
      severity: "error",
      file,
      ...located.at(script === own.name ? `${pointerTo("/steps", name)}/script` : ""),
      message: script === own.name ? message : `${script} goes on, and ${message}`,
      fix: guess === undefined ? fix : `Did you mean ${guess}? ${fix}`,
    };
  });
}
