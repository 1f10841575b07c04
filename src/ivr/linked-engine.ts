import { Fault } from "../kernel/fault.ts";
import { unpack } from "./packed.ts";
import type { ScriptReader } from "./reader-ports.ts";
import type { Script } from "./script.ts";
import type { PinnedVersion, ScriptStore, ScriptVersion } from "./script-ports.ts";
import type { Outline } from "./script-work.ts";

type Known = NonNullable<Outline["known"]>;

/** A script that another one goes to. */
export interface Other extends Known {
  readonly source: string;
}

/** The scripts that a script goes to, directly or by way of others, each in one version. */
export interface Others {
  readonly uses: Readonly<Record<string, PinnedVersion>>;
  readonly read: ReadonlyMap<string, Other>;
}

/** How many are looked up, at most; `link` takes fewer, and says so. */
const mostOthers = 50;

/**
 * The published scripts that a script goes to. What is not published, or cannot be read any more, is left out: `link` says what is missing.
 * @param uses the versions to take of them; those that are current when left out
 */
export async function gatherOthers(store: ScriptStore, reader: ScriptReader, own: Known, uses: ScriptVersion["uses"] | undefined): Promise<Others> {
  const pins: Record<string, PinnedVersion> = {};
  const read = new Map<string, Other>();
  // Grows while it is walked.
  const names = new Set(own.goesTo);
  for (const name of names) {
    const version = name === own.name || read.size >= mostOthers ? undefined : await versionOf(store, name, uses);
    if (!version) continue;
    const { known } = await reader.outline({ file: name, source: version.source });
    if (!known) continue;
    read.set(name, { ...known, source: version.source });
    pins[name] = { id: version.id, version: version.version };
    for (const next of known.goesTo) names.add(next);
  }
  return { uses: pins, read };
}

/** The texts of others, by name. */
export function textsOf(read: Others["read"]): ReadonlyMap<string, string> {
  return new Map([...read].map(([name, { source }]) => [name, source]));
}

async function versionOf(store: ScriptStore, name: string, uses: ScriptVersion["uses"] | undefined): Promise<ScriptVersion | undefined> {
  if (!uses) return store.current(name);
  const pin = Object.hasOwn(uses, name) ? uses[name] : undefined;
  return pin && store.find(pin.id);
}

/**
 * A published version with everything it goes to, as one script: what calls run.
 * @throws Fault `script-unknown`; `script-invalid` when this Carillon cannot read it, or not put it together; those of ScriptReader
 */
export async function loadVersion(store: ScriptStore, reader: ScriptReader, id: string): Promise<Script> {
  const version = await store.find(id);
  if (!version) throw new Fault("script-unknown", `There is no published script version ${id}.`);
  const { name: file, source } = version;
  const { known } = await reader.outline({ file, source });
  const others = known ? textsOf((await gatherOthers(store, reader, known, version.uses)).read) : new Map<string, string>();
  const { script, faults } = await reader.load({ file, source, others });
  if (script) return unpack(script);
  throw new Fault("script-invalid", `Script ${file} version ${version.version} cannot be run:\n${faults.join("\n")}`);
}
