import { Fault } from "../kernel/fault.ts";
import { formatFinding } from "./finding.ts";
import { link, scriptsNamedBy } from "./link.ts";
import { readScript } from "./read.ts";
import type { Script } from "./script.ts";
import type { PinnedVersion, ScriptStore, ScriptVersion } from "./script-ports.ts";

/** The scripts that a script goes to, directly or by way of others, each in one version. */
export interface Others {
  readonly uses: Readonly<Record<string, PinnedVersion>>;
  readonly scripts: ReadonlyMap<string, Script>;
}

/** How many are looked up, at most; `link` takes fewer, and says so. */
const mostOthers = 50;

/**
 * The published scripts that a script goes to. What is not published, or cannot be read any more, is left out: `link` says what is missing.
 * @param versionOf the version to take of a name
 */
async function othersOf(script: Script, versionOf: (name: string) => Promise<ScriptVersion | undefined>): Promise<Others> {
  const uses: Record<string, PinnedVersion> = {};
  const scripts = new Map<string, Script>();
  // Grows while it is walked.
  const names = new Set(scriptsNamedBy(script));
  for (const name of names) {
    const version = name === script.name || scripts.size >= mostOthers ? undefined : await versionOf(name);
    const other = version && readScript(version.source, name).script;
    if (!version || !other) continue;
    scripts.set(name, other);
    uses[name] = { id: version.id, version: version.version };
    for (const next of scriptsNamedBy(other)) names.add(next);
  }
  return { uses, scripts };
}

/** The others as they are current now: what publishing pins. */
export function currentOthers(store: ScriptStore, script: Script): Promise<Others> {
  return othersOf(script, (name) => store.current(name));
}

/** The others as they were pinned. */
export function pinnedOthers(store: ScriptStore, script: Script, uses: ScriptVersion["uses"]): Promise<Others> {
  return othersOf(script, async (name) => {
    const pin = Object.hasOwn(uses, name) ? uses[name] : undefined;
    return pin && store.find(pin.id);
  });
}

/**
 * A published version with everything it goes to, as one script: what calls run.
 * @throws Fault `script-unknown`; `script-invalid` when this Carillon cannot read it, or not put it together
 */
export async function loadVersion(store: ScriptStore, id: string): Promise<Script> {
  const version = await store.find(id);
  if (!version) throw new Fault("script-unknown", `There is no published script version ${id}.`);
  const { script, findings } = readScript(version.source, version.name);
  const invalid = (lines: readonly string[]) =>
    new Fault("script-invalid", `Script ${version.name} version ${version.version} cannot be run:\n${lines.join("\n")}`);
  if (!script) throw invalid(findings.map(formatFinding));
  const others = await pinnedOthers(store, script, version.uses);
  const linked = link(script, others.scripts);
  if (linked.faults.length > 0) throw invalid(linked.faults.map(({ script: from, step, message }) => `${from}, step ${step}: ${message}`));
  return linked.script;
}
