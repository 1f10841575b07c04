import { Fault } from "../kernel/fault.ts";
import { formatFinding } from "./finding.ts";
import { link, scriptsNamedBy } from "./link.ts";
import { readScript } from "./read.ts";
import type { Script } from "./script.ts";
import type { PinnedVersion, ScriptStore, ScriptVersion } from "./script-ports.ts";

/** A script as far as it matters to those that go to it. */
interface Named {
  /** The scripts it names. */
  readonly goesTo: readonly string[];
}

/** The scripts that a script goes to, directly or by way of others, each in one version. */
export interface Others<Read> {
  readonly uses: Readonly<Record<string, PinnedVersion>>;
  readonly read: ReadonlyMap<string, Read>;
}

/** How many are looked up, at most; `link` takes fewer, and says so. */
const mostOthers = 50;

/**
 * The published scripts that a script goes to. What is not published, or cannot be read any more, is left out: `link` says what is missing.
 * @param uses the versions to take of them; those that are current when left out
 * @param readVersion undefined for one that cannot be read
 */
export async function gatherOthers<Read extends Named>(
  store: ScriptStore,
  own: Named & { readonly name: string },
  uses: ScriptVersion["uses"] | undefined,
  readVersion: (version: ScriptVersion) => Promise<Read | undefined>,
): Promise<Others<Read>> {
  const pins: Record<string, PinnedVersion> = {};
  const read = new Map<string, Read>();
  // Grows while it is walked.
  const names = new Set(own.goesTo);
  for (const name of names) {
    const version = name === own.name || read.size >= mostOthers ? undefined : await versionOf(store, name, uses);
    const other = version && (await readVersion(version));
    if (!version || !other) continue;
    read.set(name, other);
    pins[name] = { id: version.id, version: version.version };
    for (const next of other.goesTo) names.add(next);
  }
  return { uses: pins, read };
}

async function versionOf(store: ScriptStore, name: string, uses: ScriptVersion["uses"] | undefined): Promise<ScriptVersion | undefined> {
  if (!uses) return store.current(name);
  const pin = Object.hasOwn(uses, name) ? uses[name] : undefined;
  return pin && store.find(pin.id);
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
  const named = { name: script.name, goesTo: scriptsNamedBy(script) };
  const others = await gatherOthers(store, named, version.uses, async ({ source, name }) => {
    const other = readScript(source, name).script;
    return other && { script: other, goesTo: scriptsNamedBy(other) };
  });
  const linked = link(script, new Map([...others.read].map(([name, other]) => [name, other.script])));
  if (linked.faults.length > 0) throw invalid(linked.faults.map(({ script: from, step, message }) => `${from}, step ${step}: ${message}`));
  return linked.script;
}
