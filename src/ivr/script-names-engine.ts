import { Fault } from "../kernel/fault.ts";
import { nearest } from "../kernel/nearest.ts";
import type { ScriptEntry, ScriptStore } from "./script-ports.ts";

const pageSize = 1000;

/** Every published script, in the order in which they were first published. */
export async function allScripts(store: ScriptStore): Promise<readonly ScriptEntry[]> {
  const all: ScriptEntry[] = [];
  for (;;) {
    const afterId = all.at(-1)?.id;
    const page = await store.entries({ limit: pageSize, ...(afterId !== undefined && { afterId }) });
    all.push(...page);
    if (page.length < pageSize) return all;
  }
}

/** The names of every published script. */
export async function scriptNames(store: ScriptStore): Promise<readonly string[]> {
  return (await allScripts(store)).map(({ name }) => name);
}

/** The fault that an unknown name is: with the one that was probably meant, or those there are. */
export async function unknownScript(store: ScriptStore, name: string): Promise<Fault> {
  const names = await scriptNames(store);
  const guess = nearest(name, names);
  const said = guess ? `did you mean ${guess}?` : names.length === 0 ? "none is published yet." : `published: ${names.slice(0, 20).join(", ")}.`;
  return new Fault("script-unknown", `There is no script ${name}; ${said}`, { detail: { script: name } });
}
