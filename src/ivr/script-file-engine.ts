import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileTrouble } from "../kernel/file-error.ts";
import { pointerTo } from "../kernel/pointer.ts";
import { type Finding, hasErrors, ordered } from "./finding.ts";
import { link, scriptsNamedBy } from "./link.ts";
import { readScript } from "./read.ts";
import type { Script } from "./script.ts";

/** A script file with the scripts it goes to, which lie beside it as `NAME.yaml`. */
export interface ScriptFile {
  /** As written; empty when the file cannot be opened. */
  readonly source: string;
  /** Put together with the others. There exactly when no finding is an error. */
  readonly script?: Script;
  /** Also those of the others. */
  readonly findings: readonly Finding[];
  /** The texts of the others, by name. */
  readonly others: ReadonlyMap<string, string>;
}

/** Files that are opened beside a script, at most; `link` takes fewer. */
const mostBeside = 50;

/** Never rejects: a file that cannot be opened, or one that is not beside it, is a finding. */
export async function loadScriptFile(path: string): Promise<ScriptFile> {
  let source: string;
  try {
    source = await readFile(path, "utf8");
  } catch (error) {
    const message = `the file cannot be read: ${fileTrouble(error)}`;
    const fix = "Name a script that is there and that you may read.";
    return {
      source: "",
      findings: [{ code: "file-unreadable", severity: "error", file: path, line: 1, column: 1, message, fix }],
      others: new Map(),
    };
  }
  const { script, located, findings } = readScript(source, path);
  if (!script || !located) return { source, findings, others: new Map() };
  const beside = await readBeside(path, script);
  const linked = link(script, beside.scripts);
  const goesTo = (from: string, name: string) => (from === script.name ? script : beside.scripts.get(from))?.steps.get(name);
  const links = linked.faults
    // One that is there and cannot be read has findings of its own.
    .filter(({ script: from, step }) => {
      const going = goesTo(from, step);
      return going?.verb !== "script" || beside.scripts.has(going.script) || !beside.sources.has(going.script);
    })
    // What another one lacks is said of the whole file when it is not this one's own step.
    .map(({ code, step, script: from, message, fix }): Finding => {
      const own = from === script.name;
      const place = own ? located.at(`${pointerTo("/steps", step)}/script`) : located.at("");
      return { code, severity: "error", file: path, ...place, message: own ? message : `${from}: ${message}`, fix };
    });
  const all = ordered([...findings, ...beside.findings, ...links]);
  return { source, findings: all, others: beside.sources, ...(hasErrors(all) ? {} : { script: linked.script }) };
}

/** The scripts that this one goes to, directly or by way of others, as far as they lie beside it. */
async function readBeside(path: string, script: Script) {
  const sources = new Map<string, string>();
  const scripts = new Map<string, Script>();
  const findings: Finding[] = [];
  // Grows while it is walked.
  const named = scriptsNamedBy(script);
  for (const name of named) {
    if (name === script.name || sources.has(name) || sources.size >= mostBeside) continue;
    const file = join(dirname(path), `${name}.yaml`);
    const source = await readFile(file, "utf8").catch(() => undefined);
    if (source === undefined) continue;
    sources.set(name, source);
    const reading = readScript(source, file);
    findings.push(...reading.findings);
    if (!reading.script) continue;
    scripts.set(name, reading.script);
    named.push(...scriptsNamedBy(reading.script));
  }
  return { sources, scripts, findings };
}
